import { application, calleesProxy, callersProxy, deployment, network, type Row, retried } from './row.ts';

/** Responses that are cut, clocks that run out, retries. */
export const timeRows: readonly Row[] = [
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
    'packets are lost, and the timeout of the route runs out before that of connecting',
    { caller: '504 UT', callee: 'none', slow: 'caller', moved: ['caller/upstream_rq_timeout'] },
    { rule: 'upstream-timeout', side: network, object: /^NetworkPolicy in shop$/, not: /too slowly/ },
  ],
  [
    'a per-try timeout that is too low, tried three times',
    {
      caller: '504 URX,UT',
      callee: '0 DC x3',
      slow: 'caller',
      moved: ['caller/upstream_rq_per_try_timeout', 'caller/upstream_rq_retry'],
    },
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
    { rule: 'duration-limit', side: 'caller', object: /Deployment shop\/checkout/, not: /payments (is|answers)/ },
  ],
  [
    'the application stalls after its headers',
    { caller: '200 SI', callee: '200 DC', moved: ['caller/http_downstream_rq_idle_timeout'] },
    { rule: 'cut-response', side: application, object: deployment },
  ],
  [
    "HTTP/1.1: the callee's proxy cuts what stalls after its headers",
    { caller: '200 UPE', callee: '200 SI', moved: ['callee/http_downstream_rq_idle_timeout'] },
    { rule: 'cut-response', side: application, object: deployment, not: /dies|crash/ },
  ],
  [
    "HTTP/2: the callee's proxy cuts what is late after its headers",
    { caller: '200 UR', callee: '200 UT', moved: ['callee/upstream_rq_timeout'] },
    { rule: 'cut-response', side: application, object: deployment, not: /dies|crash/ },
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
    "longest stream duration at the callee's proxy",
    { caller: '504 -', callee: '504 -', moved: ['callee/http_downstream_rq_max_duration_reached'] },
    { rule: 'proxy-answered', side: calleesProxy, object: /^EnvoyFilter in shop$/, not: /payments (itself )?answers with/ },
  ],
  [
    "gRPC: longest stream duration at the callee's proxy",
    { caller: '200/4 -', callee: '200/4 -', moved: ['callee/http_downstream_rq_max_duration_reached'] },
    { rule: 'proxy-answered', side: calleesProxy, object: /^EnvoyFilter in shop$/, not: /payments (itself )?answers with/ },
  ],
  [
    '504 at both ends, and nobody shows who',
    { caller: '504 -', callee: '504 -' },
    { rule: 'callee-errors', side: application, object: deployment, not: /itself answers|said so($| ·)/ },
  ],
  [
    'the application answers 504, and the limit of its proxy stands still',
    { caller: '504 -', callee: '504 -', moved: ['callee/http_downstream_rq_max_duration_reached=0'] },
    { rule: 'callee-errors', side: application, object: deployment, not: /limit of time|longest duration/ },
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
    "the whole request takes too long to come for the callee's proxy",
    { caller: '408 -', callee: '408 -', moved: ['callee/http_downstream_rq_timeout'] },
    { rule: 'proxy-answered', side: 'caller', object: /^Deployment shop\/checkout$/, not: /asks for what/ },
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
];
