import type { Inbound, Outbound, ProxyConfig, RetryPolicy } from '../proxy.ts';
import { clusterOf } from '../topology.ts';
import { peerHeader } from './access-log.ts';
import { duration, given, type Json, type JsonObject, typed } from './json.ts';

const filters = 'envoy.extensions.filters.http.';

const retryPolicy = ({ on, attempts, codes, perTrySeconds, perTryIdleSeconds }: RetryPolicy): JsonObject =>
  given({
    retry_on: on,
    num_retries: attempts,
    retriable_status_codes: codes,
    per_try_timeout: perTrySeconds === undefined ? undefined : duration(perTrySeconds),
    per_try_idle_timeout: perTryIdleSeconds === undefined ? undefined : duration(perTryIdleSeconds),
    retry_back_off: { base_interval: '0.025s' },
  });

const percent = (numerator: number): JsonObject => ({ numerator, denominator: 'HUNDRED' });

const faultFilter = ({ abort, delay }: Outbound['route']): JsonObject =>
  abort === undefined && delay === undefined
    ? {}
    : {
        'envoy.filters.http.fault': typed(
          `${filters}fault.v3.HTTPFault`,
          given({
            abort: abort === undefined ? undefined : { http_status: abort.status, percentage: percent(abort.percent) },
            delay: delay === undefined ? undefined : { fixed_delay: duration(delay.seconds), percentage: percent(delay.percent) },
          }),
        ),
      };

/** Turns a filter on that the listener carries switched off. */
const switchedOn = typed('envoy.config.route.v3.FilterConfig', { config: {} });
const allOn = (names: readonly string[]): Record<string, Json> => Object.fromEntries(names.map((name) => [name, switchedOn]));

const configured = (perFilter: JsonObject): JsonObject =>
  Object.keys(perFilter).length === 0 ? {} : { typed_per_filter_config: perFilter };

const outboundRoute = ({ host, port, route }: Outbound): JsonObject => {
  if (route.prefix === null) return { match: { prefix: '/no-longer-called-like-this' }, direct_response: { status: 404 } };
  // The name of the spans at both ends: the callee's proxy is told it in a header that goes no further.
  const decorator = { operation: `${host}:${port}/*` };
  if (route.direct !== undefined)
    return { name: 'direct', match: { prefix: route.prefix }, direct_response: { status: route.direct.status }, decorator };
  return {
    name: 'default',
    match: { prefix: route.prefix },
    decorator,
    route: given({
      cluster: route.cluster ?? clusterOf(host, port),
      timeout: duration(route.timeoutSeconds ?? 0),
      idle_timeout: route.idleSeconds === undefined ? undefined : duration(route.idleSeconds),
      max_stream_duration:
        route.maxStreamSeconds === undefined ? undefined : { max_stream_duration: duration(route.maxStreamSeconds) },
      retry_policy: route.retries === null ? undefined : retryPolicy(route.retries),
    }),
    ...configured({ ...faultFilter(route), ...allOn(route.filters ?? []) }),
  };
};

/** What goes out: one virtual host a service, as Istio writes them. */
export const outboundRoutes = (config: ProxyConfig, self: string): JsonObject =>
  typed('envoy.config.route.v3.RouteConfiguration', {
    name: 'outbound',
    validate_clusters: false,
    request_headers_to_add: [{ header: { key: peerHeader, value: self }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
    virtual_hosts: Object.entries(config.outbound)
      .filter(([, { protocol }]) => protocol !== 'tcp')
      .map(([name, outbound]) => ({
        name: `${outbound.host}:${outbound.port}`,
        domains: [name, `${name}:*`, outbound.host, `${outbound.host}:*`],
        include_request_attempt_count: true,
        routes: [outboundRoute(outbound)],
      })),
  });

const inboundCluster = ({ endpoints, appPort }: Inbound): string =>
  endpoints === 'missing-cluster' ? 'inbound|gone||' : `inbound|${appPort}||`;

const perFilter = ({ filters: wanted, localLimit }: Inbound): JsonObject => {
  const on = allOn(wanted);
  if (localLimit !== undefined)
    on['envoy.filters.http.local_ratelimit'] = typed(`${filters}local_ratelimit.v3.LocalRateLimit`, {
      stat_prefix: 'http_local_rate_limiter',
      token_bucket: { max_tokens: localLimit, tokens_per_fill: localLimit, fill_interval: '1s' },
      filter_enabled: { default_value: percent(100) },
      filter_enforced: { default_value: percent(100) },
    });
  return configured(on);
};

const inboundRoute = (inbound: Inbound): JsonObject => ({
  name: 'default',
  match:
    inbound.protocol === 'grpc'
      ? { prefix: inbound.prefix ?? '/no-longer', grpc: {} }
      : { prefix: inbound.prefix ?? '/no-longer' },
  route: given({
    cluster: inboundCluster(inbound),
    timeout: duration(inbound.timeoutSeconds ?? 0),
    rate_limits: inbound.filters.some((name) => name.startsWith('limit-service'))
      ? [{ actions: [{ generic_key: { descriptor_value: 'lab' } }] }]
      : undefined,
  }),
  ...perFilter(inbound),
});

/** What comes in: gRPC first, since plain HTTP matches everything. */
export const inboundRoutes = (config: ProxyConfig): JsonObject =>
  typed('envoy.config.route.v3.RouteConfiguration', {
    name: 'inbound',
    validate_clusters: false,
    virtual_hosts: [
      {
        name: 'inbound|http',
        domains: ['*'],
        routes: config.inbound
          .filter(({ protocol }) => protocol !== 'tcp')
          .toSorted((a, b) => Number(b.protocol === 'grpc') - Number(a.protocol === 'grpc'))
          .map(inboundRoute),
      },
    ],
  });
