import type { Edge } from '../../domain/edge.ts';
import { isProxySpan, workloadOf } from '../../domain/span-workload.ts';
import type { Span, Trace } from '../../domain/trace.ts';

/** On one line, cut in its middle: both ends tell names apart. */
const cut = (text: string, letters: number): string => {
  const all = [...text.replace(/\s+/g, ' ').trim()];
  const half = Math.floor((letters - 1) / 2);
  return all.length <= letters ? all.join('') : `${all.slice(0, half).join('')}…${all.slice(all.length - half).join('')}`;
};

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

const pathOf = (address: string): string => address.replace(/^[a-z]+:\/\/[^/?#]*/i, '').replace(/[?#].*$/, '') || '/';

/**
 * What was asked. A proxy calls its spans after where they go ("reviews.bookinfo.svc.cluster.local:9080/*", "ingress"), and has the question
 * among its attributes; of several calls that differ in it, what they have in common.
 */
export const asked = (span: Span, isOnly: boolean): string => {
  if (!isProxySpan(span)) return span.operation;
  const { attributes, operation } = span;
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  const address = attributes['url.path'] ?? attributes['http.target'] ?? attributes['http.url'] ?? attributes['url.full'];
  if (method !== undefined && address !== undefined && isOnly) return `${method} ${pathOf(address)}`;
  const behindHost = /^[^/\s]+\.svc\.[^/\s]+(\/.*)$/.exec(operation)?.[1];
  return behindHost === undefined ? operation : [method, behindHost].filter(Boolean).join(' ');
};

/** How names are written: short, and cut to so many letters. */
export type Voice = { readonly name: (service: string) => string; readonly operation: (text: string) => string };

export const voiceOf = (short: (service: string) => string, letters: number): Voice => ({
  name: (service) => cut(short(service), Math.round(letters * 0.7)),
  operation: (text) => cut(text, letters),
});

/** "payments'", "ratings'", "cart's" */
export const possessive = (name: string): string => `${name}${name.endsWith('s') ? "'" : "'s"}`;
