/** A mesh on paper: edges with their faults, written as the counters that Istio, Linkerd and Envoy would print of them. */

export type Place = { readonly namespace: string; readonly workload: string };

export type MeshEdge = {
  /** Null: a caller outside the mesh. */
  readonly caller: Place | null;
  readonly callee: {
    readonly service: string;
    /** Null: a host outside the mesh; only its caller counts. */
    readonly at: Place | null;
  };
  readonly perSecond: number;
  readonly seconds: number;
  /** Without mutual TLS: Linkerd's callee cannot tell who calls. */
  readonly isPlaintext?: boolean;
  readonly bad?: {
    readonly code: string;
    readonly flags?: string;
    readonly share: number;
    /** The callee's proxy never saw them. */
    readonly callerOnly?: boolean;
    readonly grpc?: string;
  };
};

export type Labels = Readonly<Record<string, string>>;
type Series = { readonly metric: string; readonly labels: Labels; readonly perSecond: number; readonly isGauge: boolean };

const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
];
const domain = 'cluster.local';
const counter = (metric: string, labels: Labels, perSecond: number): Series => ({ metric, labels, perSecond, isGauge: false });
const gauge = (metric: string, labels: Labels, value: number): Series => ({ metric, labels, perSecond: value, isGauge: true });

const hostOf = ({ callee: { service, at } }: MeshEdge): string =>
  at === null ? service : `${service}.${at.namespace}.svc.${domain}`;
const shortOf = ({ callee }: MeshEdge): string => callee.service.split('.')[0] ?? callee.service;
/** The captured proxies of Linkerd and Envoy call themselves by the service's name, where Istio's say `-v1`. */
const unversioned = ({ namespace, workload }: Place): Place => ({ namespace, workload: workload.replace(/-v1$/, '') });
const failing = ({ bad }: MeshEdge): number => (bad && /^5/.test(bad.code) ? bad.share : 0);

const latency = (metric: string, labels: Labels, perSecond: number, seconds: number): readonly Series[] => [
  ...bounds.map((bound) =>
    counter(
      `${metric}_bucket`,
      { ...labels, le: String(bound) },
      perSecond * Math.min(1, Math.max(0, 0.5 + Math.log(bound / (seconds * 1000)) / 2.2)),
    ),
  ),
  counter(`${metric}_bucket`, { ...labels, le: '+Inf' }, perSecond),
  counter(`${metric}_sum`, labels, perSecond * seconds * 1000),
  counter(`${metric}_count`, labels, perSecond),
];

const istioLabels = (edge: MeshEdge, reporter: string): Labels => {
  const { caller, callee } = edge;
  const own = reporter === 'source' ? caller : callee.at;
  const from = caller?.workload ?? 'unknown';
  const namespace = own?.namespace ?? 'unknown';
  return {
    app: own?.workload ?? 'unknown',
    job: 'istio-proxy',
    instance: '127.0.0.1:19100',
    namespace,
    kubernetes_namespace: namespace,
    pod: `${own?.workload}-6d5f7c9b4-abcde`,
    reporter,
    source_workload: from,
    source_canonical_service: from,
    source_app: from,
    source_workload_namespace: caller?.namespace ?? 'unknown',
    destination_workload: callee.at?.workload ?? 'unknown',
    destination_workload_namespace: callee.at?.namespace ?? 'unknown',
    destination_canonical_service: shortOf(edge),
    destination_app: callee.at === null ? 'unknown' : callee.service,
    destination_service: hostOf(edge),
    destination_service_name: callee.service,
    destination_service_namespace: callee.at?.namespace ?? 'unknown',
    request_protocol: edge.bad?.grpc === undefined ? 'http' : 'grpc',
    connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
  };
};

const istio = (edge: MeshEdge): readonly Series[] => {
  const { bad } = edge;
  const shares = [
    [{ code: '200', flags: '-', grpc: bad?.grpc === undefined ? '' : '0' }, 1 - (bad?.share ?? 0)],
    ...(bad ? [[{ code: bad.code, flags: bad.flags ?? '-', grpc: bad.grpc ?? '' }, bad.share] as const] : []),
  ] as const;
  const reporters = [...(edge.caller === null ? [] : ['source']), ...(edge.callee.at === null ? [] : ['destination'])];
  return reporters.flatMap((reporter) =>
    shares.flatMap(([{ code, flags, grpc }, share]) => {
      if (reporter === 'destination' && bad?.callerOnly && code === bad.code) return [];
      const labels = {
        ...istioLabels(edge, reporter),
        response_code: code,
        grpc_response_status: grpc,
        response_flags: flags,
      };
      const perSecond = edge.perSecond * share;
      return [
        counter('istio_requests_total', labels, perSecond),
        counter('fleet_istio_requests_total', labels, perSecond),
        ...latency('istio_request_duration_milliseconds', labels, perSecond, edge.seconds),
      ];
    }),
  );
};

