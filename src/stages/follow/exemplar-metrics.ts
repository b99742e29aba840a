import { equals, type Matcher } from '../../domain/promql.ts';

/** A metric whose exemplars may be calls of an edge. */
export type ExemplarMetric = {
  /** Of the exemplars that there are, those of one family are tried: the first of the table that has any. */
  readonly family: string;
  /** Of a histogram without `_bucket`, which native ones do not have; of a counter as it is. */
  readonly metric: string;
  readonly form: 'histogram' | 'counter';
  /** What a value of a histogram counts. */
  readonly unit: 'seconds' | 'milliseconds';
  /** Labels that may hold the caller's name; it is in one of them. Empty: the metric does not tell. */
  readonly caller: readonly string[];
  readonly callee: readonly string[];
  /** A label that holds the callee's name where somebody configured it. */
  readonly mayNameCallee: string | null;
  readonly matchers: readonly Matcher[];
  /** What says that a request failed: values of this label that begin so. */
  readonly errors: { readonly label: string; readonly begins: readonly string[] } | null;
};

type Side = 'client' | 'server';
const sides = ['client', 'server'] as const;

const metric = (family: string, name: string, rest: Partial<ExemplarMetric>): ExemplarMetric => ({
  family,
  metric: name,
  form: 'histogram',
  unit: 'seconds',
  caller: [],
  callee: [],
  mayNameCallee: null,
  matchers: [],
  errors: null,
  ...rest,
});

/** Whose name a metric of one side has: of calls the caller's, of what was answered the callee's. */
const ownName = (side: Side, labels: readonly string[]) => (side === 'client' ? { caller: labels } : { callee: labels });

/** Both ends in one series (grafana.com/docs/tempo, "Service graphs"): measured at either. */
const serviceGraph = sides
  .toReversed()
  .map((side) =>
    metric('service graph', `traces_service_graph_request_${side}_seconds`, { caller: ['client'], callee: ['server'] }),
  );

const spanErrors = { label: 'status_code', begins: ['STATUS_CODE_ERROR'] };

const ofSpans = (name: string, service: string, side: Side, rest: Partial<ExemplarMetric>): ExemplarMetric =>
  metric('span metrics', name, {
    ...ownName(side, [service]),
    mayNameCallee: side === 'client' ? 'peer_service' : null,
    matchers: [equals('span_kind', `SPAN_KIND_${side.toUpperCase()}`)],
    errors: spanErrors,
    ...rest,
  });

/** Tempo's span metrics, and those of OpenTelemetry's connector under its newer and its older namespace, in either unit. */
const spanMetrics = sides.flatMap((side) => [
  ofSpans('traces_spanmetrics_latency', 'service', side, {}),
  ...['traces_span_metrics_duration', 'duration'].flatMap((name) =>
    (['milliseconds', 'seconds'] as const).map((unit) => ofSpans(`${name}_${unit}`, 'service_name', side, { unit })),
  ),
  ofSpans('traces_spanmetrics_calls_total', 'service', side, { form: 'counter' }),
  ...['traces_span_metrics_calls_total', 'calls_total'].map((name) => ofSpans(name, 'service_name', side, { form: 'counter' })),
]);

/** What OpenTelemetry calls service.name: Prometheus makes `job` of it, and keeps `service_name` where it is told to. */
const resource = ['service_name', 'job'];
/** Failing statuses of gRPC, which has none of two digits that begins like one of one digit that is no failure. */
const grpcErrors = { label: 'rpc_grpc_status_code', begins: ['2', '4', '8', '12', '13', '14', '15'] };

const ofApplication = (name: string, side: Side, rest: Partial<ExemplarMetric>): ExemplarMetric =>
  metric('application', name, {
    ...ownName(side, resource),
    ...(side === 'client' ? { callee: ['server_address'] } : {}),
    ...rest,
  });

/** What applications measure themselves (opentelemetry.io, semantic conventions of HTTP and RPC metrics). */
const application = sides.flatMap((side) => [
  ofApplication(`http_${side}_request_duration_seconds`, side, {
    errors: { label: 'http_response_status_code', begins: ['5'] },
  }),
  ofApplication(`rpc_${side}_duration_milliseconds`, side, { unit: 'milliseconds', errors: grpcErrors }),
]);

/** Metrics that are known to have exemplars, the surest to be of the edge first. No mesh proxy writes any (envoyproxy/envoy#22621). */
export const exemplarMetrics: readonly ExemplarMetric[] = [...serviceGraph, ...spanMetrics, ...application];
