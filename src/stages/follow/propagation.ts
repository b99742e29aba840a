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

/** Where the trace that a span goes on with is from, as far as it tells of the service's headers. */
type Context =
  /** From a request or a message that the service got, or from somebody else above. */
  | 'handed on'
  /** A call of the service began it: what dropped headers look like, and calls of a timer. */
  | 'begun'
  /** Work of the service that nobody asked for began it: a timer, a job. */
  | 'own work'
  /** A parent is named that is not there: somebody did hand headers on, and nobody tells who. */
  | 'lost';

const contextsIn = ({ spans }: Trace, isOwn: readonly boolean[]): readonly Context[] => {
  const contexts: Context[] = [];
  // A parent stands before its children.
  for (const [place, { kind, parent, isOrphan }] of spans.entries()) {
    const isAsked = kind === 'server' || kind === 'consumer';
    if (isOwn[place] && isAsked) contexts.push('handed on');
    else if (isOrphan) contexts.push('lost');
    else if (parent !== null) contexts.push(contexts[parent] ?? 'lost');
    else contexts.push(!isOwn[place] ? 'handed on' : kind === 'client' ? 'begun' : 'own work');
  }
  return contexts;
};

type Call = { readonly span: Span; readonly context: Context };

/** One trace as the service sees it. */
type Seen = { readonly trace: Trace; readonly servers: readonly Span[]; readonly calls: readonly Call[] };

const seenBy = (trace: Trace, end: EdgeEnd): Seen => {
  const isOwn = trace.spans.map((span) => isEnd(namesOf(span), end));
  const contexts = contextsIn(trace, isOwn);
  return {
    trace,
    servers: trace.spans.filter(({ kind }, place) => kind === 'server' && isOwn[place]),
    calls: trace.spans.flatMap((span, place) =>
      span.kind === 'client' && isOwn[place] ? [{ span, context: contexts[place] ?? 'lost' }] : [],
    ),
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

/** A trace that the service makes calls in, and how it came to it. */
type Outbound = Seen & { readonly isBroken: boolean; readonly isHalf: boolean };

/**
 * Traces that tell of the headers: those that go on with what the service got, and those that its calls began. A half, whose request came in
 * by another trace (only the proxies' own id was handed on), proves it however it began.
 */
const outboundOf = (seen: readonly Seen[]): readonly Outbound[] => {
  const came = new Set(seen.flatMap(({ servers }) => requestIds(servers)));
  return seen.flatMap((one) => {
    const isHandedOn = one.calls.some(({ context }) => context === 'handed on');
    const isHalf = !isHandedOn && requestIds(one.calls.map(({ span }) => span)).some((id) => came.has(id));
    const isBegun = one.calls.some(({ context }) => context === 'begun');
    return isHandedOn || isHalf || isBegun ? [{ ...one, isBroken: !isHandedOn, isHalf }] : [];
  });
};

const brokenCalls = (outbound: readonly Outbound[]): Propagation['broken'] => {
  const counts = new Map<string, { traces: number; of: number }>();
  for (const { isBroken, calls } of outbound)
    for (const operation of new Set(calls.map(({ span }) => span.operation))) {
      const { traces, of } = counts.get(operation) ?? { traces: 0, of: 0 };
      counts.set(operation, { traces: traces + (isBroken ? 1 : 0), of: of + 1 });
    }
  return [...counts]
    .map(([operation, counted]) => ({ operation, ...counted }))
    .filter(({ traces }) => traces > 0)
    .sort((a, b) => b.traces - a.traces || (a.operation < b.operation ? -1 : 1))
    .slice(0, mostNamed);
};

const verdictOf = (all: number, inbound: number, outbound: number, both: number): Pick<Propagation, 'verdict' | 'doubt'> => {
  const doubt = (why: Propagation['doubt']) => ({ verdict: 'cannot tell', doubt: why }) as const;
  if (all < leastTraces) return doubt('few traces');
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
 * Whether this service hands the headers of a trace on: of the traces that it makes calls in, how many go on with one that it got. Calls that
 * it makes of itself without spans of its own (timers, queues) look like dropped headers; `halves` proves those that were.
 */
export const propagationOf = (traces: readonly Trace[], service: EdgeEnd): Propagation => {
  const seen = traces.map((trace) => seenBy(trace, service));
  const inbound = seen.filter(({ servers }) => servers.length > 0);
  const outbound = outboundOf(seen);
  const both = outbound.filter(({ isBroken }) => !isBroken).length;
  const all = [...new Set([...inbound, ...outbound].map(({ trace }) => trace))];
  return {
    ...verdictOf(all.length, inbound.length, outbound.length, both),
    inbound: inbound.length,
    outbound: outbound.length,
    both,
    halves: outbound.filter(({ isHalf }) => isHalf).length,
    broken: brokenCalls(outbound),
    headers: headersOf(all),
  };
};
