import type { NamedHistogram } from '../../domain/exemplar.ts';
import { equals, type Matcher } from '../../domain/promql.ts';

/** A metric whose exemplars may be calls of an edge. A counter has its name as it is. */
export type ExemplarMetric = NamedHistogram & {
  /** Of the exemplars that there are, those of one family are tried: the first of the table that has any. */
  readonly family: string;
  readonly form: 'histogram' | 'counter';
  /** A label that holds the callee's name where somebody configured it. */
  readonly mayNameCallee: string | null;
  readonly matchers: readonly Matcher[];
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

/**
 * What applications measure themselves: OpenTelemetry's HTTP and RPC metrics (opentelemetry.io, semantic conventions), the former under their older
 * names too, and Micrometer's (docs.micrometer.io; Spring Boot), whose exemplars need no setting.
 */
const application = sides.flatMap((side) => [
  ofApplication(`http_${side}_request_duration_seconds`, side, {
    errors: { label: 'http_response_status_code', begins: ['5'] },
  }),
  ofApplication(`http_${side}_duration_milliseconds`, side, {
    unit: 'milliseconds',
    errors: { label: 'http_status_code', begins: ['5'] },
    ...(side === 'client' ? { callee: ['net_peer_name'] } : {}),
  }),
  ofApplication(`rpc_${side}_duration_milliseconds`, side, { unit: 'milliseconds', errors: grpcErrors }),
  ofApplication(`http_${side}_requests_seconds`, side, {
    errors: { label: 'status', begins: ['5'] },
    ...(side === 'client' ? { callee: ['client_name'] } : {}),
  }),
]);

/** Metrics that are known to have exemplars, the surest to be of the edge first. No mesh proxy writes any (envoyproxy/envoy#22621). */
export const exemplarMetrics: readonly ExemplarMetric[] = [...serviceGraph, ...spanMetrics, ...application];

/** The same, and before them those that somebody named, who will know why. */
export const withNamed = (named: readonly NamedHistogram[]): readonly ExemplarMetric[] => [
  ...named.map(({ metric: name, ...rest }) => metric('named', name, rest)),
  ...exemplarMetrics,
];