const linkerd = (edge: MeshEdge): readonly Series[] => {
  const { caller, callee, bad } = edge;
  if (caller === null || callee.at === null) return [];
  const at = unversioned(callee.at);
  return [['success', 1 - failing(edge)] as const, ['failure', failing(edge)] as const].flatMap(([classification, share]) => {
    if (share === 0) return [];
    const rest = { classification, status_code: classification === 'success' ? '200' : (bad?.code ?? '500') };
    const outbound = {
      direction: 'outbound',
      namespace: caller.namespace,
      deployment: caller.workload,
      dst_deployment: at.workload,
      dst_service: callee.service,
      dst_namespace: at.namespace,
      ...rest,
    };
    const inbound = {
      direction: 'inbound',
      namespace: at.namespace,
      deployment: at.workload,
      ...(edge.isPlaintext
        ? {}
        : { client_id: `${caller.workload}.${caller.namespace}.serviceaccount.identity.linkerd.${domain}` }),
      ...rest,
    };
    return [outbound, inbound].map((labels) => counter('response_total', labels, edge.perSecond * share));
  });
};

const envoy = (edge: MeshEdge): readonly Series[] => {
  const { caller, callee, bad, perSecond } = edge;
  if (caller === null) return [];
  const proxy = (at: Place, cluster: string): Labels => ({
    app: at.workload,
    job: 'envoy-stats',
    instance: '127.0.0.1:19100',
    namespace: at.namespace,
    pod: `${at.workload}-6d5f7c9b4-abcde`,
    envoy_cluster_name: cluster,
  });
  const labels = proxy(caller, `outbound|8080||${hostOf(edge)}`);
  const isCut = bad?.callerOnly === true;
  const timeouts = bad?.flags === 'UT' || edge.seconds > 1.7 ? 0.12 : 0;
  const seen = callee.at === null ? [] : [proxy(unversioned(callee.at), 'inbound|8080||')];
  return [
    counter('envoy_cluster_upstream_rq_completed', labels, perSecond),
    counter('envoy_cluster_upstream_rq_timeout', labels, perSecond * timeouts),
    counter('envoy_cluster_upstream_cx_connect_fail', labels, isCut ? perSecond * 0.3 : 0),
    counter('envoy_cluster_upstream_cx_none_healthy', labels, isCut ? perSecond * 0.05 : 0),
    counter('envoy_cluster_upstream_rq_xx', { ...labels, envoy_response_code_class: '5' }, perSecond * failing(edge)),
    ...seen.flatMap((own) => [
      counter('envoy_cluster_upstream_rq_completed', own, perSecond),
      counter('envoy_cluster_upstream_rq_xx', { ...own, envoy_response_code_class: '5' }, isCut ? 0 : perSecond * failing(edge)),
    ]),
    gauge('envoy_cluster_membership_total', labels, 4),
    gauge('envoy_cluster_membership_healthy', labels, isCut ? 2 : 4),
    gauge('envoy_cluster_outlier_detection_ejections_active', labels, isCut ? 2 : 0),
    gauge('envoy_cluster_circuit_breakers_default_cx_open', labels, isCut ? 1 : 0),
    gauge('envoy_cluster_circuit_breakers_default_rq_open', labels, 0),
  ];
};

/** What a recording rule keeps of an edge, and what somebody's own exporter says of its callee. */
const recorded = (edge: MeshEdge): readonly Series[] => {
  if (edge.caller === null) return [];
  const { source_workload, source_workload_namespace, destination_service_name, destination_service_namespace } = istioLabels(
    edge,
    'source',
  );
  const ends = { source_workload, source_workload_namespace, destination_service_name, destination_service_namespace };
  return [
    gauge('istio:edge_errors:ratio5m', ends as Labels, failing(edge)),
    gauge('error_quota', { destination_service_name } as Labels, 0.05),
  ];
};

export const seriesOf = (edge: MeshEdge): readonly Series[] => [
  ...istio(edge),
  ...linkerd(edge),
  ...envoy(edge),
  ...recorded(edge),
];

/** OpenMetrics text of a mesh between two moments (seconds since the epoch). Series of two edges with the same labels are one series. */
export const meshText = (edges: readonly MeshEdge[], fromSeconds: number, toSeconds: number, stepSeconds: number): string => {
  const all = new Map<string, { perSecond: number; readonly isGauge: boolean }>();
  for (const { metric, labels, perSecond, isGauge } of edges.flatMap(seriesOf)) {
    const name = `${metric}{${Object.entries(labels)
      .map(([label, value]) => `${label}="${value}"`)
      .join(',')}}`;
    const known = all.get(name);
    if (known) known.perSecond = isGauge ? perSecond : known.perSecond + perSecond;
    else all.set(name, { perSecond, isGauge });
  }
  const lines: string[] = [];
  for (let at = fromSeconds; at <= toSeconds; at += stepSeconds)
    for (const [name, { perSecond, isGauge }] of all)
      lines.push(`${name} ${isGauge ? perSecond : perSecond * (at - fromSeconds)} ${at}`);
  return `${lines.join('\n')}\n`;
};
