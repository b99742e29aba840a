import type { Pod } from '../../lab.ts';
import type { Inbound, ProxyConfig } from '../proxy.ts';
import { aside, clusterOf, sidecar, tracedAs } from '../topology.ts';
import { accessLog } from './access-log.ts';
import { certificateFiles } from './clusters.ts';
import { inboundFilters, limitsOf, outboundFilters, router } from './filters.ts';
import { duration, type Json, type JsonObject, socketAddress, typed } from './json.ts';
import { restSource } from './rest-source.ts';

/** By what a proxy tells of its requests. */
export type Tracer = 'opentelemetry' | 'zipkin';

/** Where a proxy writes and reads. */
type Surroundings = {
  readonly index: number;
  readonly logFile: string;
  readonly certificates: string;
  readonly tracer: Tracer;
};

const network = 'envoy.extensions.filters.network.';

/** What Istio adds to each span (istio/istio, pilot/pkg/networking/core/tracing.go). */
const customTags = ({ service, namespace, version }: Pod): readonly JsonObject[] =>
  Object.entries({
    'istio.canonical_revision': version,
    'istio.canonical_service': service,
    'istio.mesh_id': 'cluster.local',
    'istio.namespace': namespace,
  }).map(([tag, value]) => ({ tag, literal: { value } }));

const tracing = (pod: Pod, { index, tracer }: Surroundings): JsonObject => ({
  random_sampling: { value: 100 },
  custom_tags: customTags(pod),
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
            service_name: tracedAs(pod),
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

const tcpProxy = (
  around: Surroundings,
  side: 'source' | 'destination',
  prefix: string,
  cluster: string,
  maxSeconds?: number,
): JsonObject => ({
  name: 'envoy.filters.network.tcp_proxy',
  typed_config: typed(`${network}tcp_proxy.v3.TcpProxy`, {
    stat_prefix: prefix,
    cluster,
    access_log: accessLog(around.logFile, side, 'tcp'),
    ...(maxSeconds === undefined ? {} : { max_downstream_connection_duration: duration(maxSeconds) }),
  }),
});

/** The listeners of one proxy. Where Istio has one for all that comes in, bytes have one of their own here: nothing tells them apart. */
export const listenersOf = (pod: Pod, config: ProxyConfig, around: Surroundings): readonly JsonObject[] => {
  const out = connectionManager(pod, around, {
    prefix: 'outbound',
    filters: outboundFilters(config, around.index),
    limits: limitsOf(config.outboundLimits ?? {}),
  });
  const into = connectionManager(pod, around, {
    prefix: 'inbound',
    filters: inboundFilters,
    limits: limitsOf(config.inboundLimits ?? {}),
  });
  const outbounds = Object.values(config.outbound);
  const [web] = config.inbound.filter(({ protocol }) => protocol !== 'tcp');
  return [
    ...(outbounds.some(({ protocol }) => protocol !== 'tcp')
      ? [listener('outbound', pod.address, sidecar.out, 'OUTBOUND', [{ filters: [out] }])]
      : []),
    ...outbounds
      .filter(({ protocol }) => protocol === 'tcp')
      .map(({ host, port, maxConnectionSeconds }) =>
        listener('outbound-tcp', pod.address, sidecar.tcpOut, 'OUTBOUND', [
          { filters: [tcpProxy(around, 'source', `outbound|${port}||${host}`, clusterOf(host, port), maxConnectionSeconds)] },
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
            tcpProxy(around, 'destination', `inbound|${inbound.appPort}||`, `inbound|${inbound.appPort}||`),
          ]),
        ),
      ),
  ];
};
