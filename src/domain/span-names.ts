import type { Edge } from './edge.ts';
import { isProxySpan, workloadOf } from './span-workload.ts';
import type { Span, Trace } from './trace.ts';
import { middleCut } from './words.ts';

/** Names of services without their namespaces, where those are known for such; two that would then be alike keep them. */
export const shortNames = ({ spans }: Trace, edge: Edge | null): ((service: string) => string) => {
  const namespaces = new Set([edge?.source.namespace, edge?.destination.namespace]);
  const services = new Set<string>();
  for (const span of spans) {
    namespaces.add(workloadOf(span).namespace);
    services.add(span.service);
    if (span.peer !== null) services.add(span.peer);
  }
  const bare = (service: string): string => {
    const dot = service.indexOf('.');
    return dot > 0 && namespaces.has(service.slice(dot + 1)) ? service.slice(0, dot) : service;
  };
  const whose = new Map<string, Set<string>>();
  for (const service of services) {
    if (bare(service) === service) continue;
    whose.set(bare(service), (whose.get(bare(service)) ?? new Set()).add(service));
  }
  return (service) => ((whose.get(bare(service))?.size ?? 0) > 1 ? service : bare(service));
};

const namespaceIn = (service: string): string => /^[^.]+(\.[^.]+)$/.exec(service)?.[1] ?? '';

/** ".bookinfo": the namespace of most services, which does not tell them apart; "" where a name without it would be another's. */
export const commonNamespace = ({ spans }: Trace): string => {
  const services = new Set(spans.map(({ service }) => service));
  const counts = new Map<string, number>();
  for (const namespace of [...services].map(namespaceIn).filter((one) => one !== ''))
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const [most] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (most === undefined || most[1] < 2) return '';
  const clashes = [...services].some((service) => services.has(`${service}${most[0]}`));
  return clashes ? '' : most[0];
};

/** First of these attributes that says something. */
const first = (attributes: Span['attributes'], ...keys: readonly string[]): string =>
  keys.map((key) => attributes[key] ?? '').find((value) => value !== '') ?? '';

const methodOf = ({ attributes }: Span): string => first(attributes, 'http.request.method', 'http.method');

/** "/reviews/0" of an address or a path, without its query. */
const pathOf = (address: string): string => {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path === '' && address !== '' ? '/' : path;
};

const addresses = ['url.path', 'http.target', 'http.url', 'url.full'] as const;

/**
 * What was asked, as a sentence says it. A proxy calls its spans after where they go ("reviews.bookinfo.svc.cluster.local:9080/*",
 * "ingress"), and has the question among its attributes; of several calls that differ in it, what they have in common.
 */
export const asked = (span: Span, isOnly: boolean): string => {
  if (!isProxySpan(span)) return span.operation;
  const { attributes, operation } = span;
  const [method, path] = [methodOf(span), pathOf(first(attributes, ...addresses))];
  if (method !== '' && path !== '' && isOnly) return `${method} ${path}`;
  const behindHost = /^[^/\s]+\.svc\.[^/\s]+(\/.*)$/.exec(operation)?.[1];
  return behindHost === undefined ? operation : [method, behindHost].filter(Boolean).join(' ');
};

/**
 * Istio names a span by its route: "reviews.bookinfo.svc.cluster.local:9080/*" (istio.io, "Distributed Tracing FAQ"). The method and
 * path of the request say more, and the host is the service's name again.
 */
const routed = /^[a-z0-9.-]+:\d+\/\S*$/i;

/** What was asked, as a row of a picture says it beside the service: empty where it is no more than that. */
export const operationOf = (span: Span): string => {
  const { operation, attributes, service } = span;
  if (!routed.test(operation)) return operation === service ? '' : operation;
  const [method, path] = [methodOf(span), pathOf(first(attributes, 'http.route', ...addresses))];
  return path === '' ? method : `${method} ${path}`.trim();
};

/** How names are written: short, and cut to so many letters. */
export type Voice = { readonly name: (service: string) => string; readonly operation: (text: string) => string };

/** On one line, cut in its middle. */
const cut = (text: string, letters: number): string => middleCut(text.replace(/\s+/g, ' ').trim(), letters);

export const voiceOf = (short: (service: string) => string, letters: number): Voice => ({
  name: (service) => cut(short(service), Math.round(letters * 0.7)),
  operation: (text) => cut(text, letters),
});

/** "payments'", "ratings'", "cart's" */
export const possessive = (name: string): string => `${name}${name.endsWith('s') ? "'" : "'s"}`;
