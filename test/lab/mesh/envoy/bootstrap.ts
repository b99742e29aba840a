import type { Pod } from '../../lab.ts';
import { shownStats } from '../shown-stats.ts';
import { aside, nodeIdOf, sidecar, tracedAs } from '../topology.ts';
import { type JsonObject, socketAddress, typed } from './json.ts';
import { restSource } from './rest-source.ts';

const http2 = {
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': typed('envoy.extensions.upstreams.http.v3.HttpProtocolOptions', {
      explicit_http_config: { http2_protocol_options: {} },
    }),
  },
};

const cluster = (name: string, address: string, port: number, more: JsonObject = {}): JsonObject => ({
  name,
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(address, port) } }] }],
  },
  ...more,
});

/** Pressure on a proxy as a number in a file: what its overload manager takes for memory. */
const overload = (pressureFile: string): JsonObject => ({
  refresh_interval: '0.25s',
  resource_monitors: [
    {
      name: 'envoy.resource_monitors.injected_resource',
      typed_config: typed('envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig', {
        filename: pressureFile,
      }),
    },
  ],
  actions: [
    {
      name: 'envoy.overload_actions.stop_accepting_requests',
      triggers: [{ name: 'envoy.resource_monitors.injected_resource', threshold: { value: 0.9 } }],
    },
    {
      name: 'envoy.overload_actions.reset_high_memory_stream',
      triggers: [
        {
          name: 'envoy.resource_monitors.injected_resource',
          scaled: { scaling_threshold: 0.5, saturation_threshold: 0.7 },
        },
      ],
    },
  ],
  // From 128 KiB on a stream is large: no usual answer of the lab is.
  buffer_factory_config: { minimum_account_to_track_power_of_two: 17 },
});

/**
 * Istio's own rules for what becomes a label (istio/istio, envoy_bootstrap.json): a `;` ends the name of a cluster or of a connection
 * manager, so that dots in it do no harm. Names are those of 1.24 and later.
 */
const statsTags = [
  { tag_name: 'cluster_name', regex: '^cluster(\\.(.+);)' },
  { tag_name: 'http_conn_manager_prefix', regex: '^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)' },
  { tag_name: 'tcp_prefix', regex: '^tcp\\.((.*?)\\.)\\w+?$' },
  { tag_name: 'response_code', regex: '_rq(_(\\d{3}))$' },
  { tag_name: 'response_code_class', regex: '_rq(_(\\dxx))$' },
  { tag_name: 'listener_address', regex: '^listener\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)' },
  { tag_name: 'authz_enforce_result', regex: 'rbac(\\.(allowed|denied))' },
];

/** How a sidecar begins: who it is, where it asks, and how it names its statistics. */
export const bootstrap = (pod: Pod, index: number, controlPort: number, pressureFile: string): JsonObject => ({
  node: {
    id: nodeIdOf(pod),
    // Zipkin's tracer calls its service so.
    cluster: tracedAs(pod),
  },
  admin: { address: socketAddress(pod.address, sidecar.admin) },
  stats_config: {
    use_all_default_tags: false,
    stats_tags: statsTags,
    stats_matcher: { inclusion_list: { patterns: shownStats() } },
  },
  layered_runtime: {
    layers: [
      {
        name: 'lab',
        static_layer: { 'tracing.opentelemetry.flush_interval_ms': 1000, 'tracing.zipkin.flush_interval_ms': 1000 },
      },
    ],
  },
  overload_manager: overload(pressureFile),
  dynamic_resources: { lds_config: restSource, cds_config: restSource },
  static_resources: {
    clusters: [
      cluster('control', aside(index, 'control'), controlPort),
      cluster('traces', aside(index, 'traces'), 4318),
      cluster('authorization', aside(index, 'policy'), 9001),
      cluster('rate-limits', aside(index, 'policy'), 9002, http2),
      cluster('nobody', aside(index, 'nobody'), 9, http2),
    ],
  },
});
