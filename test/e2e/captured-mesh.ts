/** A mesh of our own that reproduces the edges and ratios that the captured webhooks imply: Istio, Linkerd and Envoy metrics of one incident. */

type Edge = {
  readonly caller: string;
  readonly callee: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly bad?: {
    readonly code: string;
    readonly flags?: string;
    readonly share: number;
    readonly callerOnly?: boolean;
    readonly grpc?: string;
  };
  readonly isOutside?: boolean;
};

const edges: readonly Edge[] = [
  { caller: 'istio-ingressgateway', callee: 'frontend', perSecond: 60, seconds: 0.09, bad: { code: '503', share: 0.07 } },
  { caller: 'frontend', callee: 'catalog', perSecond: 50, seconds: 0.03, bad: { code: '500', share: 0.001 } },
  { caller: 'frontend', callee: 'checkout', perSecond: 24, seconds: 1.9, bad: { code: '503', share: 0.18 } },
  { caller: 'catalog', callee: 'catalog-db-proxy', perSecond: 45, seconds: 0.01, bad: { code: '429', share: 0.06 } },
  {
    caller: 'checkout',
    callee: 'payments',
    perSecond: 20,
    seconds: 1.8,
    bad: { code: '503', flags: 'UF,URX', share: 0.3, callerOnly: true },
  },
  { caller: 'checkout', callee: 'shipping', perSecond: 12, seconds: 0.02, bad: { code: '200', share: 0.08, grpc: '14' } },
  {
    caller: 'payments',
    callee: 'bank-api.bank.example',
    perSecond: 14,
    seconds: 5.2,
    bad: { code: '504', flags: 'UT', share: 0.05 },
    isOutside: true,
  },
];

const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
];
const text = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');

type Emit = (metric: string, labels: Readonly<Record<string, string>>, value: number) => void;

const istio = (edge: Edge, elapsed: number, emit: Emit): void => {
  const short = edge.callee.split('.')[0] ?? edge.callee;
  const shares = [
    [{ code: '200', flags: '-', grpc: edge.bad?.grpc === undefined ? '' : '0' }, 1 - (edge.bad?.share ?? 0)],
    ...(edge.bad
      ? [[{ code: edge.bad.code, flags: edge.bad.flags ?? '-', grpc: edge.bad.grpc ?? '' }, edge.bad.share] as const]
      : []),
  ] as const;
  for (const reporter of edge.isOutside ? ['source'] : ['source', 'destination']) {
    for (const [{ code, flags, grpc }, share] of shares) {
      if (reporter === 'destination' && edge.bad?.callerOnly && code === edge.bad.code) continue;
      const app = reporter === 'source' ? edge.caller : short;
      const labels = {
        app,
        job: 'istio-proxy',
        instance: '127.0.0.1:19100',
        namespace: 'shop',
        kubernetes_namespace: 'shop',
        pod: `${app}-6d5f7c9b4-abcde`,
        reporter,
        source_workload: edge.caller,
        source_canonical_service: edge.caller,
        source_app: edge.caller,
        source_workload_namespace: edge.caller === 'istio-ingressgateway' ? 'istio-system' : 'shop',
        destination_workload: edge.isOutside ? 'unknown' : `${edge.callee}-v1`,
        destination_workload_namespace: edge.isOutside ? 'unknown' : 'shop',
        destination_canonical_service: short,
        destination_app: edge.isOutside ? 'unknown' : edge.callee,
        destination_service: edge.isOutside ? edge.callee : `${edge.callee}.shop.svc.cluster.local`,
        destination_service_name: edge.callee,
        destination_service_namespace: edge.isOutside ? 'unknown' : 'shop',
        request_protocol: edge.bad?.grpc === undefined ? 'http' : 'grpc',
        response_code: code,
        grpc_response_status: grpc,
        response_flags: flags,
        connection_security_policy: reporter === 'source' ? 'unknown' : 'mutual_tls',
      };
      const count = edge.perSecond * share * elapsed;
      emit('istio_requests_total', labels, count);
      for (const bound of bounds)
        emit(
          'istio_request_duration_milliseconds_bucket',
          { ...labels, le: String(bound) },
          count * Math.min(1, Math.max(0, 0.5 + Math.log(bound / (edge.seconds * 1000)) / 2.2)),
        );
      emit('istio_request_duration_milliseconds_bucket', { ...labels, le: '+Inf' }, count);
      emit('istio_request_duration_milliseconds_sum', labels, count * edge.seconds * 1000);
      emit('istio_request_duration_milliseconds_count', labels, count);
    }
  }
};

