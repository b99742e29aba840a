import type { Pod } from '../../lab.ts';
import type { Endpoint, Inbound, Limits, Outbound, ProxyConfig } from '../proxy.ts';
import { aside, clusterOf, type Protocol } from '../topology.ts';
import { duration, given, type JsonObject, socketAddress, typed } from './json.ts';

const unlimited = 4_294_967_295;

/** Istio's own limits are none at all (pilot, getDefaultCircuitBreakerThresholds). */
const thresholds = (limits: Limits | undefined): JsonObject => ({
  thresholds: [
    {
      max_connections: limits?.connections ?? unlimited,
      max_pending_requests: limits?.pending ?? unlimited,
      max_requests: limits?.requests ?? unlimited,
      max_retries: limits?.retries ?? unlimited,
      track_remaining: true,
    },
  ],
});

const loadAssignment = (name: string, endpoints: readonly Endpoint[], dropPercent?: number): JsonObject =>
  given({
    cluster_name: name,
    endpoints:
      endpoints.length === 0
        ? []
        : [{ lb_endpoints: endpoints.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } })) }],
    policy:
      dropPercent === undefined
        ? undefined
        : { drop_overloads: [{ category: 'lab', drop_percentage: { numerator: dropPercent, denominator: 'HUNDRED' } }] },
  });

const httpOptions = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

const protocolOptions = (protocol: Protocol, maxStreamSeconds?: number): JsonObject => ({
  [httpOptions]: typed(
    httpOptions,
    given({
      common_http_protocol_options:
        maxStreamSeconds === undefined ? undefined : { max_stream_duration: duration(maxStreamSeconds) },
      explicit_http_config:
        protocol === 'http'
          ? { http_protocol_options: {} }
          : { http2_protocol_options: { max_concurrent_streams: 2_147_483_647 } },
    }),
  ),
});

const file = (folder: string, name: string): JsonObject => ({ filename: `${folder}/${name}` });

export const certificateFiles = (folder: string, name: string): readonly JsonObject[] => [
  { certificate_chain: file(folder, `${name}.pem`), private_key: file(folder, `${name}.key`) },
];

const transportSocket = ({ transport, host }: Outbound, certificates: string): JsonObject | undefined =>
  transport.kind === 'plaintext'
    ? undefined
    : {
        name: 'envoy.transport_sockets.tls',
        typed_config: typed('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
          sni: host,
          common_tls_context: {
            tls_params: { tls_maximum_protocol_version: transport.newest === '1.3' ? 'TLSv1_3' : 'TLSv1_2' },
            ...(transport.certificate === null
              ? {}
              : { tls_certificates: certificateFiles(certificates, transport.certificate) }),
            validation_context: {
              trusted_ca: file(certificates, `${transport.authority}.pem`),
              match_typed_subject_alt_names: [{ san_type: 'URI', matcher: { exact: transport.identity } }],
            },
          },
        }),
      };

/** Envoy would ask for the cluster's name, which is no host (it holds bars). */
const healthChecks = (host: string, path: string | undefined): JsonObject | undefined =>
  path === undefined
    ? undefined
    : {
        health_checks: [
          {
            timeout: '0.5s',
            interval: '1s',
            no_traffic_interval: '1s',
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            http_health_check: { host, path },
          },
        ],
      };

const resolver = (index: number): JsonObject => ({
  name: 'envoy.network.dns_resolver.cares',
  typed_config: typed('envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig', {
    resolvers: [socketAddress(aside(index, 'nobody'), 53)],
  }),
});

/** The cache of names that a dynamic forward proxy shares with its filter. */
export const dnsCache = (index: number): JsonObject => ({
  name: 'lab',
  dns_lookup_family: 'V4_ONLY',
  dns_query_timeout: '0.5s',
  typed_dns_resolver_config: resolver(index),
});

const outboundCluster = (outbound: Outbound, index: number, certificates: string): JsonObject => {
  const name = clusterOf(outbound.host, outbound.port);
  const { protocol, outlier } = outbound;
  const common = given({
    name,
    alt_stat_name: `${name};`,
    connect_timeout: duration(outbound.connectTimeoutSeconds),
    circuit_breakers: thresholds(outbound.limits),
    typed_extension_protocol_options: protocol === 'tcp' ? undefined : protocolOptions(protocol, outbound.maxStreamSeconds),
    transport_socket: transportSocket(outbound, certificates),
  });
  if (outbound.isUnresolvable === true)
    return {
      ...common,
      lb_policy: 'CLUSTER_PROVIDED',
      cluster_type: {
        name: 'envoy.clusters.dynamic_forward_proxy',
        typed_config: typed('envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig', {
          dns_cache_config: dnsCache(index),
          allow_insecure_cluster_options: true,
        }),
      },
    };
  return {
    ...common,
    ...given({
      type: 'STATIC',
      // Istio switches panic off where outlier detection is set: an empty pool fails instead of spraying.
      common_lb_config: { healthy_panic_threshold: { value: 0 } },
      load_assignment: loadAssignment(name, outbound.endpoints, outbound.dropPercent),
      outlier_detection:
        outlier === undefined
          ? undefined
          : {
              consecutive_5xx: outlier.consecutive,
              interval: '1s',
              base_ejection_time: duration(outlier.ejectedSeconds),
              max_ejection_percent: outlier.maxEjectedPercent,
              enforcing_success_rate: 0,
            },
    }),
    ...healthChecks(outbound.host, outbound.healthCheckPath),
  };
};

const inboundCluster = (pod: Pod, { appPort, protocol, limits, endpoints }: Inbound): JsonObject => {
  const name = `inbound|${appPort}||`;
  return given({
    name,
    alt_stat_name: `${name};`,
    type: 'STATIC',
    connect_timeout: '2s',
    circuit_breakers: thresholds(limits),
    load_assignment: loadAssignment(name, endpoints === 'none' ? [] : [{ address: pod.address, port: appPort }]),
    typed_extension_protocol_options: protocol === 'tcp' ? undefined : protocolOptions(protocol),
  });
};

/** Every cluster of one proxy; those that its filters ask are in the bootstrap. */
export const clustersOf = (pod: Pod, config: ProxyConfig, index: number, certificates: string): readonly JsonObject[] =>
  [
    ...Object.values(config.outbound).map((outbound) => outboundCluster(outbound, index, certificates)),
    ...config.inbound.map((inbound) => inboundCluster(pod, inbound)),
  ].map((cluster) => typed('envoy.config.cluster.v3.Cluster', cluster));
