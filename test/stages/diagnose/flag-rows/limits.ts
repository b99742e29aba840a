import { application, calleesProxy, callersProxy, deployment, network, type Row } from './row.ts';

/** Limits, endpoints and routes; clients that leave. */
export const limitsRows: readonly Row[] = [
  [
    'full connection pool',
    { caller: '503 UO', callee: 'none', moved: ['caller/upstream_rq_pending_overflow', 'caller/upstream_cx_overflow'] },
    {
      rule: 'circuit-breaker',
      side: callersProxy,
      object: /^DestinationRule shop\/payments$/,
      not: /eject|payments answers with errors/,
    },
  ],
  [
    'full request limit, HTTP/2',
    { caller: '503 UO', callee: 'none', moved: ['caller/upstream_rq_active_overflow'] },
    { rule: 'circuit-breaker', side: callersProxy, object: /^DestinationRule shop\/payments$/ },
  ],
  [
    'full request limit, HTTP/2, before Envoy 1.38',
    { caller: '503 UO', callee: 'none', moved: ['caller/upstream_rq_pending_overflow', 'caller/upstream_cx_overflow=0'] },
    {
      rule: 'circuit-breaker',
      side: callersProxy,
      object: /^DestinationRule shop\/payments$/,
      not: /queue for connections|: http1MaxPendingRequests is what/,
    },
  ],
  [
    'gRPC: the same',
    { caller: '200/14 UO', callee: 'none', moved: ['caller/upstream_rq_pending_overflow'] },
    {
      rule: 'circuit-breaker',
      side: callersProxy,
      object: /^DestinationRule shop\/payments$/,
      not: /queue for connections|: http1MaxPendingRequests is what/,
    },
  ],
  [
    'full retry budget of an application that answers 503, counters hidden',
    { caller: '503 UO', callee: '503 -' },
    { rule: 'circuit-breaker', side: application, object: deployment, not: /refused at once/ },
  ],
  [
    'gRPC: full retry budget of an application that answers UNAVAILABLE, counters hidden',
    { caller: '200/14 UO', callee: '200/14 -' },
    { rule: 'circuit-breaker', side: application, object: deployment, not: /refused at once/ },
  ],
  [
    'full connection pool before an application that fails too, counters hidden',
    { caller: '503 UO | 503 UO | 503 -', callee: '503 - x0.33' },
    { rule: 'circuit-breaker', side: callersProxy, object: /^DestinationRule shop\/payments$/, not: /not tried again/ },
  ],
  [
    'full retry budget',
    { caller: '500 UO', callee: '500 -', moved: ['caller/upstream_rq_retry_overflow'] },
    { rule: 'circuit-breaker', side: application, object: deployment, not: /refused at once/ },
  ],
  [
    "full limit at the callee's proxy",
    { caller: '503 -', callee: '503 UO', moved: ['callee/upstream_rq_pending_overflow'] },
    { rule: 'circuit-breaker', side: calleesProxy, object: /^DestinationRule shop\/payments$/, not: /proxy of checkout/ },
  ],
  [
    'no endpoint',
    { caller: '503 UH', callee: 'none', moved: ['caller/upstream_cx_none_healthy'] },
    { rule: 'no-healthy-upstream', side: application, object: /^Service shop\/payments$/, not: /ejected/ },
  ],
  [
    'no endpoint, after one host was ejected once',
    {
      caller: '503 UH',
      callee: 'none',
      moved: ['caller/upstream_cx_none_healthy', 'caller/outlier_detection_ejections_enforced_total=1'],
    },
    { rule: 'no-healthy-upstream', side: application, object: /^Service shop\/payments$/, not: /ejected/ },
  ],
  [
    'every host was ejected',
    {
      caller: '500 - | 503 UH | 503 UH | 503 UH',
      callee: '500 -',
      moved: ['caller/outlier_detection_ejections_enforced_total=3'],
    },
    { rule: 'outlier-ejection', side: application, object: deployment },
  ],
  [
    "no endpoint at the callee's proxy",
    { caller: '503 -', callee: '503 UH' },
    { rule: 'no-healthy-upstream', side: calleesProxy, object: /^Sidecar shop\/payments$/ },
  ],
  [
    "no cluster at the callee's proxy",
    { caller: '503 -', callee: '503 NC' },
    { rule: 'no-route', side: calleesProxy, object: /^EnvoyFilter in shop$/ },
  ],
  [
    "no route at the callee's proxy",
    { caller: '404 -', callee: '404 NR' },
    { rule: 'no-route', side: calleesProxy, object: /^EnvoyFilter in shop$/, not: /checkout has no route/ },
  ],
  [
    'told to be unhealthy',
    { caller: '503 -', callee: '503 LH', moved: ['callee/http_health_check_failed'] },
    { rule: 'local-health-check', side: calleesProxy, object: deployment },
  ],
  [
    'no route',
    { caller: '404 NR', callee: 'none', moved: ['caller/http_no_route'] },
    { rule: 'no-route', side: callersProxy, object: /^VirtualService in shop$/ },
  ],
  [
    'no cluster',
    { caller: '503 NC', callee: 'none', moved: ['caller/http_no_cluster'] },
    { rule: 'no-route', side: callersProxy, object: /^DestinationRule shop\/payments$/ },
  ],
  [
    'a route with a fixed answer',
    { caller: '502 -', callee: 'none', moved: ['caller/http_rq_direct_response'] },
    { rule: 'proxy-answered', side: callersProxy, object: /^VirtualService shop\/payments$/ },
  ],
  [
    'dropped by the control plane, half',
    { caller: '503 DO', callee: 'none' },
    {
      rule: 'dropped-on-purpose',
      side: 'policy',
      object: /^Endpoint policy \(drop_overload\) of payments$/,
      not: /payments (itself )?answers/,
    },
  ],
  [
    'dropped by the control plane, all',
    { caller: '503 UDO', callee: 'none' },
    { rule: 'dropped-on-purpose', side: 'policy', object: /^Endpoint policy \(drop_overload\) of payments$/ },
  ],
  [
    'the client leaves',
    { caller: '0 DC', callee: '0 DC', moved: ['caller/http_downstream_rq_rx_reset'] },
    { rule: 'client-gave-up', side: 'caller', object: /^Deployment shop\/checkout$/, not: /slower/ },
  ],
  [
    'the client leaves in mid-response',
    { caller: '200 DC', callee: '200 DC' },
    { rule: 'client-gave-up', side: 'caller', object: /^Deployment shop\/checkout$/ },
  ],
  [
    'the client resets, HTTP/2',
    { caller: '0 DR', callee: '0 DC' },
    { rule: 'client-gave-up', side: 'caller', object: /^Deployment shop\/checkout$/ },
  ],
  [
    'the client leaves what never arrives: packets are lost',
    { caller: '0 DC', callee: 'none', slow: 'caller' },
    { rule: 'client-gave-up', side: network, object: /^NetworkPolicy in shop$/, not: /slower|leaves/ },
  ],
  [
    'the client leaves a slow callee',
    { caller: '0 DC', callee: '0 DC', slow: 'both' },
    { rule: 'slow-callee', side: application, object: deployment, not: /leaves/ },
  ],
];
