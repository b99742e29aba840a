import type { Dialect } from '../domain/dialect.ts';
import { equals } from '../domain/promql.ts';

/** `opaque` is TLS of the applications' own (linkerd.io, "Proxy Metrics", label `tls`). */
const security = { label: 'tls', secured: ['true'], open: ['disabled', 'no_identity'], reason: 'no_tls_reason' } as const;

/**
 * Linkerd: the reporting end is in the scrape labels (`namespace`, `deployment`), the other end in metric labels: `dst_*` outbound, the
 * mTLS identity `client_id` inbound. No response flags; `classification` decides failure (linkerd2-proxy).
 */
export const linkerd: Dialect = {
  name: 'linkerd',
  metrics: {
    requests: 'response_total',
    durationBucket: 'response_latency_ms_bucket',
    durationSum: 'response_latency_ms_sum',
    durationCount: 'response_latency_ms_count',
    // `tcp_close_total` names no callee beside the address.
    connections: null,
  },
  durationUnit: 'ms',
  labels: {
    code: 'status_code',
    grpcStatus: 'grpc_status',
    flags: null,
    protocol: null,
    classification: 'classification',
    operation: null,
    urlPath: null,
    pod: 'pod',
    instance: 'instance',
  },
  views: {
    caller: {
      reporter: 'caller',
      matchers: [equals('direction', 'outbound')],
      labels: {
        sourceNamespace: 'namespace',
        sourceWorkload: 'deployment',
        sourceVersion: null,
        destinationNamespace: 'dst_namespace',
        destinationService: 'dst_service',
        destinationWorkload: 'dst_deployment',
        destinationVersion: 'dst_pod_template_hash',
        destinationRevision: null,
        sourceIdentity: null,
      },
      security: { ...security, clientIdentity: null, serverIdentity: 'server_id' },
    },
    callee: {
      reporter: 'callee',
      matchers: [equals('direction', 'inbound')],
      labels: {
        sourceNamespace: null,
        sourceWorkload: null,
        sourceVersion: null,
        destinationNamespace: 'namespace',
        destinationService: null,
        destinationWorkload: 'deployment',
        destinationVersion: 'pod_template_hash',
        destinationRevision: null,
        sourceIdentity: 'client_id',
      },
      security: { ...security, clientIdentity: 'client_id', serverIdentity: null },
    },
  },
};
