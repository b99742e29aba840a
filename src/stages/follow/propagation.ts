import type { EdgeEnd } from '../../domain/edge.ts';
import { isEnd, isProxySpan, namesOf } from '../../domain/span-workload.ts';
import type { Propagation, Span, Trace } from '../../domain/trace.ts';

/** With fewer traces a share tells nothing. */
const leastTraces = 20;
/** Shares of the outbound traces that hold the inbound half too: below the first the headers are dropped, from the second on handed on. */
const drops = 0.05;
const handsOn = 0.9;
/** Where one side is kept so much more often than the other, its halves are missing for another reason: other calls, or sampling. */
const mostUneven = 10;
const mostNamed = 10;

const requestId = 'guid:x-request-id';

/** What Istio's proxies read (istio.io, "Distributed Tracing Overview", trace context propagation). */
const headers = {
  b3: ['x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags', 'x-ot-span-context'],
  w3c: ['traceparent', 'tracestate'],
} as const;

/** One trace as the service sees it. */
type Seen = { readonly trace: Trace; readonly servers: readonly Span[]; readonly clients: readonly Span[] };

const seenBy = (trace: Trace, end: EdgeEnd): Seen => {
  const own = trace.spans.filter((span) => (span.kind === 'server' || span.kind === 'client') && isEnd(namesOf(span), end));
  return {
    trace,
    servers: own.filter(({ kind }) => kind === 'server'),
    clients: own.filter(({ kind }) => kind === 'client'),
  };
};

/**
 * How a proxy began the trace: Envoy's Zipkin tracer gives a new trace the id of its first span as its lower half, and shares ids between
 * the halves of a call (envoyproxy.io, "Zipkin tracer"); its OpenTelemetry tracer draws both ids by themselves.
 */
const begunBy = ({ id, spans }: Trace): keyof typeof headers | null => {
  if (id.startsWith('0'.repeat(16)) || spans.some((span) => span.id.endsWith('/server'))) return 'b3';
  const root = spans.find(({ parent, isOrphan }) => parent === null && !isOrphan);
  if (root === undefined || !isProxySpan(root)) return null;
  return root.id === id.slice(16) ? 'b3' : 'w3c';
};

const headersOf = (traces: readonly Trace[]): readonly string[] => {
  const begun = new Set(traces.map(begunBy));
  const kinds = (['b3', 'w3c'] as const).filter((kind) => begun.has(kind));
  return ['x-request-id', ...(kinds.length === 1 ? kinds : (['b3', 'w3c'] as const)).flatMap((kind) => headers[kind])];
};

const requestIds = (spans: readonly Span[]): readonly string[] => spans.flatMap(({ attributes }) => attributes[requestId] ?? []);

/** Outbound traces whose requests came in by another trace: only the proxies' own id was handed on. */
const halvesOf = (inbound: readonly Seen[], outbound: readonly Seen[]): number => {
  const came = new Set(inbound.flatMap(({ servers }) => requestIds(servers)));
  return outbound.filter(({ servers, clients }) => servers.length === 0 && requestIds(clients).some((id) => came.has(id))).length;
};

const brokenCalls = (outbound: readonly Seen[]): Propagation['broken'] => {
  const calls = new Map<string, { traces: number; of: number }>();
  for (const { servers, clients } of outbound)
    for (const operation of new Set(clients.map((span) => span.operation))) {
      const { traces, of } = calls.get(operation) ?? { traces: 0, of: 0 };
      calls.set(operation, { traces: traces + (servers.length === 0 ? 1 : 0), of: of + 1 });
    }
  return [...calls]
    .map(([operation, counts]) => ({ operation, ...counts }))
    .filter(({ traces }) => traces > 0)
    .sort((a, b) => b.traces - a.traces || (a.operation < b.operation ? -1 : 1))
    .slice(0, mostNamed);
};

const verdictOf = (inbound: number, outbound: number, both: number): Pick<Propagation, 'verdict' | 'doubt'> => {
  const doubt = (why: Propagation['doubt']) => ({ verdict: 'cannot tell', doubt: why }) as const;
  if (inbound + outbound - both < leastTraces) return doubt('few traces');
  if (outbound === 0) return doubt('calls nobody');
  if (inbound === 0) return doubt('is not called');
  if (outbound < leastTraces) return doubt('few traces');
  const share = both / outbound;
  if (share >= handsOn) return { verdict: 'hands on', doubt: null };
  if (inbound < leastTraces) return doubt('few traces');
  if (Math.max(inbound, outbound) > mostUneven * Math.min(inbound, outbound)) return doubt('uneven');
  return { verdict: share < drops ? 'drops' : 'some paths', doubt: null };
};

/**
 * Whether this service hands the headers of a trace on: of the traces that it makes calls in, how many hold the call that it got. Calls that
 * it makes of itself (timers, queues) look like dropped headers; `halves` proves those that were.
 */
export const propagationOf = (traces: readonly Trace[], service: EdgeEnd): Propagation => {
  const seen = traces.map((trace) => seenBy(trace, service));
  const inbound = seen.filter(({ servers }) => servers.length > 0);
  const outbound = seen.filter(({ clients }) => clients.length > 0);
  const both = outbound.filter(({ servers }) => servers.length > 0).length;
  return {
    ...verdictOf(inbound.length, outbound.length, both),
    inbound: inbound.length,
    outbound: outbound.length,
    both,
    halves: halvesOf(inbound, outbound),
    broken: brokenCalls(outbound),
    headers: headersOf([...new Set([...inbound, ...outbound])].map(({ trace }) => trace)),
  };
};
