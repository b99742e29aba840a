import type { Rule } from '../rule.ts';
import { calleeErrors } from './callee-errors.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { connectionFailure } from './connection-failure.ts';
import { grpcErrors } from './grpc-errors.ts';
import { healthy } from './healthy.ts';
import { noHealthyUpstream } from './no-healthy-upstream.ts';
import { noRoute } from './no-route.ts';
import { onePodBad } from './one-pod-bad.ts';
import { oneVersionBad } from './one-version-bad.ts';
import { recovered } from './recovered.ts';
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
  circuitBreaker,
  tcpFailure,
  onePodBad,
  oneVersionBad,
  upstreamTimeout,
  connectionFailure,
  slowDependency,
  grpcErrors,
  calleeErrors,
  slowCallee,
  retryStorm,
  trafficVanished,
  trafficSurge,
  recovered,
  healthy,
];
