import { describe, expect, it } from 'vitest';
import type { Side } from '../../../src/domain/diagnosis.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import type { EdgeReading } from '../../../src/domain/signals.ts';
import { edgeNamed } from '../../support/report.ts';
import { diagnosed, type Fault, readingAt } from './flags.ts';

type Truth = { readonly rule: string; readonly side: Side; readonly object: RegExp; readonly not?: RegExp };
type Row = readonly [name: string, fault: Fault, truth: Truth];

const application = 'callee application' as const;
const callersProxy = "caller's proxy" as const;
const calleesProxy = "callee's proxy" as const;
const network = 'network/TLS' as const;
const deployment = /^Deployment shop\/payments$/;
const retried = /retried|tried again|tried \d/;

/**
 * What two real Envoys print for each fault, caller and callee (code and flags), and which of their counters move: a lab of two sidecars,
 * Envoy 1.40. What the flags mean: envoyproxy.io, "Access logging", %RESPONSE_FLAGS%.
 */
const rows: readonly Row[] = [
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
  [
    'HTTP/1.1 cut in mid-response',
    { caller: '200 UPE', callee: '200 UPE', moved: ['caller/upstream_cx_protocol_error', 'callee/upstream_cx_protocol_error'] },
    { rule: 'cut-response', side: application, object: deployment, not: /does not answer in the HTTP/ },
  ],
  [
    'HTTP/2 reset in mid-response',
    { caller: '200 UR', callee: '200 UR', moved: ['caller/upstream_rq_rx_reset'] },
    { rule: 'cut-response', side: application, object: deployment },
  ],
  [
    'cut between the proxies',
    { caller: '200 UC', callee: 'none' },
    { rule: 'cut-response', side: network, object: deployment, not: /payments dies/ },
  ],
  [
    'HTTP/2 reset before the headers',
    { caller: '503 -', callee: '503 UR', moved: ['callee/upstream_rq_rx_reset'] },
    { rule: 'protocol-error', side: application, object: deployment },
  ],
  [
    'HTTP/2 GOAWAY and closed',
    { caller: '503 -', callee: '503 UC', moved: ['callee/upstream_cx_close_notify'] },
    { rule: 'connection-failure', side: application, object: deployment },
  ],
  [
    'route timeout, HTTP/1.1',
    {
      caller: '504 UT',
      callee: '0 DC',
      slow: 'both',
      moved: ['caller/upstream_rq_timeout', 'callee/http_downstream_rq_rx_reset'],
    },
    { rule: 'upstream-timeout', side: application, object: /^VirtualService shop\/payments$/, not: /checkout gives up|leaves/ },
  ],
  [
    'route timeout, HTTP/2',
    { caller: '504 UT', callee: '0 DR', slow: 'both', moved: ['caller/upstream_rq_timeout'] },
    { rule: 'upstream-timeout', side: application, object: /^VirtualService shop\/payments$/ },
  ],
  [
    'a timeout that is too low',
    { caller: '504 UT', callee: '0 DC' },
    { rule: 'upstream-timeout', side: callersProxy, object: /^VirtualService shop\/payments$/, not: /too slowly/ },
  ],
  [
    'per-try timeout without a retry',
    {
      caller: '504 URX,UT',
      callee: '0 DC',
      slow: 'both',
      moved: ['caller/upstream_rq_per_try_timeout', 'caller/upstream_rq_retry_limit_exceeded'],
    },
    { rule: 'upstream-timeout', side: application, object: /^VirtualService/, not: retried },
  ],
  [
    'per-try timeout, once more',
    {
      caller: '504 URX,UT',
      callee: '0 DC x2',
      slow: 'both',
      moved: ['caller/upstream_rq_per_try_timeout', 'caller/upstream_rq_retry'],
    },
    { rule: 'upstream-timeout', side: application, object: /^VirtualService/ },
  ],
  [
    'per-try idle timeout',
    { caller: '504 URX,UT', callee: '0 DC', slow: 'both', moved: ['caller/upstream_rq_per_try_idle_timeout'] },
    { rule: 'duration-limit', side: application, object: /EnvoyFilter/ },
  ],
  [
    "a timeout at the callee's proxy",
    { caller: '504 -', callee: '504 UT', moved: ['callee/upstream_rq_timeout'] },
    { rule: 'upstream-timeout', side: calleesProxy, object: /EnvoyFilter in shop/, not: /that checkout has/ },
  ],
  [
    "a timeout at the callee's proxy, the application is slow",
    { caller: '504 -', callee: '504 UT', slow: 'both' },
    { rule: 'upstream-timeout', side: application, object: /EnvoyFilter in shop/ },
  ],
  [
    'idle timeout before the answer',
    { caller: '504 SI', callee: '0 DC', slow: 'both', moved: ['caller/http_downstream_rq_idle_timeout'] },
    { rule: 'duration-limit', side: application, object: /EnvoyFilter/ },
  ],
  [
    'idle timeout while the client sends',
    { caller: '408 SI', callee: '0 DC', moved: ['caller/http_downstream_rq_idle_timeout'] },
    { rule: 'duration-limit', side: 'caller', object: /EnvoyFilter/, not: /payments (is|answers)/ },
  ],
  [
    'the application stalls after its headers',
    { caller: '200 SI', callee: '200 DC', moved: ['caller/http_downstream_rq_idle_timeout'] },
    { rule: 'cut-response', side: application, object: deployment },
  ],
  [
    'longest stream duration, which has no flag',
    { caller: '504 -', callee: '0 DC', moved: ['caller/http_downstream_rq_max_duration_reached'] },
    { rule: 'proxy-answered', side: callersProxy, object: /EnvoyFilter in shop/, not: /payments (itself )?answers with/ },
  ],
  [
    'the same, counters hidden',
    { caller: '504 -', callee: '0 DC', slow: 'both' },
    { rule: 'proxy-answered', side: callersProxy, object: /./, not: /payments (itself )?answers with/ },
  ],
  [
    'longest duration with its flag',
    { caller: '504 DT', callee: '0 DC' },
    { rule: 'duration-limit', side: callersProxy, object: /EnvoyFilter/ },
  ],
  [
    'longest connection duration, which drains',
    { caller: '200 -', callee: '200 -', moved: ['caller/http_downstream_cx_max_duration_reached'] },
    { rule: 'healthy', side: 'nothing wrong', object: /^$/ },
  ],
  [
    'the whole request takes too long to come',
    { caller: '408 -', callee: '0 DC', moved: ['caller/http_downstream_rq_timeout'] },
    { rule: 'proxy-answered', side: 'caller', object: /^Deployment shop\/checkout$/ },
  ],
  [
    'the headers take too long to come',
    { caller: '408 -', callee: 'none', moved: ['caller/http_downstream_rq_header_timeout'] },
    { rule: 'proxy-answered', side: 'caller', object: /^Deployment shop\/checkout$/ },
  ],
  [
    'longest upstream stream duration',
    { caller: '504 UMSDR', callee: '0 DC', moved: ['caller/upstream_rq_max_duration_reached'] },
    { rule: 'duration-limit', side: callersProxy, object: /EnvoyFilter/ },
  ],
  [
    'retries on 500, all in vain',
    { caller: '500 URX', callee: '500 - x3', moved: ['caller/upstream_rq_retry', 'caller/upstream_rq_retry_limit_exceeded'] },
    { rule: 'retry-exhausted', side: application, object: deployment, not: /cannot connect|connection/ },
  ],
  [
    'the same, counters hidden',
    { caller: '500 URX', callee: '500 - x3' },
    { rule: 'retry-exhausted', side: application, object: deployment },
  ],
  [
    'URX without any retry',
    { caller: '503 URX', callee: '503 -' },
    { rule: 'retry-exhausted', side: application, object: deployment, not: retried },
  ],
  [
    'retries on an application that resets',
    { caller: '503 URX', callee: '503 UC x3', moved: ['caller/upstream_rq_retry'] },
    { rule: 'connection-failure', side: application, object: deployment },
  ],
  [
    'a retry saved it',
    { caller: '200 -', callee: '503 - | 200 -', moved: ['caller/upstream_rq_retry', 'caller/upstream_rq_retry_success'] },
    { rule: 'callee-errors', side: application, object: deployment },
  ],
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
    'full retry budget',
    { caller: '500 UO', callee: '500 -', moved: ['caller/upstream_rq_retry_overflow'] },
    { rule: 'circuit-breaker', side: application, object: /^DestinationRule shop\/payments$/, not: /refused at once/ },
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
    'every host was ejected',
    {
      caller: '500 - | 503 UH | 503 UH | 503 UH',
      callee: '500 -',
      moved: ['caller/outlier_detection_ejections_enforced_total=3'],
    },
    { rule: 'outlier-ejection', side: application, object: /^DestinationRule shop\/payments$/ },
  ],
  [
    "no endpoint at the callee's proxy",
    { caller: '503 -', callee: '503 UH' },
    { rule: 'no-healthy-upstream', side: calleesProxy, object: /^Sidecar shop\/payments$/ },
  ],
  [
    "no cluster at the callee's proxy",
    { caller: '503 -', callee: '503 NC' },
    { rule: 'no-route', side: calleesProxy, object: /^DestinationRule shop\/payments$/ },
  ],
  [
    "no route at the callee's proxy",
    { caller: '404 -', callee: '404 NR' },
    { rule: 'no-route', side: calleesProxy, object: /^VirtualService in shop$/, not: /checkout has no route/ },
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
    { rule: 'dropped-on-purpose', side: 'policy', object: /drop_overload/, not: /payments (itself )?answers/ },
  ],
  [
    'dropped by the control plane, all',
    { caller: '503 UDO', callee: 'none' },
    { rule: 'dropped-on-purpose', side: 'policy', object: /drop_overload/ },
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
    'the client leaves a slow callee',
    { caller: '0 DC', callee: '0 DC', slow: 'both' },
    { rule: 'slow-callee', side: application, object: deployment, not: /leaves/ },
  ],
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
    "the callee's proxy sheds load",
    { caller: '503 -', callee: '503 -', moved: ['callee/http_downstream_rq_overload_close'] },
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
    'the overload manager resets a stream',
    { caller: '200 OM', callee: 'none' },
    { rule: 'cut-response', side: callersProxy, object: /^Deployment shop\/checkout$/, not: /payments dies/ },
  ],
];

