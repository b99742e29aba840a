import type { Rule } from '../rule.ts';
import { badRequestHeader } from './bad-request-header.ts';
import { calleeErrors } from './callee-errors.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { clientGaveUp } from './client-gave-up.ts';
import { connectionFailure } from './connection-failure.ts';
import { cutResponse } from './cut-response.ts';
import { dnsFailure } from './dns-failure.ts';
import { droppedOnPurpose } from './dropped-on-purpose.ts';
import { durationLimit } from './duration-limit.ts';
import { externalAuthorization } from './external-authorization.ts';
import { faultInjected } from './fault-injected.ts';
import { filterNotConfigured } from './filter-not-configured.ts';
import { grpcErrors } from './grpc-errors.ts';
import { healthy } from './healthy.ts';
import { jwtRefused } from './jwt-refused.ts';
import { localHealthCheck } from './local-health-check.ts';
import { mtlsFailure } from './mtls-failure.ts';
import { noHealthyUpstream } from './no-healthy-upstream.ts';
import { noRoute } from './no-route.ts';
import { onePodBad } from './one-pod-bad.ts';
import { oneVersionBad } from './one-version-bad.ts';
import { outlierEjection } from './outlier-ejection.ts';
import { protocolError } from './protocol-error.ts';
import { proxyAnswered } from './proxy-answered.ts';
import { rateLimitUnavailable } from './rate-limit-unavailable.ts';
import { rateLimited } from './rate-limited.ts';
import { rbacDenied } from './rbac-denied.ts';
import { recovered } from './recovered.ts';
import { retryExhausted } from './retry-exhausted.ts';
import { retryStorm } from './retry-storm.ts';
import { slowCallee } from './slow-callee.ts';
import { slowDependency } from './slow-dependency.ts';
import { tcpFailure } from './tcp-failure.ts';
import { trafficSurge } from './traffic-surge.ts';
import { trafficVanished } from './traffic-vanished.ts';
import { upstreamTimeout } from './upstream-timeout.ts';

/** Every rule; a test compares this list with the folder and with templates/advice. The order breaks ties. */
export const rules: readonly Rule[] = [
  noRoute,
  noHealthyUpstream,
  outlierEjection,
  circuitBreaker,
  tcpFailure,
  onePodBad,
  faultInjected,
  oneVersionBad,
  durationLimit,
  upstreamTimeout,
  mtlsFailure,
  cutResponse,
  protocolError,
  connectionFailure,
  dnsFailure,
  filterNotConfigured,
  droppedOnPurpose,
  localHealthCheck,
  rateLimited,
  rateLimitUnavailable,
  externalAuthorization,
  rbacDenied,
  jwtRefused,
  badRequestHeader,
  slowDependency,
  grpcErrors,
  retryExhausted,
  calleeErrors,
  proxyAnswered,
  slowCallee,
  retryStorm,
  trafficVanished,
  trafficSurge,
  clientGaveUp,
  recovered,
  healthy,
];
