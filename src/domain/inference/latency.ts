import { boundAt, quantile, sameBounds, slowerThan, totalOf } from '../histogram.ts';
import type { Histogram, Windows } from '../signals.ts';
import { elevated, type Trial } from './elevated.ts';
import { tTail } from './special-functions.ts';

/** Faster than this is no difference that anybody feels. */
const floorSeconds = 0.00025;
const levels = [0.5, 0.75, 0.9, 0.95] as const;

/** Mean of the logarithms of four quantiles: one number for the whole distribution, deaf to a jump across one bucket edge. */
export const logLevel = (histogram: Histogram): number =>
  levels.reduce((sum, q) => sum + Math.log(Math.max(quantile(q, histogram)?.seconds ?? 0, floorSeconds)), 0) / levels.length;

export type LatencyJudgement = {
  readonly p: number;
  /** Now over usual, as a factor; 1 when it cannot be told. */
  readonly shift: number;
  readonly hasPast: boolean;
};

const minimumRequests = 20;
/** Windows without which nothing is usual. */
const leastPast = 3;
const prior = { s: 0.1, weight: 4 } as const;

const exceedances = [
  { q: 0.5, delta: 0.1, relative: 0.25, needsShift: true },
  { q: 0.9, delta: 0.05, relative: 0.5, needsShift: true },
  { q: 0.99, delta: 0.02, relative: 1, needsShift: false },
] as const;

const pastOf = ({
  now,
  local,
  base,
}: Windows<Histogram>): { readonly local: readonly Histogram[]; readonly base: readonly Histogram[] } => {
  const usable = (histogram: Histogram): boolean => totalOf(histogram) >= minimumRequests && sameBounds(now, histogram);
  return { local: local.filter(usable), base: base.map(({ value }) => value).filter(usable) };
};

/** Windows of the same bounds as one. */
const together = ({ boundsSeconds, counts: shape }: Histogram, all: readonly Histogram[]): Histogram => ({
  boundsSeconds,
  counts: shape.map((_, index) => all.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0)),
});

/** Requests of now that take longer than a share `q` of them usually does, by whole buckets; null where there is too little past. */
export const beyondUsual = (windows: Windows<Histogram>, q: number): number | null => {
  const { local, base } = pastOf(windows);
  const past = [...base, ...local];
  return past.length < leastPast ? null : slowerThan(boundAt(q, together(windows.now, past)), windows.now);
};

/** Shift of the level against the edge's own windows, as a t statistic; gated by size and by both halves. */
const shiftP = (windows: Windows<Histogram>, levelNow: number, logs: readonly number[]): number => {
  const count = logs.length;
  const mean = logs.reduce((sum, value) => sum + value, 0) / count;
  const degrees = prior.weight + count - 1;
  const spread = (prior.weight * prior.s ** 2 + logs.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / degrees;
  const s = Math.sqrt(spread * (1 + 1 / count) + 1 / totalOf(windows.now));
  const sorted = [...logs].sort((a, b) => b - a);
  const third = sorted[Math.min(2, count - 1)] ?? mean;
  const halvesHold =
    windows.halves === null || windows.halves.every((half) => totalOf(half) > 0 && Math.exp(logLevel(half) - mean) >= 1.15);
  const isOpen = Math.exp(levelNow - mean) >= 1.3 && halvesHold && levelNow >= third + Math.log(1.1);
  return isOpen ? tTail((levelNow - mean) / s, degrees) : 1;
};

/**
 * Is now slower than this edge's own past by more than chance? The shift of the level, and the share of requests above three bucket
 * edges; four looks, so four times the smallest p. KS tests and ratios of p99 cry wolf on 3–37 % of healthy edges.
 */
export const judgeLatency = (windows: Windows<Histogram>): LatencyJudgement => {
  const { local, base } = pastOf(windows);
  const past = [...base, ...local];
  if (totalOf(windows.now) < minimumRequests || past.length < leastPast) return { p: 1, shift: 1, hasPast: past.length > 0 };
  const levelNow = logLevel(windows.now);
  const logs = past.map(logLevel);
  const shift = Math.exp(levelNow - logs.reduce((sum, value) => sum + value, 0) / logs.length);
  const pooled = together(windows.now, past);
  const ps = exceedances.map(({ q, delta, relative, needsShift }) => {
    if (needsShift && shift < 1.3) return 1;
    const index = boundAt(q, pooled);
    const trial = (histogram: Histogram): Trial => ({ n: totalOf(histogram), x: slowerThan(index, histogram) });
    const halves = windows.halves === null ? null : ([trial(windows.halves[0]), trial(windows.halves[1])] as const);
    return elevated(
      { halves, base: base.map(trial), local: local.map(trial), now: trial(windows.now) },
      { delta, relative, clumping: 2, minimumBad: 5, history: 1.15 },
    ).p;
  });
  return { p: Math.min(1, 4 * Math.min(shiftP(windows, levelNow, logs), ...ps)), shift, hasPast: true };
};
