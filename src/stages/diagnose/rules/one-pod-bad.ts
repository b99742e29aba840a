import { firstCheck } from '../../../domain/command.ts';
import type { Finding } from '../../../domain/diagnosis.ts';
import { conditional, type Trial } from '../../../domain/inference/elevated.ts';
import { meanSeconds, together } from '../../../domain/mean.ts';
import type { PodReading } from '../../../domain/signals.ts';
import { count, counted, percent, seconds, share } from '../../../domain/words.ts';
import { seenOfOne } from '../one-of-many.ts';
import type { Rule } from '../rule.ts';
import { badAt, badWith, confidenceOf, hasErrors, hasFlag, isMost, isSlow, named, requestsAt, type Scene } from '../scene.ts';

type Found = ReturnType<Rule['find']>;
type Pods = readonly PodReading[];

const enough = 20;
/** Failures come in clumps, and the worst of many pods is looked at: both are paid for before chance is asked. */
const clumping = 2;
const alpha = 1e-3;

const mean = (pods: Pods): number | null => {
  const timed = together(pods.flatMap(({ duration }) => duration ?? []));
  return timed.requests < enough ? null : meanSeconds(timed);
};

const failures = (pods: Pods): Trial =>
  pods.reduce<Trial>((sum, { requests, failed }) => ({ n: sum.n + requests, x: sum.x + failed }), { n: 0, x: 0 });

/**
 * The pods that a bad one is measured against: of its own version where there are any. The only pod of its version stands for the
 * version, which has a rule of its own.
 */
const siblingsOf = (pod: PodReading, pods: Pods): Pods =>
  pods.filter(({ name, version }) => name !== pod.name && version === pod.version);

/** The worst pod with its siblings; null where it has none. */
const worstOf = (pods: Pods, badness: (pod: PodReading) => number): readonly [PodReading, Pods] | null => {
  const [worst] = [...pods].sort((a, b) => badness(b) - badness(a) || (a.name < b.name ? -1 : 1));
  const siblings = worst === undefined ? [] : siblingsOf(worst, pods);
  return worst === undefined || siblings.length === 0 ? null : [worst, siblings];
};

const checkOf = ({ namespace, callee }: Scene, { name, isPod }: PodReading): Finding['firstCheck'] =>
  firstCheck(
    isPod
      ? `Look at this pod and its node; delete it if nothing explains it, and another takes its place`
      : `Find the pod of ${callee} that is scraped at ${name}`,
    isPod ? `Pod ${named(namespace, name)}` : null,
    [namespace, isPod ? name : null],
    (ns, pod) => `kubectl -n ${ns} describe pod ${pod}`,
  );

const others = (pods: Pods): string => (pods.length === 1 ? 'its sibling' : `its ${pods.length} siblings`);

const explained = ['one-version-bad', ...seenOfOne];

const failing = (scene: Scene, pods: Pods): Found => {
  const found = worstOf(pods, ({ requests, failed }) => failed / requests);
  if (!hasErrors(scene) || found === null) return null;
  const [pod, siblings] = found;
  const [bad, good] = [{ n: pod.requests, x: pod.failed }, failures(siblings)];
  const seen = failures(pods).x;
  const isClear =
    bad.x >= 5 &&
    bad.x / bad.n >= 3 * Math.max(good.x / good.n, 0.002) &&
    conditional({ n: bad.n, x: bad.x / clumping }, { n: good.n, x: good.x / clumping }) < alpha / pods.length &&
    isMost(bad.x, seen) &&
    seen >= badAt(scene, 'caller') / 2;
  if (!isClear) return null;
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, bad.x, seen),
    sentence: `One pod of ${scene.callee} is bad: ${pod.name} fails ${percent(bad.x / bad.n)} of its requests, against ${percent(good.x / good.n)} of ${others(siblings)}`,
    evidence: [
      `${pod.name}: ${count(bad.x)} of ${count(bad.n)} failed, counted by its own proxy`,
      `${others(siblings)}: ${count(good.x)} of ${count(good.n)} failed${pod.version === null ? '' : `, all of version ${pod.version}`}`,
    ],
    firstCheck: checkOf(scene, pod),
    badEvents: bad.x,
    explains: explained,
  };
};

/** Three times as slow as its siblings, and that is at least half of what the edge is slower by. */
const slow = (scene: Scene, pods: Pods): Found => {
  const found = worstOf(pods, (pod) => mean([pod]) ?? 0);
  if (!isSlow(scene) || found === null) return null;
  const [pod, siblings] = found;
  const [own, usual] = [mean([pod]), mean(siblings)];
  const timed = pod.duration?.requests ?? 0;
  const lost = (scene.judged.callee?.excessSeconds ?? Number.POSITIVE_INFINITY) * requestsAt(scene, 'callee');
  if (own === null || usual === null || timed < 50 || own < 3 * usual || (own - usual) * timed < lost / 2) return null;
  return {
    side: 'callee application',
    confidence: confidenceOf(scene, timed, timed),
    sentence: `One pod of ${scene.callee} is slow: ${pod.name} takes ${seconds(own)} on average, against ${seconds(usual)} of ${others(siblings)}`,
    evidence: [`${pod.name}: ${counted(timed, 'request')}, by its own proxy's clock`],
    firstCheck: checkOf(scene, pod),
    badEvents: timed,
    explains: explained,
  };
};

/** Connections to one address are refused: its pod counts nothing any more, and callers fail to connect about as often as it would have been chosen. */
const unreachable = (scene: Scene, all: Pods): Found => {
  const before = all.filter((pod) => pod.before >= enough);
  const gone = before.filter((pod) => pod.requests <= 0.05 * pod.before);
  const [pod] = gone;
  const remain = before.filter((sibling) => sibling.requests >= sibling.before / 2);
  const refused = badWith(scene, 'caller', hasFlag('UF'));
  const due = (pod?.before ?? 0) / before.reduce((sum, sibling) => sum + sibling.before, 0);
  const part = refused / requestsAt(scene, 'caller') / due;
  if (!hasErrors(scene) || pod === undefined || gone.length !== 1 || remain.length !== before.length - 1) return null;
  if (remain.length === 0 || !isMost(refused, badAt(scene, 'caller')) || part < 0.7 || part > 1.4) return null;
  return {
    side: 'callee application',
    confidence: 'possible',
    sentence: `One pod of ${scene.callee} may be unreachable: ${pod.name} counts nothing any more, and ${share(refused, requestsAt(scene, 'caller'))} of what ${scene.caller} sends cannot connect`,
    evidence: [
      `${pod.name}: ${counted(pod.requests, 'request')} now, ${count(pod.before)} before; ${others(remain)} go on`,
      `${counted(refused, 'request')} ended with UF at the caller, about the share that this pod had (${percent(due)})`,
    ],
    firstCheck: checkOf(scene, pod),
    badEvents: refused,
    // Pods are scaled away every day: that connections fail is proven, that they all are this one's is not.
    explains: [],
  };
};

/** One pod of the callee fails or lags at least three times as much as its siblings, by more than chance. */
export const onePodBad: Rule = {
  name: 'one-pod-bad',
  find: (scene) => {
    const all = scene.judged.reading.pods ?? [];
    const pods = all.filter(({ requests }) => requests >= enough);
    return failing(scene, pods) ?? slow(scene, pods) ?? unreachable(scene, all);
  },
};
