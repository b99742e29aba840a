import type { Counts, Duration, PodReading } from '../../src/domain/signals.ts';
import type { Random } from './random.ts';

/** What the pods of one callee share: its count of one edge now and of a window before, and how it fails. */
type PodNoise = {
  readonly service: string;
  readonly now: Counts;
  readonly before: Counts;
  readonly duration: Duration;
  readonly clump: number;
  /** Failures of a fault, which come from all pods alike or from one. */
  readonly fault: { readonly failed: number; readonly isOfOne: boolean };
};

type Open = { name: string; version: string; weight: number; requests: number; failed: number; before: number };

const pickBy = (dice: Random, pods: readonly Open[]): Open => {
  let left = dice.uniform() * pods.reduce((sum, { weight }) => sum + weight, 0);
  for (const pod of pods) {
    left -= pod.weight;
    if (left <= 0) return pod;
  }
  return pods[0] as Open;
};

/** Failures come in clumps, and a clump comes from one pod: a restart, a lost connection, one bad client. */
const spread = (dice: Random, pods: readonly Open[], failed: number, clump: number, isSticky: boolean): void => {
  const stuck = pickBy(dice, pods);
  const least = failed / 200;
  for (let left = failed; left > 0; ) {
    const pod = isSticky ? stuck : pickBy(dice, pods);
    const size = Math.min(left, Math.max(1, least, dice.clumped(clump, clump)));
    pod.failed = Math.min(pod.requests, pod.failed + size);
    left -= size;
  }
};

/** One to eight pods that share the load as pods do: not quite evenly, some just born, one gone, sometimes one of a new version. */
export const noisyPods = (dice: Random, noise: PodNoise): readonly PodReading[] => {
  const { service, now, before, duration, clump, fault } = noise;
  const size = fault.isOfOne ? 3 + Math.floor(dice.uniform() * 3) : 1 + Math.floor(dice.uniform() * 8);
  const pods = Array.from({ length: size }, (_, index): Open => {
    const weight = dice.gamma(0.15);
    const isNew = index > 1 && dice.uniform() < 0.1;
    const version = index > 0 && index === size - 1 && dice.uniform() < 0.1 ? 'v2' : 'v1';
    return { name: `${service}-${index}`, version, weight, requests: 0, failed: 0, before: isNew ? 0 : 1 };
  });
  const whole = pods.reduce((sum, { weight }) => sum + weight, 0);
  for (const pod of pods) {
    pod.requests = dice.clumped((now.requests * pod.weight) / whole, 1.5);
    pod.before *= dice.clumped((before.requests * pod.weight) / whole, 1.5);
  }
  const [first] = pods;
  if (first && fault.isOfOne) {
    first.requests = Math.max(first.requests, fault.failed / 0.9);
    first.failed += fault.failed;
  } else spread(dice, pods, fault.failed, 1, false);
  spread(dice, pods, Math.max(0, now.failed - fault.failed), clump, dice.uniform() < 0.1);
  const gone =
    dice.uniform() < 0.05
      ? [{ name: `${service}-gone`, version: 'v1', requests: 0, failed: 0, before: before.requests / size }]
      : [];
  const mean = duration.requests > 0 ? duration.totalSeconds / duration.requests : 0;
  return [...pods, ...gone].map((pod) => ({
    name: pod.name,
    isPod: true,
    version: pod.version,
    requests: pod.requests,
    failed: pod.failed,
    duration: { requests: pod.requests, totalSeconds: pod.requests * mean * Math.exp(0.15 * dice.normal()) },
    before: pod.before,
  }));
};
