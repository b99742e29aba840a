import { application, callersProxy, deployment, network, type Row } from './row.ts';

/** The application answers with errors; connections cannot be made, break, or fail in TLS. */
export const connectionsRows: readonly Row[] = [
  [
    'the application answers 500',
    { caller: '500 -', callee: '500 -' },
    { rule: 'callee-errors', side: application, object: deployment, not: /proxy of checkout answers|retr/ },
  ],
  [
    'the application answers 503',
    { caller: '503 -', callee: '503 -' },
    { rule: 'callee-errors', side: application, object: deployment },
  ],
  [
    'gRPC status 14 with code 200',
    { caller: '200/14 -', callee: '200/14 -' },
    { rule: 'grpc-errors', side: application, object: deployment, not: /\(HTTP 200/ },
  ],
  [
    'gRPC: the sidecar of the callee is dead',
    { caller: '200/14 UF', callee: 'none' },
    { rule: 'connection-failure', side: network, object: deployment, not: /UNAVAILABLE|cut although/ },
  ],
  [
    'gRPC: the application is dead',
    { caller: '200/14 -', callee: '200/14 UF' },
    { rule: 'connection-failure', side: application, object: deployment },
  ],
  [
    'gRPC: a full limit',
    { caller: '200/14 UO', callee: 'none' },
    { rule: 'circuit-breaker', side: callersProxy, object: /^DestinationRule shop\/payments$/, not: /answers with errors/ },
  ],
  [
    'gRPC: reset in mid-stream',
    { caller: '200/2 UR', callee: '200/2 UR' },
    { rule: 'cut-response', side: application, object: deployment },
  ],
  [
    'the application is dead',
    { caller: '503 -', callee: '503 UF', moved: ['callee/upstream_cx_connect_fail'] },
    { rule: 'connection-failure', side: application, object: deployment, not: /network|answers with errors/ },
  ],
  [
    "the callee's sidecar is dead",
    { caller: '503 UF', callee: 'none', moved: ['caller/upstream_cx_connect_fail'] },
    { rule: 'connection-failure', side: network, object: deployment, not: /TLS|certificate/ },
  ],
  [
    'the same with retries',
    {
      caller: '503 URX,UF',
      callee: 'none',
      moved: ['caller/upstream_cx_connect_fail', 'caller/upstream_rq_retry', 'caller/upstream_rq_retry_limit_exceeded'],
    },
    { rule: 'connection-failure', side: network, object: deployment },
  ],
  [
    'connecting times out',
    {
      caller: '503 UF',
      callee: 'none',
      slow: 'caller',
      moved: ['caller/upstream_cx_connect_timeout', 'caller/upstream_cx_connect_fail'],
    },
    { rule: 'connection-failure', side: network, object: /^NetworkPolicy in shop$/, not: /payments (itself )?is slow/ },
  ],
  [
    'connecting times out, counters hidden',
    { caller: '503 UF', callee: 'none', slow: 'caller' },
    { rule: 'connection-failure', side: network, object: /^NetworkPolicy in shop$/ },
  ],
  [
    'refused, tried again and so a little later, and the counter of timeouts stands still',
    {
      caller: '503 URX,UF',
      callee: 'none',
      slow: 'caller',
      moved: ['caller/upstream_cx_connect_timeout=0', 'caller/upstream_cx_connect_fail', 'caller/upstream_rq_retry'],
    },
    { rule: 'connection-failure', side: network, object: deployment, not: /times out/ },
  ],
  [
    'the caller trusts another authority',
    {
      caller: '503 UF',
      callee: 'none',
      moved: ['caller/ssl_fail_verify_error', 'caller/upstream_cx_connect_fail', 'callee/listener_ssl_connection_error'],
    },
    {
      rule: 'mtls-failure',
      side: network,
      object: /^Certificate of shop\/payments/,
      not: /refuses the certificate of checkout|plaintext/,
    },
  ],
  [
    'the callee shows another identity',
    { caller: '503 UF', callee: 'none', moved: ['caller/ssl_fail_verify_san', 'callee/listener_ssl_connection_error'] },
    { rule: 'mtls-failure', side: network, object: /^DestinationRule shop\/payments$/ },
  ],
  [
    'the callee refuses the client certificate, TLS 1.2',
    {
      caller: '503 UF',
      callee: 'none',
      moved: ['caller/ssl_connection_error', 'caller/upstream_cx_connect_fail', 'callee/listener_ssl_fail_verify_error'],
    },
    { rule: 'mtls-failure', side: network, object: /^Certificate of shop\/checkout$/, not: /does not trust|plaintext/ },
  ],
  [
    'the callee refuses the client certificate, TLS 1.3',
    {
      caller: '503 UC',
      callee: 'none',
      moved: ['caller/ssl_connection_error', 'caller/ssl_handshake', 'callee/listener_ssl_fail_verify_error'],
    },
    { rule: 'mtls-failure', side: network, object: /^Certificate of shop\/checkout$/, not: /crash|restart/ },
  ],
  [
    'the same, only the caller shows its counters',
    { caller: '503 UC', callee: 'none', moved: ['caller/ssl_connection_error', 'caller/ssl_handshake'] },
    { rule: 'mtls-failure', side: network, object: /^Certificate of shop\/checkout$/ },
  ],
  [
    'the caller offers no certificate',
    { caller: '503 UF', callee: 'none', moved: ['caller/ssl_connection_error', 'callee/listener_ssl_fail_verify_no_cert'] },
    { rule: 'mtls-failure', side: network, object: /^DestinationRule shop\/payments$/, not: /plaintext/ },
  ],
  [
    'plaintext to a strict port',
    {
      caller: '503 UC',
      callee: 'none',
      moved: ['caller/upstream_cx_destroy_remote_with_active_rq', 'callee/listener_ssl_connection_error'],
    },
    { rule: 'mtls-failure', side: network, object: /^PeerAuthentication in shop$/, not: /crash|restart|certificate/ },
  ],
  [
    'TLS to a plaintext port',
    { caller: '503 UF', callee: '400 DPE', moved: ['caller/ssl_connection_error', 'callee/http_downstream_cx_protocol_error'] },
    { rule: 'mtls-failure', side: network, object: /^DestinationRule shop\/payments$/, not: /sends what is no valid HTTP/ },
  ],
  [
    'TLS to a plaintext port, counters hidden',
    { caller: '503 UF', callee: '400 DPE' },
    { rule: 'protocol-error', side: network, object: /^DestinationRule shop\/payments$/, not: /checkout sends/ },
  ],
  [
    'the application closes without an answer',
    { caller: '503 -', callee: '503 UC', moved: ['callee/upstream_cx_destroy_remote_with_active_rq'] },
    { rule: 'connection-failure', side: application, object: deployment, not: /TLS/ },
  ],
  [
    "the callee's sidecar is killed under load",
    {
      caller: '503 UC',
      callee: 'none',
      moved: ['caller/upstream_cx_destroy_remote_with_active_rq', 'callee/listener_no_filter_chain_match=0'],
    },
    { rule: 'connection-failure', side: network, object: deployment, not: /suspect mutual TLS/ },
  ],
];
