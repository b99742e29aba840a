import { labelsOf } from '../../src/domain/alert.ts';
import { SourceError } from '../../src/domain/gathered.ts';
import type { ReceivedSpan, ReceivedTrace } from '../../src/domain/trace.ts';
import type { ExemplarStorage } from '../../src/domain/tracing.ts';
import type { Cluster } from '../../src/inquiry.ts';
import type { ExemplarSource, TraceSearch, TraceSource } from '../../src/ports.ts';

const spanId = (text: string): string => Buffer.from(text).toString('hex').slice(0, 16).padStart(16, '0');

/** One hop of a request: who calls, whom, when, and what came of it. Proxies at both ends write their half. */
export type Hop = {
  readonly from: string;
  readonly to: string;
  /** Milliseconds after the request began. */
  readonly startMs: number;
  readonly tookMs: number;
  readonly code?: string;
  readonly flags?: string;
};

const half = (
  id: string,
  { from, to, startMs, tookMs, code = '200', flags = '-' }: Hop,
  atMs: number,
  index: number,
  parents: readonly Hop[],
) => {
  const shared = {
    traceId: id,
    isShared: false,
    isAsync: false,
    operation: `${to}.shop.svc.cluster.local:80/*`,
    isError: code.startsWith('5'),
  };
  const attributes = { component: 'proxy', 'http.status_code': code, response_flags: flags, 'istio.namespace': 'shop' };
  const above = parents.findLastIndex((hop, place) => place < index && hop.to === from);
  const client: ReceivedSpan = {
    ...shared,
    id: spanId(`c${index}`),
    parentId: above < 0 ? null : spanId(`s${above}`),
    kind: 'client',
    service: `${from}.shop`,
    startMicros: (atMs + startMs) * 1000,
    durationMicros: tookMs * 1000,
    attributes: { ...attributes, upstream_cluster: `outbound|80||${to}.shop.svc.cluster.local`, 'istio.canonical_service': from },
  };
  const server: ReceivedSpan = {
    ...shared,
    id: spanId(`s${index}`),
    parentId: client.id,
    kind: 'server',
    service: `${to}.shop`,
    startMicros: client.startMicros === null ? null : client.startMicros + 500,
    durationMicros: tookMs * 1000 - 1000,
    attributes: { ...attributes, upstream_cluster: 'inbound|80||', 'istio.canonical_service': to },
  };
  return [client, server];
};

/** A request as the sidecars of its way tell it. */
export const requestTrace = (number: number, atMs: number, ...hops: readonly Hop[]): ReceivedTrace => {
  const id = number.toString(16).padStart(32, 'a');
  return { id, spans: hops.flatMap((hop, index) => half(id, hop, atMs, index, hops)), malformed: 0, isTruncated: false };
};

const startOf = ({ spans }: ReceivedTrace): number => (spans[0]?.startMicros ?? 0) / 1000;
const lengthOf = ({ spans }: ReceivedTrace): number => Math.max(...spans.map(({ durationMicros }) => durationMicros ?? 0));
const isWithin = (trace: ReceivedTrace, { window: { startMs, endMs }, leastMicros, isFailed }: TraceSearch): boolean =>
  startOf(trace) >= startMs &&
  startOf(trace) < endMs &&
  lengthOf(trace) >= (leastMicros ?? 0) &&
  (!isFailed || trace.spans.some(({ isError }) => isError));

/** A store in memory, which hears every search. */
export const storeWith = (
  traces: readonly ReceivedTrace[],
  onSearch: (wanted: TraceSearch) => void = () => undefined,
): TraceSource => ({
  name: 'Tempo',
  store: 'tempo',
  byId: async (id) => traces.find((trace) => trace.id === id) ?? null,
  search: async (wanted) => {
    onSearch(wanted);
    const found = traces.filter((trace) => isWithin(trace, wanted)).sort((a, b) => lengthOf(b) - lengthOf(a));
    return { traces: found.slice(0, wanted.most), seen: found.length, isCut: found.length > wanted.most };
  },
});

const refusing = async (): Promise<never> => {
  throw new SourceError('Tempo', 'timeout', 'did not answer in 1.8 s');
};

/** A store that never answers in time. */
export const silentStore: TraceSource = { name: 'Tempo', store: 'tempo', byId: refusing, search: refusing };

/** A metrics store with these exemplars of the service graph, checkout → payments; every question of them is heard. */
export const exemplarsOf = (
  kept: readonly { readonly traceId: string; readonly seconds: number; readonly atMs: number }[],
  storage: ExemplarStorage = 'on',
  onAsk: (promql: string) => void = () => undefined,
): ExemplarSource => ({
  name: 'Prometheus',
  exemplars: async (promql, { startMs, endMs }) => {
    onAsk(promql);
    const series = labelsOf([['__name__', 'traces_service_graph_request_server_seconds_bucket']]);
    const value = promql.includes('traces_service_graph_request_server_seconds')
      ? kept
          .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
          .map(({ traceId, seconds, atMs }) => ({ traceId, value: seconds, atMs, series }))
      : [];
    return { value, warnings: [], samplesRead: null };
  },
  storage: async () => storage,
});

/** A metrics store without exemplars. */
export const noExemplars: ExemplarSource = {
  name: 'Prometheus',
  exemplars: async () => ({ value: [], warnings: [], samplesRead: null }),
  storage: async () => 'off',
};

/** A cluster's tracing over this store. */
export const tracingBy = (traces: TraceSource, exemplars: ExemplarSource = noExemplars): NonNullable<Cluster['tracing']> => ({
  traces,
  exemplars,
  deadlineMs: 1000,
  samplingRatio: null,
});
