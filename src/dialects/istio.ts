import type { Dialect, Security } from '../domain/dialect.ts';
import { equals } from '../domain/promql.ts';

/** The policy is always `unknown` at the caller's proxy; a verified peer's identity is there only with mutual TLS (istio.io "Istio Standard Metrics"). */
const security: Security = {
  label: 'connection_security_policy',
  secured: ['mutual_tls'],
  open: ['none'],
  reason: null,
  clientIdentity: 'source_principal',
  serverIdentity: 'destination_principal',
};

/** Istio sidecars and gateways. Both ends are metric labels; istio.io "Istio Standard Metrics". */
export const istio: Dialect = {
  name: 'istio',
  metrics: {
    requests: 'istio_requests_total',
    durationBucket: 'istio_request_duration_milliseconds_bucket',
    durationSum: 'istio_request_duration_milliseconds_sum',
    durationCount: 'istio_request_duration_milliseconds_count',
    connections: 'istio_tcp_connections_closed_total',
  },
  durationUnit: 'ms',
  labels: {
    code: 'response_code',
    grpcStatus: 'grpc_response_status',
    flags: 'response_flags',
    protocol: 'request_protocol',
    classification: null,
    // Neither is there until somebody adds it (istio.io, "Classifying Metrics Based on Request or Response", "Customizing Istio Metrics").
    operation: 'request_operation',
    urlPath: 'request_url_path',
    pod: 'pod',
    instance: 'instance',
  },
  views: {
    caller: { reporter: 'caller', matchers: [equals('reporter', 'source')], labels: istioLabels(), security },
    callee: { reporter: 'callee', matchers: [equals('reporter', 'destination')], labels: istioLabels(), security },
  },
};

function istioLabels() {
  return {
    sourceNamespace: 'source_workload_namespace',
    sourceWorkload: 'source_workload',
    sourceVersion: 'source_version',
    destinationNamespace: 'destination_service_namespace',
    destinationService: 'destination_service_name',
    destinationWorkload: 'destination_workload',
    destinationVersion: 'destination_version',
    destinationRevision: 'destination_canonical_revision',
    sourceIdentity: null,
  } as const;
}
