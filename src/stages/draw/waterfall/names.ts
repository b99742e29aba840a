import type { Span, Trace } from '../../../domain/trace.ts';

/** What a row is called: whose time it is, and what was asked of it. */
export type Name = { readonly service: string; readonly operation: string };

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

/** What is no letter would be measured, and not drawn. */
const plain = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\P{C}\u200c\u200d]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

const first = (attributes: Span['attributes'], keys: readonly string[]): string =>
  keys.map((key) => attributes[key] ?? '').find((value) => value !== '') ?? '';

/** "/reviews/0" of an address or a path, without its query. */
const pathOf = (address: string): string => {
  const path = address.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  return path === '' && address !== '' ? '/' : path;
};

/**
 * Istio names a span by its route: "reviews.bookinfo.svc.cluster.local:9080/*" (istio.io, "Distributed Tracing FAQ"). The method and
 * path of the request say more, and the host is the service's name again.
 */
const routed = /^[a-z0-9.-]+:\d+\/\S*$/i;

const operationOf = ({ operation, attributes, service }: Span): string => {
  if (routed.test(operation)) {
    const method = first(attributes, ['http.request.method', 'http.method']);
    const path = pathOf(first(attributes, ['http.route', 'url.path', 'http.target', 'url.full', 'http.url']));
    return path === '' ? method : `${method} ${path}`.trim();
  }
  return operation === service ? '' : operation;
};

/** Names a call: by its callee's own span where there is one, else by whom it waits for. */
export const nameOf = (trace: Trace, outer: number, inner: number | null, namespace: string): Name => {
  const span = trace.spans[inner ?? outer];
  if (span === undefined) return { service: 'unknown', operation: '' };
  const short = (name: string): string =>
    plain(namespace !== '' && name.endsWith(namespace) ? name.slice(0, -namespace.length) : name);
  const waitsFor = inner === null && (span.kind === 'client' || span.kind === 'producer') ? span.peer : null;
  return { service: waitsFor === null ? short(span.service) : `→ ${short(waitsFor)}`, operation: plain(operationOf(span)) };
};

/** "1 span", "47 spans". */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
