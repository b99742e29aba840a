import { application, calleesProxy, callersProxy, deployment, network, type Row } from './row.ts';

/** Somebody refuses, delays or answers on purpose; a protocol that does not match. */
export const policiesRows: readonly Row[] = [
  [
    'local rate limit',
    { caller: '429 -', callee: '429 RL', moved: ['callee/http_local_rate_limit_rate_limited'] },
    { rule: 'rate-limited', side: 'policy', object: /^EnvoyFilter in shop$/, not: /payments (itself )?answers/ },
  ],
  [
    'shared rate limit',
    { caller: '429 -', callee: '429 RL', moved: ['callee/cluster_ratelimit_over_limit'] },
    { rule: 'rate-limited', side: 'policy', object: /^EnvoyFilter in shop$/ },
  ],
  [
    'the rate limit service is down',
    { caller: '500 -', callee: '500 RLSE', moved: ['callee/cluster_ratelimit_error'] },
    {
      rule: 'rate-limit-unavailable',
      side: 'policy',
      object: /Rate limit service/,
      not: /over the limit|payments (itself )?answers/,
    },
  ],
  [
    'external authorization denies',
    { caller: '403 -', callee: '403 UAEX', moved: ['callee/http_ext_authz_denied'] },
    {
      rule: 'external-authorization',
      side: 'policy',
      object: /^AuthorizationPolicy \(CUSTOM\) in shop$/,
      not: /does not answer/,
    },
  ],
  [
    'external authorization is down',
    { caller: '503 -', callee: '503 UAEX', moved: ['callee/http_ext_authz_error'] },
    { rule: 'external-authorization', side: 'policy', object: /^AuthorizationPolicy/, not: /denies/ },
  ],
  [
    'external authorization is down and 403 is what it then says',
    { caller: '403 -', callee: '403 UAEX', moved: ['callee/http_ext_authz_error'] },
    { rule: 'external-authorization', side: 'policy', object: /^AuthorizationPolicy/, not: /denies/ },
  ],
  [
    'external authorization says 403, counters hidden',
    { caller: '403 -', callee: '403 UAEX' },
    { rule: 'external-authorization', side: 'policy', object: /^AuthorizationPolicy/, not: /decision/ },
  ],
  [
    'external authorization denies, and only the counter of its errors is shown',
    { caller: '403 -', callee: '403 UAEX', moved: ['callee/http_ext_authz_error=0'] },
    { rule: 'external-authorization', side: 'policy', object: /^AuthorizationPolicy/, not: /cannot be asked/ },
  ],
  [
    'external authorization denies with a code of its own',
    { caller: '401 -', callee: '401 UAEX' },
    { rule: 'external-authorization', side: 'policy', object: /^AuthorizationPolicy/, not: /cannot be asked|token/ },
  ],
  [
    'gRPC: RBAC denies',
    { caller: '200/7 -', callee: '200/7 -', moved: ['callee/http_rbac_denied'] },
    { rule: 'rbac-denied', side: 'policy', object: /^AuthorizationPolicy in shop$/, not: /HTTP 403| got 403/ },
  ],
  [
    'gRPC: a JWT is missing',
    { caller: '200/16 -', callee: '200/16 -', moved: ['callee/http_jwt_authn_denied'] },
    { rule: 'jwt-refused', side: 'policy', object: /^RequestAuthentication in shop$/, not: /HTTP 401| got 401/ },
  ],
  [
    'RBAC denies',
    { caller: '403 -', callee: '403 -', moved: ['callee/http_rbac_denied'] },
    { rule: 'rbac-denied', side: 'policy', object: /^AuthorizationPolicy in shop$/, not: /payments itself/ },
  ],
  [
    '403 and nobody shows who',
    { caller: '403 -', callee: '403 -' },
    { rule: 'rbac-denied', side: 'policy', object: /^AuthorizationPolicy in shop$/ },
  ],
  [
    "the application's own 403",
    { caller: '403 -', callee: '403 -', moved: ['callee/http_rbac_denied=0'] },
    { rule: 'callee-errors', side: application, object: deployment, not: /AuthorizationPolicy/ },
  ],
  [
    'a JWT is missing',
    { caller: '401 -', callee: '401 -', moved: ['callee/http_jwt_authn_denied'] },
    { rule: 'jwt-refused', side: 'policy', object: /^RequestAuthentication in shop$/, not: /payments itself/ },
  ],
  [
    'an injected abort',
    { caller: '503 FI', callee: 'none', moved: ['caller/http_fault_aborts_injected'] },
    {
      rule: 'fault-injected',
      side: 'policy',
      object: /^VirtualService shop\/payments$/,
      not: /payments (itself )?(is slow|answers with)/,
    },
  ],
  [
    'an injected abort that says 404',
    { caller: '404 FI', callee: 'none' },
    { rule: 'fault-injected', side: 'policy', object: /^VirtualService shop\/payments$/ },
  ],
  [
    'an injected delay',
    { caller: '200 DI', callee: '200 -', slow: 'caller', moved: ['caller/http_fault_delays_injected'] },
    { rule: 'fault-injected', side: 'policy', object: /^VirtualService shop\/payments$/, not: /payments (itself )?is slow/ },
  ],
  [
    'an injected delay and abort',
    { caller: '503 DI,FI', callee: 'none', slow: 'caller' },
    { rule: 'fault-injected', side: 'policy', object: /^VirtualService shop\/payments$/ },
  ],
  [
    'a filter without its configuration',
    { caller: '500 NFCF', callee: 'none' },
    { rule: 'filter-not-configured', side: callersProxy, object: /^WasmPlugin in shop$/ },
  ],
  [
    'a name that does not resolve',
    { caller: '503 DF', callee: 'none' },
    { rule: 'dns-failure', side: network, object: /^ServiceEntry shop\/payments$/ },
  ],
  [
    'an invalid x-envoy header',
    { caller: '400 IH', callee: 'none' },
    { rule: 'bad-request-header', side: 'caller', object: /^Deployment shop\/checkout$/ },
  ],
  ['answers out of the cache', { caller: '200 RFCF', callee: 'none' }, { rule: 'healthy', side: 'nothing wrong', object: /^$/ }],
  [
    'a request that is no HTTP',
    { caller: '400 DPE', callee: 'none', moved: ['caller/http_downstream_cx_protocol_error'] },
    { rule: 'protocol-error', side: 'caller', object: /^Deployment shop\/checkout$/, not: /TLS/ },
  ],
  [
    'an answer that is no HTTP',
    { caller: '502 -', callee: '502 UPE', moved: ['callee/upstream_cx_protocol_error'] },
    { rule: 'protocol-error', side: application, object: /^Service shop\/payments$/, not: /dies|cut/ },
  ],
  [
    "a request that is too large for the callee's proxy",
    { caller: '413 -', callee: '413 -', moved: ['callee/http_downstream_rq_too_large'] },
    { rule: 'proxy-answered', side: calleesProxy, object: /^EnvoyFilter in shop$/ },
  ],
  [
    "a request that is too large for the caller's proxy",
    { caller: '413 -', callee: 'none', moved: ['caller/http_downstream_rq_too_large'] },
    { rule: 'proxy-answered', side: callersProxy, object: /^EnvoyFilter in shop$/, not: /asks for what/ },
  ],
  [
    'the same, counters hidden',
    { caller: '413 -', callee: 'none' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /asks for what/ },
  ],
  [
    'a request without a host',
    { caller: '400 -', callee: 'none' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /asks for what|failed/ },
  ],
  [
    'a request that must be another version of HTTP',
    { caller: '426 -', callee: 'none' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /asks for what|failed/ },
  ],
  [
    "the caller's proxy sheds load",
    { caller: '503 -', callee: 'none', moved: ['caller/http_downstream_rq_overload_close'] },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments (itself )?answers with/ },
  ],
  [
    "the caller's proxy sheds load, counters hidden",
    { caller: '503 -', callee: 'none' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments (itself )?answers with/ },
  ],
  [
    "gRPC: the caller's proxy sheds load",
    { caller: '200/14 -', callee: 'none', moved: ['caller/http_downstream_rq_overload_close'] },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments (itself )?answers with/ },
  ],
  [
    "gRPC: the caller's proxy says so itself, counters hidden",
    { caller: '200/14 -', callee: 'none' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments (itself )?answers with/ },
  ],
  [
    'gRPC: the longest duration of the route, counters hidden',
    { caller: '200/14 -', callee: '0 DC', slow: 'both' },
    { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /overload/ },
  ],
  [
    "the callee's proxy sheds load",
    { caller: '503 -', callee: '503 -', moved: ['callee/http_downstream_rq_overload_close'] },
    { rule: 'proxy-answered', side: calleesProxy, object: deployment, not: /payments (itself )?answers with/ },
  ],
  [
    "gRPC: the callee's proxy sheds load",
    { caller: '200/14 -', callee: '200/14 -', moved: ['callee/http_downstream_rq_overload_close'] },
    { rule: 'proxy-answered', side: calleesProxy, object: deployment, not: /payments (itself )?answers with/ },
  ],
  [
    "the callee's proxy answers at the headers",
    { caller: '503 -', callee: '503 -', moved: ['callee/http_downstream_rq_response_before_rq_complete'] },
    { rule: 'proxy-answered', side: calleesProxy, object: deployment, not: /payments (itself )?answers with/ },
  ],
  [
    'plaintext to a strict port, where the listener has no filter chain for it',
    { caller: '503 UC', callee: 'none', moved: ['callee/listener_no_filter_chain_match'] },
    { rule: 'mtls-failure', side: network, object: /^PeerAuthentication in shop$/, not: /crash|restart/ },
  ],
  [
    "the overload manager of the callee's proxy resets a stream",
    { caller: '200 UR', callee: '200 OM' },
    { rule: 'cut-response', side: calleesProxy, object: deployment, not: /payments dies|crash/ },
  ],
  [
    'the overload manager resets a stream',
    { caller: '200 OM', callee: 'none' },
    { rule: 'cut-response', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments dies/ },
  ],
];
