import type { Finding } from '../../../domain/diagnosis.ts';
import { conditional, type Trial } from '../../../domain/inference/elevated.ts';
import { meanSeconds, together } from '../../../domain/mean.ts';
import { classify } from '../../../domain/outcome.ts';
import type { Duration, Outcome } from '../../../domain/signals.ts';
import { count, counted, percent, seconds } from '../../../domain/words.ts';
import { calleeOf, rollouts } from '../look.ts';
import { seenOfOne } from '../one-of-many.ts';
import type { Rule } from '../rule.ts';
import { confidenceOf, hasErrors, isBad, isPlainFailure, isSlow, outcomesOf, requestsAt, type Scene } from '../scene.ts';

type Found = ReturnType<Rule['find']>;

/** Requests and failures by version, at the reporter that knows versions best: the caller's, since it sees what the callee could not count. */
const byVersion = (scene: Scene): ReadonlyMap<string, Trial> => {
  const found = new Map<string, Trial>();
  for (const reporter of ['caller', 'callee'] as const) {
    found.clear();
    for (const outcome of outcomesOf(scene, reporter)) {
      if (outcome.version === null) continue;
      const { n, x } = found.get(outcome.version) ?? { n: 0, x: 0 };
      const isBad = classify(outcome.code, outcome.grpcStatus, outcome.flags) === 'failed';
      found.set(outcome.version, { n: n + outcome.requests, x: x + (isBad ? outcome.requests : 0) });
    }
    if (found.size > 1) return found;
  }
  return found;
};

const ratio = ({ n, x }: Trial): number => (n > 0 ? x / n : 0);

const checkOf = (scene: Scene, version: string, isIts: (outcome: Outcome) => boolean): Finding['firstCheck'] =>
  rollouts(
    `Roll back ${version} of ${scene.callee}, or take its traffic away`,
    calleeOf(scene, (outcome) => outcome.version === version && isIts(outcome)),
  );

const failing = (scene: Scene): Found => {
  if (!hasErrors(scene)) return null;
  const versions = [...byVersion(scene)]
    .filter(([, trial]) => trial.n >= 20)
    .sort(([a, left], [b, right]) => ratio(right) - ratio(left) || (a < b ? -1 : 1));
  const [worst, ...siblings] = versions;
  if (!worst || siblings.length === 0) return null;
  const [version, bad] = worst;
  const others = siblings.reduce<Trial>((sum, [, { n, x }]) => ({ n: sum.n + n, x: sum.x + x }), { n: 0, x: 0 });
  const isClear =
    bad.x >= 5 &&
    ratio(bad) >= 3 * Math.max(ratio(others), 0.002) &&
    conditional(bad, others) < 1e-3 &&
    bad.x >= (bad.x + others.x) / 2;
  if (!isClear) return null;
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, bad.x, bad.x + others.x),
    sentence: `Version ${version} of ${scene.callee} is bad: ${percent(ratio(bad))} of its requests fail, against ${percent(ratio(others))} of the others`,
    evidence: [
      `${version}: ${count(bad.x)} of ${count(bad.n)} failed`,
      ...siblings.slice(0, 2).map(([name, { n, x }]) => `${name}: ${count(x)} of ${count(n)} failed`),
    ],
    firstCheck: checkOf(scene, version, isBad),
    badEvents: bad.x,
    explains: seenOfOne,
  };
};

/** Durations by version are known of the callee's pods only: callers do not ask for so many series. */
const timesByVersion = ({ judged }: Scene): ReadonlyMap<string, Duration> => {
  const timed = (judged.reading.pods ?? []).flatMap(({ version, duration }) =>
    version === null || duration === null ? [] : [{ version, duration }],
  );
  const byVersion = Map.groupBy(timed, ({ version }) => version);
  return new Map([...byVersion].map(([version, pods]) => [version, together(pods.map(({ duration }) => duration))]));
};

/** Too few to know the mean of a version. */
const enough = 50;

/**
 * Three times as slow as the others, which carries at least half of what the edge is slower by, while they are about as fast as it used
 * to be: a version that was always the slower one explains nothing.
 */
const slow = (scene: Scene): Found => {
  const excess = scene.judged.callee?.excessSeconds ?? null;
  const reading = scene.judged.reading.callee?.duration?.now ?? null;
  if (!isSlow(scene) || isPlainFailure(scene) || excess === null || reading === null) return null;
  const [worst, ...siblings] = [...timesByVersion(scene)]
    .filter(([, { requests }]) => requests >= enough)
    .sort(([a, left], [b, right]) => meanSeconds(right) - meanSeconds(left) || (a < b ? -1 : 1));
  if (worst === undefined || siblings.length === 0) return null;
  const [version, own] = worst;
  const others = together(siblings.map(([, time]) => time));
  const before = meanSeconds(reading) - excess;
  const lost = excess * requestsAt(scene, 'callee');
  const isClear =
    meanSeconds(own) >= 3 * meanSeconds(others) &&
    meanSeconds(others) <= 1.5 * Math.max(before, 0.001) &&
    (meanSeconds(own) - meanSeconds(others)) * own.requests >= lost / 2;
  if (!isClear) return null;
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, own.requests, own.requests),
    sentence: `Version ${version} of ${scene.callee} is slow: it takes ${seconds(meanSeconds(own))} on average, against ${seconds(meanSeconds(others))} of the others`,
    evidence: [worst, ...siblings.slice(0, 2)].map(
      ([name, time]) =>
        `${name}: ${seconds(meanSeconds(time))} in ${counted(time.requests, 'request')}, by its own proxies' clocks`,
    ),
    firstCheck: checkOf(scene, version, () => true),
    badEvents: own.requests,
    explains: seenOfOne,
  };
};

/** One version fails, or lags, at least three times as much as its siblings, by more than chance: the rollout is the suspect. */
export const oneVersionBad: Rule = {
  name: 'one-version-bad',
  find: (scene) => failing(scene) ?? slow(scene),
};
