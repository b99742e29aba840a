import type { Side } from '../../../domain/diagnosis.ts';
import { count, counted, share } from '../../../domain/words.ts';
import { isShown, risenLines, rose } from '../counters.ts';
import { calleeOf, logs, settings } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badWith,
  codeAndFlag,
  codesOf,
  confidenceOf,
  hasFlag,
  isBare,
  isSlow,
  mostly,
  named,
  type Part,
  proxyOf,
  proxySide,
  requestsAt,
  type Scene,
} from '../scene.ts';
import { toldOfQueue } from '../traced/slowness.ts';

type Limit = { readonly counter: string; readonly name: string; readonly field: string };

const requestLimit: Limit = { counter: 'upstream_rq_active_overflow', name: 'request limit', field: 'http2MaxRequests' };
const queue: Limit = {
  counter: 'upstream_rq_pending_overflow',
  name: 'queue for connections',
  field: 'http1MaxPendingRequests',
};
const connections: Limit = { counter: 'upstream_cx_overflow', name: 'connection limit', field: 'maxConnections' };
const limits: readonly Limit[] = [requestLimit, queue, connections];

/** Before Envoy 1.38 what is over the request limit was counted with the queue (envoyproxy.io, release notes of 1.38.0). */
const requestsOrQueue: Limit = {
  counter: queue.counter,
  name: 'request limit or queue',
  field: `${requestLimit.field} or ${queue.field}`,
};

/** Which limit it was, by the counter that rose; HTTP/2 counts requests where HTTP/1.1 counts connections and the queue for them. */
const limitAt = (scene: Scene, at: Part['at']): Limit | undefined => {
  const limit = limits.find(({ counter }) => rose(scene, at, counter) > 0);
  const isOpen = rose(scene, at, connections.counter) === 0 && !isShown(scene, at, requestLimit.counter);
  return limit === queue && isOpen ? requestsOrQueue : limit;
};

/** What is over a limit never reaches the callee: where it answered these with errors of its own, their retries were over the limit. */
const wereAnswered = (scene: Scene, { at, requests }: Part): boolean =>
  at === 'caller' && badWith(scene, 'callee', isBare) - badWith(scene, 'caller', isBare) >= requests / 2;

/** A code other than 503 is the last answer of the callee: not the request was over a limit, but its retry. */
const isRetryBudget = (scene: Scene, part: Part): boolean =>
  badWith(scene, part.at, codeAndFlag(/^(?!503)/, 'UO')) > part.requests / 2 ||
  (limits.every(({ counter }) => rose(scene, part.at, counter) === 0) &&
    (rose(scene, part.at, 'upstream_rq_retry_overflow') > 0 || wereAnswered(scene, part)));

const overLimit = (
  scene: Scene,
  part: Part,
): { readonly sentence: string; readonly side: Side; readonly evidence: readonly string[] } => {
  const { callee } = scene;
  const limit = limitAt(scene, part.at);
  const name = limit?.name ?? 'connection or request limit';
  return {
    side: proxySide(part.at),
    sentence: `The ${name} for ${callee} is full at ${proxyOf(scene, part.at)}: ${share(part.requests, requestsAt(scene, part.at))} refused at once`,
    evidence: [
      ...(isSlow(scene) ? [`${callee} is slower than usual, so requests pile up`] : []),
      ...(limit === undefined ? [] : [`${limit.counter} rose: ${limit.field} is what was reached`]),
      `Istio sets no such limit by default: a DestinationRule or Sidecar does${part.at === 'callee' ? ', and the receiving proxy applies it too' : ''}`,
    ],
  };
};

const noRetriesLeft = (scene: Scene, part: Part): ReturnType<typeof overLimit> => {
  const { callee } = scene;
  const risen = risenLines(scene, part.at, 'upstream_rq_retry_overflow');
  const answered = count(badWith(scene, 'callee', isBare));
  return {
    side: 'callee application',
    sentence: `${callee} answers with errors (${codesOf(scene, part.at, hasFlag('UO')).join(', ')}), and the limit for retries is full: ${share(part.requests, requestsAt(scene, part.at))} were not tried again`,
    evidence: [
      ...(risen.length === 0 && wereAnswered(scene, part)
        ? [`${proxyOf(scene, 'callee')} counts ${answered} errors of its application: what is over a limit does not get there`]
        : risen),
      `the errors of ${callee} are the cause; more retries would only add load`,
    ],
  };
};

/** UO: a connection pool, request or retry limit was full. Istio's own limits are unlimited, so somebody set one; it is not outlier ejection, which is UH. */
export const circuitBreaker: Rule = {
  name: 'circuit-breaker',
  find: (scene) => {
    const part = mostly(scene, hasFlag('UO'));
    if (part === null) return null;
    const { callee, namespace } = scene;
    const isRetries = isRetryBudget(scene, part);
    const { side, sentence, evidence } = isRetries ? noRetriesLeft(scene, part) : overLimit(scene, part);
    return {
      side,
      confidence: confidenceOf(scene, part.requests, part.whole),
      sentence,
      evidence: [
        `${counted(part.requests, 'request')} ended with UO (circuit breaker) at ${proxyOf(scene, part.at)}`,
        ...evidence,
      ],
      firstCheck: isRetries
        ? logs(`Read the errors in the log of ${callee}; then see maxRetries for it`, calleeOf(scene))
        : settings(
            `See the connectionPool limits for ${callee}, and when they changed`,
            `DestinationRule ${named(namespace, callee)}`,
            namespace,
            'destinationrules',
          ),
      badEvents: part.requests,
      explains: ['callee-errors', 'grpc-errors', 'connection-failure', 'retry-exhausted', 'proxy-answered'],
    };
  },
  told: toldOfQueue,
};
