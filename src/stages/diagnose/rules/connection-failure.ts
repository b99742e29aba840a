import { counted, share } from '../../../domain/words.ts';
import { neverArrived } from '../arrival.ts';
import { isShown, retriesSeen, rose } from '../counters.ts';
import { calleeOf, packets, pods } from '../look.ts';
import type { Rule } from '../rule.ts';
import {
  badAt,
  badWith,
  codeAndFlag,
  confidenceOf,
  flagsOf,
  hasErrors,
  isMost,
  isSlowOnTheWay,
  proxyOf,
  requestsAt,
  type Scene,
  wholeAt,
} from '../scene.ts';
import { tlsCause } from '../tls.ts';

const cutFlags = ['UF', 'UC', 'UR'] as const;
const cut = codeAndFlag(/^[05]/, ...cutFlags);
const closed = codeAndFlag(/^[05]/, 'UC');

/** The callee's own proxy cannot reach its application: the caller sees a bare 503, the callee's proxy the reason. */
const atTheApplication = (scene: Scene, bad: number): number => {
  const inside = badWith(scene, 'callee', cut);
  return isMost(inside, bad) ? inside : 0;
};

const unseenText = (scene: Scene): string => {
  const seen = badAt(scene, 'callee');
  return seen < 0.5
    ? `the proxy of ${scene.callee} counts none of them: they did not arrive`
    : `the proxy of ${scene.callee} counts ${counted(seen, 'failure')} only: the others did not arrive`;
};

/** What refused connections wait for: Envoy tries again after 25 ms and twice as long each time, at most 250 ms (envoyproxy.io, "Router", x-envoy-max-retries). */
const backOffSeconds = 0.25;

/** Where nobody shows the counter of timeouts: callers wait for connections that are not made, and longer than for another try. */
const isLate = (scene: Scene, outside: number): boolean =>
  !isShown(scene, 'caller', 'upstream_cx_connect_timeout') &&
  isSlowOnTheWay(scene) &&
  // All that callers wait longer, by those that fail: the others are as fast as ever.
  (scene.judged.caller?.excessSeconds ?? 0) * requestsAt(scene, 'caller') > backOffSeconds * outside &&
  badWith(scene, 'caller', codeAndFlag(/^5/, 'UF')) > outside / 2;

/** `check` is for the pods; null where packets are lost before them. */
type Way = { readonly how: string; readonly check: string | null; readonly also: readonly string[] };

/** Refused at once, lost packets, or closed while a request was on its way: three different things to look at. */
const wayOf = (scene: Scene, outside: number): Way => {
  const check = `See whether the pods of ${scene.callee} run and restart, and what lies between (NetworkPolicy, node)`;
  const timeouts = rose(scene, 'caller', 'upstream_cx_connect_timeout');
  if (timeouts > outside / 10 || isLate(scene, outside))
    return {
      how: 'connecting times out, as when packets are dropped',
      check: null,
      also: timeouts > 0 ? ['upstream_cx_connect_timeout rose: no answer at all, where a closed port refuses at once'] : [],
    };
  if (badWith(scene, 'caller', closed) > outside / 2)
    return {
      check,
      how: 'connections break while they wait for the answer',
      also: neverArrived(scene) ? ['a pod or proxy that ends looks so; some pods that take TLS only, or another, would too'] : [],
    };
  return { check, how: 'connections cannot be made', also: [] };
};

/** UF, UC and UR: a connection that could not be made or broke. The two reporters tell where. */
export const connectionFailure: Rule = {
  name: 'connection-failure',
  find: (scene) => {
    if (!hasErrors(scene)) return null;
    const { caller, callee } = scene;
    const bad = Math.max(badAt(scene, 'caller'), badAt(scene, 'callee'));
    const inside = atTheApplication(scene, bad);
    if (inside > 0) return insideFinding(scene, inside, bad);
    const outside = badWith(scene, 'caller', cut);
    if (!isMost(outside, wholeAt(scene, 'caller')) || tlsCause(scene) !== null) return null;
    const { how, check, also } = wayOf(scene, outside);
    const retries = retriesSeen(scene);
    return {
      side: 'network/TLS',
      confidence: confidenceOf(scene, outside, bad),
      sentence: `${caller} cannot keep connections to ${callee}: ${share(outside, requestsAt(scene, 'caller'))} failed, ${how}`,
      evidence: [
        `${counted(outside, 'request')} ended with ${flagsOf(scene, 'caller', cut, ...cutFlags)} at ${proxyOf(scene, 'caller')}`,
        ...(neverArrived(scene) ? [unseenText(scene)] : []),
        ...also,
        ...(retries === null ? [] : [retries]),
      ],
      firstCheck: check === null ? packets(scene) : pods(check, calleeOf(scene)),
      badEvents: outside,
      explains: ['callee-errors', 'retry-exhausted', ...(isSlowOnTheWay(scene) ? ['slow-callee', 'slow-dependency'] : [])],
    };
  },
};

const insideFinding = (scene: Scene, inside: number, bad: number): ReturnType<Rule['find']> => {
  const { callee } = scene;
  const isClosed = badWith(scene, 'callee', codeAndFlag(/^[05]/, 'UC', 'UR')) > inside / 2;
  const retries = retriesSeen(scene);
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, inside, bad),
    sentence: isClosed
      ? `${callee} closes connections on its own proxy without an answer: ${share(inside, requestsAt(scene, 'callee'))} failed`
      : `The proxy of ${callee} cannot reach its own application: ${share(inside, requestsAt(scene, 'callee'))} refused or cut`,
    evidence: [
      `${counted(inside, 'request')} ended with ${flagsOf(scene, 'callee', cut, ...cutFlags)} between the proxy of ${callee} and its application`,
      isClosed
        ? 'the application crashes, restarts, or closes idle connections earlier than its proxy expects'
        : 'the application is down, restarts, or listens elsewhere',
      ...(retries === null ? [] : [retries]),
    ],
    firstCheck: pods(`See whether ${callee} runs, restarts, and listens on its port`, calleeOf(scene)),
    badEvents: inside,
    explains: ['callee-errors', 'retry-exhausted'],
  };
};