const said = (fault: Fault, others: readonly EdgeReading[] = [], moved = fault.moved) => {
  const { verdict, summary } = diagnosed({ ...fault, moved: moved ?? [] }, others);
  const words = verdict === null ? summary : [verdict.sentence, ...verdict.evidence, verdict.firstCheck.sentence].join(' · ');
  return { rule: verdict?.rule ?? 'none', side: verdict?.side ?? null, object: verdict?.firstCheck.object ?? '', words };
};

describe.each([0.3, 1, 0.04])('when %d of the requests are hit, on a past with a failure in every thousand,', (share) => {
  it.each(rows)('%s', (_, fault, truth) => {
    const found = said({ ...fault, share });
    expect(found, found.words).toMatchObject({ rule: truth.rule, side: truth.side });
    expect(found.object).toMatch(truth.object);
    if (truth.not !== undefined) expect(found.words).not.toMatch(truth.not);
  });
});

/** What no destination was chosen for stands in a row of its own; checkout → payments is silent meanwhile. */
const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };
const silent: Fault = { caller: 'none', callee: 'none', share: 1 };

describe('requests that no destination was chosen for', () => {
  it.each<readonly [name: string, fault: Fault, truth: Truth]>([
    [
      'no route',
      { caller: '404 NR', callee: 'none' },
      { rule: 'no-route', side: callersProxy, object: /^VirtualService in shop$/, not: /stopped calling/ },
    ],
    [
      'no cluster',
      { caller: '503 NC', callee: 'none' },
      { rule: 'no-route', side: callersProxy, object: /^VirtualService in shop$/, not: /to unknown/ },
    ],
    [
      'a fixed answer',
      { caller: '502 -', callee: 'none', moved: ['caller/http_rq_direct_response'] },
      { rule: 'proxy-answered', side: callersProxy, object: /VirtualService/, not: /stopped calling|for unknown/ },
    ],
    [
      'overload',
      { caller: '503 -', callee: 'none', moved: ['caller/http_downstream_rq_overload_close'] },
      { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/ },
    ],
    [
      'overload, counters hidden',
      { caller: '503 -', callee: 'none' },
      { rule: 'proxy-answered', side: callersProxy, object: /^Deployment shop\/checkout$/ },
    ],
    [
      'no HTTP',
      { caller: '400 DPE', callee: 'none' },
      { rule: 'protocol-error', side: 'caller', object: /^Deployment shop\/checkout$/ },
    ],
    [
      'an invalid header',
      { caller: '400 IH', callee: 'none' },
      { rule: 'bad-request-header', side: 'caller', object: /^Deployment shop\/checkout$/ },
    ],
  ])('%s: is found beside the edge of the alert', (_, fault, truth) => {
    const found = said(silent, [readingAt(nowhere, { ...fault, share: 1, isNew: true })], fault.moved);
    expect(found, found.words).toMatchObject({ rule: truth.rule, side: truth.side });
    expect(found.object).toMatch(truth.object);
    if (truth.not !== undefined) expect(found.words).not.toMatch(truth.not);
  });

  it('as every day blame nobody: scanners and typing errors', () => {
    const ok: Fault = { caller: '200 -', callee: '200 -' };
    expect(said(ok, [readingAt(nowhere, { caller: '404 NR', callee: 'none', share: 1, isUsual: true })]).rule).toBe('healthy');
  });
});

describe('what an edge does as ever is never blamed', () => {
  it.each([
    ['clients that leave by design', { caller: '0 DC', callee: '0 DC' }],
    ['a rate limit', { caller: '429 -', callee: '429 RL' }],
    ['not found', { caller: '404 -', callee: '404 -' }],
    ['retries that mend', { caller: '200 -', callee: '200 -', moved: ['caller/upstream_rq_retry'] }],
  ] as const)('%s', (_, fault) => {
    const found = said({ ...fault, share: 0.05, isUsual: true });
    expect(found.side, found.words).toBe('nothing wrong');
  });

  it('more not found than ever is shown, not blamed', () => {
    const found = said({ caller: '404 -', callee: '404 -' });
    expect(found.rule).toBe('none');
    expect(found.words).toMatch(/client errors/);
  });
});
