import type { Pod } from '../../lab.ts';
import type { Inbound, ProxyConfig } from '../proxy.ts';
import { aside, clusterOf, sidecar } from '../topology.ts';
import { accessLog } from './access-log.ts';
import { certificateFiles, dnsCache } from './clusters.ts';
import { duration, given, type Json, type JsonObject, socketAddress, typed } from './json.ts';
import { restSource } from './rest-source.ts';

/** Where a proxy writes and reads. */
type Surroundings = {
  readonly index: number;
  readonly logFile: string;
  readonly certificates: string;
  readonly tracer: 'opentelemetry' | 'zipkin';
};

const http = 'envoy.extensions.filters.http.';
const network = 'envoy.extensions.filters.network.';

const filter = (name: string, type: string, fields: JsonObject, isOff = false): JsonObject => ({
  name,
  ...(isOff ? { disabled: true } : {}),
  typed_config: typed(`${http}${type}`, fields),
});

const router = filter('envoy.filters.http.router', 'router.v3.Router', {
  strict_check_headers: ['x-envoy-max-retries', 'x-envoy-upstream-rq-timeout-ms'],
});

const tracing = (pod: Pod, { index, tracer }: Surroundings): JsonObject => ({
  random_sampling: { value: 100 },
  provider:
    tracer === 'zipkin'
      ? {
          name: 'envoy.tracers.zipkin',
          typed_config: typed('envoy.config.trace.v3.ZipkinConfig', {
            collector_cluster: 'traces',
            collector_endpoint: '/api/v2/spans',
            collector_endpoint_version: 'HTTP_JSON',
            shared_span_context: false,
            trace_id_128bit: true,
          }),
        }
      : {
          name: 'envoy.tracers.opentelemetry',
          typed_config: typed('envoy.config.trace.v3.OpenTelemetryConfig', {
            service_name: `${pod.service}.${pod.namespace}`,
            http_service: {
              http_uri: { uri: `http://${aside(index, 'traces')}:4318/v1/traces`, cluster: 'traces', timeout: '1s' },
            },
          }),
        },
});

type Manager = { readonly prefix: 'outbound' | 'inbound'; readonly filters: readonly JsonObject[]; readonly limits: JsonObject };

const connectionManager = (pod: Pod, around: Surroundings, { prefix, filters, limits }: Manager): JsonObject => ({
  name: 'envoy.filters.network.http_connection_manager',
  typed_config: typed(`${network}http_connection_manager.v3.HttpConnectionManager`, {
    stat_prefix: `${prefix}_0.0.0.0_8080;`,
    rds: { route_config_name: prefix, config_source: restSource },
    http_filters: [...filters, router],
    access_log: accessLog(around.logFile, prefix === 'outbound' ? 'source' : 'destination', 'http'),
    // Istio's sidecars set no idle timeout (pilot, listener_builder): streams may be quiet for ever.
    stream_idle_timeout: '0s',
    normalize_path: true,
    tracing: tracing(pod, around),
    ...limits,
  }),
});

