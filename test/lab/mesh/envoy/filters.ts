import type { ListenerLimits, ProxyConfig } from '../proxy.ts';
import { dnsCache } from './clusters.ts';
import { duration, given, type JsonObject, typed } from './json.ts';
import { restSource } from './rest-source.ts';

const http = 'envoy.extensions.filters.http.';

const filter = (name: string, type: string, fields: JsonObject, isOff = false): JsonObject => ({
  name,
  ...(isOff ? { disabled: true } : {}),
  typed_config: typed(`${http}${type}`, fields),
});

export const router = filter('envoy.filters.http.router', 'router.v3.Router', {
  strict_check_headers: ['x-envoy-max-retries', 'x-envoy-upstream-rq-timeout-ms'],
});

/** Limits of a listener, as its connection manager has them. */
export const limitsOf = ({ maxStreamSeconds, requestSeconds, headersSeconds, isInternal }: ListenerLimits): JsonObject =>
  given({
    common_http_protocol_options:
      maxStreamSeconds === undefined ? undefined : { max_stream_duration: duration(maxStreamSeconds) },
    request_timeout: requestSeconds === undefined ? undefined : duration(requestSeconds),
    request_headers_timeout: headersSeconds === undefined ? undefined : duration(headersSeconds),
    ...(isInternal === true
      ? {
          use_remote_address: true,
          internal_address_config: { cidr_ranges: [{ address_prefix: '127.0.0.0', prefix_len: 8 }] },
        }
      : {}),
  });

const rateLimit = (cluster: string): JsonObject => ({
  domain: 'lab',
  failure_mode_deny: true,
  timeout: '0.3s',
  rate_limit_service: { transport_api_version: 'V3', grpc_service: { envoy_grpc: { cluster_name: cluster } } },
});

const authorization = (cluster: string, statusOnError = 'Forbidden'): JsonObject => ({
  transport_api_version: 'V3',
  failure_mode_allow: false,
  http_service: { server_uri: { uri: 'http://authz', cluster, timeout: '0.3s' } },
  status_on_error: { code: statusOnError },
});

const onlyLedger: JsonObject = {
  action: 'ALLOW',
  policies: {
    'ns[shop]-policy[allow-ledger]-rule[0]': {
      permissions: [{ any: true }],
      principals: [{ authenticated: { principal_name: { exact: 'spiffe://cluster.local/ns/finance/sa/ledger' } } }],
    },
  },
};

const signed: JsonObject = {
  providers: {
    lab: {
      issuer: 'lab',
      local_jwks: { inline_string: '{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQ","alg":"HS256","kid":"1"}]}' },
    },
  },
  rules: [{ match: { prefix: '/' }, requires: { provider_name: 'lab' } }],
};

const jwt = filter('jwt', 'jwt_authn.v3.JwtAuthentication', signed, true);
const rbac = filter('rbac', 'rbac.v3.RBAC', { rules: onlyLedger }, true);

/** What goes out: policies there are at a gateway only, which takes requests from outside by it. */
export const outboundFilters = (config: ProxyConfig, index: number): readonly JsonObject[] => [
  jwt,
  rbac,
  filter('envoy.filters.http.fault', 'fault.v3.HTTPFault', {}),
  ...(Object.values(config.outbound).some(({ isUnresolvable }) => isUnresolvable === true)
    ? [
        filter('envoy.filters.http.dynamic_forward_proxy', 'dynamic_forward_proxy.v3.FilterConfig', {
          dns_cache_config: dnsCache(index),
        }),
      ]
    : []),
  ...(config.hasMissingFilter === true
    ? [
        {
          name: 'never-delivered',
          config_discovery: {
            config_source: { ...restSource, initial_fetch_timeout: '1s' },
            type_urls: [`type.googleapis.com/${http}local_ratelimit.v3.LocalRateLimit`],
          },
        },
      ]
    : []),
];

const path = (match: JsonObject): JsonObject => ({ headers: [{ name: ':path', string_match: match }] });

/** Every filter that a policy may ask for, switched off until a route asks. */
export const inboundFilters: readonly JsonObject[] = [
  filter('envoy.filters.http.health_check', 'health_check.v3.HealthCheck', {
    pass_through_mode: false,
    ...path({ exact: '/healthz/ready' }),
  }),
  filter('health', 'health_check.v3.HealthCheck', { pass_through_mode: true, ...path({ prefix: '/' }) }, true),
  jwt,
  filter('authz', 'ext_authz.v3.ExtAuthz', authorization('authorization'), true),
  filter('authz-down', 'ext_authz.v3.ExtAuthz', authorization('nobody'), true),
  filter('authz-down-503', 'ext_authz.v3.ExtAuthz', authorization('nobody', 'ServiceUnavailable'), true),
  rbac,
  filter('envoy.filters.http.local_ratelimit', 'local_ratelimit.v3.LocalRateLimit', { stat_prefix: 'http_local_rate_limiter' }),
  filter('limit-service', 'ratelimit.v3.RateLimit', rateLimit('rate-limits'), true),
  filter('limit-service-down', 'ratelimit.v3.RateLimit', rateLimit('nobody'), true),
  filter('body-limit', 'buffer.v3.Buffer', { max_request_bytes: 10 }, true),
];
