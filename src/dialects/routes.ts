import type { Dialect, View } from '../domain/dialect.ts';
import { equals } from '../domain/promql.ts';
import type { RouteFamily } from '../domain/route.ts';

const viaLabel = ({ metrics, durationUnit, labels }: Dialect, view: View): readonly RouteFamily[] => {
  const routes = [labels.operation, labels.urlPath].filter((label) => label !== null);
  const { destinationService, destinationWorkload, destinationNamespace: namespace, sourceWorkload } = view.labels;
  const callee = [destinationService, destinationWorkload].flatMap((name) =>
    name === null ? [] : [{ kind: 'name' as const, name, namespace }],
  );
  return [
    {
      definedBy: 'a Telemetry resource',
      reporter: view.reporter,
      requests: metrics.requests,
      durationBucket: metrics.durationBucket,
      durationUnit,
      isCoarse: false,
      matchers: view.matchers,
      routes,
      routeKind: null,
      rest: '[DEFAULT]',
      callee,
      caller: sourceWorkload === null ? null : { namespace: view.labels.sourceNamespace, workload: sourceWorkload },
      outcome: {
        ...{ code: labels.code, grpcStatus: labels.grpcStatus, flags: labels.flags },
        ...{ classification: labels.classification, error: null },
      },
    },
  ];
};

/** Envoy counts by virtual cluster where a route configuration has some (envoyproxy.io, "Virtual cluster statistics"). */
const virtualClusters: RouteFamily = {
  definedBy: 'virtual clusters of Envoy',
  reporter: 'caller',
  requests: 'envoy_vhost_vcluster_upstream_rq',
  durationBucket: 'envoy_vhost_vcluster_upstream_rq_time_bucket',
  durationUnit: 'ms',
  isCoarse: false,
  matchers: [],
  routes: ['envoy_virtual_cluster'],
  routeKind: null,
  rest: null,
  callee: [{ kind: 'host', host: 'envoy_virtual_host' }],
  caller: null,
  outcome: { code: 'envoy_response_code', grpcStatus: null, flags: null, classification: null, error: null },
};

const owner = { namespace: 'namespace', workload: 'deployment' } as const;
const responses = {
  ...{ code: 'status_code', grpcStatus: 'grpc_status', flags: null },
  ...{ classification: 'classification', error: null },
} as const;

/** linkerd.io, "Service Profiles"; `rt_route` is empty where no route of the profile matches, which viz calls [DEFAULT] (viz/metrics-api/top_routes.go). */
const profiles = (reporter: 'caller' | 'callee'): RouteFamily => ({
  definedBy: 'ServiceProfiles',
  reporter,
  requests: 'route_response_total',
  durationBucket: 'route_response_latency_ms_bucket',
  durationUnit: 'ms',
  isCoarse: false,
  matchers: [equals('direction', reporter === 'caller' ? 'outbound' : 'inbound')],
  routes: ['rt_route'],
  routeKind: null,
  rest: '[DEFAULT]',
  callee: [
    { kind: 'host', host: 'dst' },
    ...(reporter === 'callee' ? [{ kind: 'name' as const, name: owner.workload, namespace: owner.namespace }] : []),
  ],
  caller: reporter === 'caller' ? owner : null,
  outcome: responses,
});

/** Since 2.13 clients' proxies follow routes of the Gateway API that are attached to a Service (linkerd2-proxy, outbound metrics). */
const gatewayRoutes = (protocol: 'http' | 'grpc'): RouteFamily => ({
  definedBy: protocol === 'http' ? 'HTTPRoutes' : 'GRPCRoutes',
  reporter: 'caller',
  requests: `outbound_${protocol}_route_request_statuses_total`,
  durationBucket: `outbound_${protocol}_route_request_duration_seconds_bucket`,
  durationUnit: 's',
  isCoarse: true,
  matchers: [],
  routes: ['route_name'],
  routeKind: 'route_kind',
  rest: `[DEFAULT] ${protocol}`,
  callee: [{ kind: 'name', name: 'parent_name', namespace: 'parent_namespace' }],
  caller: owner,
  outcome: {
    ...{ code: protocol === 'http' ? 'http_status' : null, grpcStatus: protocol === 'grpc' ? 'grpc_status' : null },
    ...{ flags: null, classification: null, error: 'error' },
  },
});

/** Routes that policies are about, as the callee's proxy matches them; what matches none is counted by its callers already. */
const policyRoutes: RouteFamily = {
  definedBy: 'routes of a Server',
  reporter: 'callee',
  requests: 'response_total',
  durationBucket: 'response_latency_ms_bucket',
  durationUnit: 'ms',
  isCoarse: false,
  matchers: [equals('direction', 'inbound')],
  routes: ['route_name'],
  routeKind: 'route_kind',
  rest: null,
  callee: [{ kind: 'name', name: owner.workload, namespace: owner.namespace }],
  caller: null,
  outcome: responses,
};

/** What tells requests apart by route, the likeliest first: a route of a service is counted by the first that has it. */
export const routeFamilies = (dialect: Dialect): readonly RouteFamily[] =>
  dialect.name === 'linkerd'
    ? [profiles('caller'), profiles('callee'), gatewayRoutes('http'), gatewayRoutes('grpc'), policyRoutes]
    : [...viaLabel(dialect, dialect.views.caller), ...viaLabel(dialect, dialect.views.callee), virtualClusters];