const outboundFilters = (config: ProxyConfig, index: number): readonly JsonObject[] => [
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

const rateLimit = (cluster: string): JsonObject => ({
  domain: 'lab',
  failure_mode_deny: true,
  timeout: '0.3s',
  rate_limit_service: { transport_api_version: 'V3', grpc_service: { envoy_grpc: { cluster_name: cluster } } },
});

const authorization = (cluster: string): JsonObject => ({
  transport_api_version: 'V3',
  failure_mode_allow: false,
  http_service: { server_uri: { uri: 'http://authz', cluster, timeout: '0.3s' } },
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

/** Every filter that a policy may ask for, switched off until a route asks. */
const inboundFilters: readonly JsonObject[] = [
  filter('envoy.filters.http.health_check', 'health_check.v3.HealthCheck', {
    pass_through_mode: false,
    headers: [{ name: ':path', string_match: { exact: '/healthz/ready' } }],
  }),
  filter('jwt', 'jwt_authn.v3.JwtAuthentication', signed, true),
  filter('authz', 'ext_authz.v3.ExtAuthz', authorization('authorization'), true),
  filter('authz-down', 'ext_authz.v3.ExtAuthz', { ...authorization('nobody'), status_on_error: { code: 'Forbidden' } }, true),
  filter('rbac', 'rbac.v3.RBAC', { rules: onlyLedger }, true),
  filter('envoy.filters.http.local_ratelimit', 'local_ratelimit.v3.LocalRateLimit', { stat_prefix: 'http_local_rate_limiter' }),
  filter('limit-service', 'ratelimit.v3.RateLimit', rateLimit('rate-limits'), true),
  filter('limit-service-down', 'ratelimit.v3.RateLimit', rateLimit('nobody'), true),
];

/** With mutual TLS and without it, as the peers must come. */
const chains = (inbound: Inbound, certificates: string, filters: Json): readonly JsonObject[] => {
  const secured = {
    filter_chain_match: { transport_protocol: 'tls' },
    filters,
    transport_socket: {
      name: 'envoy.transport_sockets.tls',
      typed_config: typed('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
        require_client_certificate: true,
        common_tls_context: {
          alpn_protocols: ['h2', 'http/1.1'],
          tls_params: { tls_maximum_protocol_version: 'TLSv1_3' },
          tls_certificates: certificateFiles(certificates, inbound.certificate),
          validation_context: { trusted_ca: { filename: `${certificates}/mesh-ca.pem` } },
        },
      }),
    },
  };
  const plain = { filter_chain_match: { transport_protocol: 'raw_buffer' }, filters };
  return inbound.peers === 'strict' ? [secured] : inbound.peers === 'permissive' ? [secured, plain] : [{ filters }];
};

const listener = (
  name: string,
  address: string,
  port: number,
  direction: 'INBOUND' | 'OUTBOUND',
  filterChains: readonly JsonObject[],
): JsonObject =>
  typed('envoy.config.listener.v3.Listener', {
    name,
    address: socketAddress(address, port),
    traffic_direction: direction,
    ...(filterChains.some(({ filter_chain_match: match }) => match !== undefined)
      ? {
          listener_filters: [
            {
              name: 'envoy.filters.listener.tls_inspector',
              typed_config: typed('envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector'),
            },
          ],
        }
      : {}),
    filter_chains: filterChains,
  });

const tcpProxy = (prefix: string, cluster: string, around: Surroundings, side: 'source' | 'destination'): JsonObject => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: typed(`${network}tcp_proxy.v3.TcpProxy`, {
    stat_prefix: prefix,
    cluster,
    access_log: accessLog(around.logFile, side, 'tcp'),
  }),
});

/** The listeners of one proxy. Where Istio has one for all that comes in, bytes have one of their own here: nothing tells them apart. */
export const listenersOf = (pod: Pod, config: ProxyConfig, around: Surroundings): readonly JsonObject[] => {
  const limits = given({
    common_http_protocol_options:
      config.maxStreamSeconds === undefined ? undefined : { max_stream_duration: duration(config.maxStreamSeconds) },
    request_timeout: config.requestSeconds === undefined ? undefined : duration(config.requestSeconds),
  });
  const out = connectionManager(pod, around, {
    prefix: 'outbound',
    filters: outboundFilters(config, around.index),
    limits,
  });
  const into = connectionManager(pod, around, { prefix: 'inbound', filters: inboundFilters, limits: {} });
  const outbounds = Object.values(config.outbound);
  const [web] = config.inbound.filter(({ protocol }) => protocol !== 'tcp');
  return [
    ...(outbounds.some(({ protocol }) => protocol !== 'tcp')
      ? [listener('outbound', pod.address, sidecar.out, 'OUTBOUND', [{ filters: [out] }])]
      : []),
    ...outbounds
      .filter(({ protocol }) => protocol === 'tcp')
      .map(({ host, port }) =>
        listener('outbound-tcp', pod.address, sidecar.tcpOut, 'OUTBOUND', [
          { filters: [tcpProxy(`outbound|${port}||${host}`, clusterOf(host, port), around, 'source')] },
        ]),
      ),
    ...(web === undefined
      ? []
      : [listener('inbound', pod.address, sidecar.in, 'INBOUND', chains(web, around.certificates, [into]))]),
    ...config.inbound
      .filter(({ protocol }) => protocol === 'tcp')
      .map((inbound) =>
        listener(
          'inbound-tcp',
          pod.address,
          sidecar.tcpIn,
          'INBOUND',
          chains(inbound, around.certificates, [
            tcpProxy(`inbound|${inbound.appPort}||`, `inbound|${inbound.appPort}||`, around, 'destination'),
          ]),
        ),
      ),
  ];
};