const linkerd = (edge: Edge, elapsed: number, emit: Emit): void => {
  const failing = edge.bad && /^5/.test(edge.bad.code) ? edge.bad.share : 0;
  for (const [classification, share] of [
    ['success', 1 - failing],
    ['failure', failing],
  ] as const) {
    if (share === 0) continue;
    const count = edge.perSecond * share * elapsed;
    emit(
      'response_total',
      {
        direction: 'outbound',
        namespace: 'shop',
        deployment: edge.caller,
        dst_deployment: edge.callee,
        dst_service: edge.callee,
        dst_namespace: 'shop',
        classification,
        status_code: classification === 'success' ? '200' : '503',
      },
      count,
    );
    if (edge.bad?.callerOnly && classification === 'failure') continue;
    emit(
      'response_total',
      {
        direction: 'inbound',
        namespace: 'shop',
        deployment: edge.callee,
        client_id: `${edge.caller}.shop.serviceaccount.identity.linkerd.cluster.local`,
        classification,
        status_code: classification === 'success' ? '200' : '503',
      },
      count,
    );
  }
};

const envoy = (edge: Edge, elapsed: number, emit: Emit): void => {
  const host = edge.isOutside ? edge.callee : `${edge.callee}.shop.svc.cluster.local`;
  const labels = {
    app: edge.caller,
    job: 'envoy-stats',
    instance: '127.0.0.1:19100',
    namespace: 'shop',
    pod: `${edge.caller}-6d5f7c9b4-abcde`,
    envoy_cluster_name: `outbound|8080||${host}`,
  };
  const isSick = edge.callee === 'payments';
  const count = edge.perSecond * elapsed;
  emit('envoy_cluster_upstream_rq_completed', labels, count);
  emit('envoy_cluster_upstream_rq_timeout', labels, count * (isSick ? 0.12 : edge.callee === 'checkout' ? 0.08 : 0));
  emit('envoy_cluster_upstream_cx_connect_fail', labels, isSick ? count * 0.3 : 0);
  emit('envoy_cluster_upstream_cx_none_healthy', labels, isSick ? count * 0.05 : 0);
  emit(
    'envoy_cluster_upstream_rq_xx',
    { ...labels, envoy_response_code_class: '5' },
    count * (edge.bad && /^5/.test(edge.bad.code) ? edge.bad.share : 0),
  );
  emit('envoy_cluster_membership_total', labels, 4);
  emit('envoy_cluster_membership_healthy', labels, isSick ? 2 : 4);
  emit('envoy_cluster_outlier_detection_ejections_active', labels, isSick ? 2 : 0);
  emit('envoy_cluster_circuit_breakers_default_cx_open', labels, isSick ? 1 : 0);
  emit('envoy_cluster_circuit_breakers_default_rq_open', labels, 0);
};

/** OpenMetrics text of the incident, a sample every `stepSeconds` between two moments (seconds since the epoch). */
export const capturedMesh = (fromSeconds: number, toSeconds: number, stepSeconds: number): string => {
  const lines: string[] = [];
  for (let at = fromSeconds; at <= toSeconds; at += stepSeconds) {
    const emit: Emit = (metric, labels, value) => void lines.push(`${metric}{${text(labels)}} ${value} ${at}`);
    for (const edge of edges) {
      istio(edge, at - fromSeconds, emit);
      if (!edge.isOutside && edge.caller !== 'istio-ingressgateway') linkerd(edge, at - fromSeconds, emit);
      envoy(edge, at - fromSeconds, emit);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
};
