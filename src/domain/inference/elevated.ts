import { logBetaInc, logGammaP, tTail } from './special-functions.ts';

/** Requests and bad ones among them, in one window. Real numbers: extrapolated counts are never rounded before a test. */
export type Trial = { readonly n: number; readonly x: number };

type Question = {
  readonly halves: readonly [Trial, Trial] | null;
  /** The same hour 1 h, 1 d, 1 w ago. */
  readonly base: readonly Trial[];
  /** The edge's own recent windows before the onset. */
  readonly local: readonly Trial[];
  readonly now: Trial;
};

type Sensitivity = {
  /** Half a point on top of twice the usual. */
  readonly delta: number;
  readonly relative: number;
  /** Failures come in clumps of this mean. */
  readonly clumping: number;
  readonly minimumBad: number;
  readonly history: number;
};

export const usualSensitivity: Sensitivity = { delta: 0.005, relative: 1, clumping: 2, minimumBad: 5, history: 1.5 };

/** Why a ratio is not called elevated, although p may be small. */
type Gate = 'enough' | 'line' | 'history' | 'halves';

export type Elevation = {
  /** The largest of the three tests, or 1 when a gate is shut. */
  readonly p: number;
  readonly legs: readonly [relevance: number, past: number, wobble: number];
  readonly ratio: number;
  readonly usual: number;
  readonly line: number;
  readonly shut: readonly Gate[];
  /** Own past wobbles so much that a person might call its normal swings sick. */
  readonly isWild: boolean;
  /** False: nothing to compare with. */
  readonly hasPast: boolean;
};

const dispersionPrior = { cv: 0.35, weight: 4 } as const;
const wobblePrior = { s: 0.2, weight: 4 } as const;
const wildAbove = 0.5;

const total = (trials: readonly Trial[]): Trial =>
  trials.reduce((sum, { n, x }) => ({ n: sum.n + n, x: sum.x + x }), { n: 0, x: 0 });

/** Wilson's interval for a ratio; `z` 1.96 is 95 %. */
export const wilson = ({ n, x }: Trial, z: number): readonly [low: number, high: number] => {
  const p = Math.min(x / n, 1);
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
};

/** P(x or more of n) given k of N in the past: the exact conditional test of two Poisson rates. */
export const conditional = ({ n, x }: Trial, { n: N, x: k }: Trial): number =>
  x <= 0 || n <= 0 ? 1 : Math.exp(logBetaInc(n / (n + N), x, k + 1));

/** Squared coefficient of variation of the ratio between windows, by moments, shrunk towards the prior: three windows know little. */
export const dispersion = (windows: readonly Trial[], clumping: number): number => {
  const kept = windows.filter(({ n }) => n > 0);
  const { cv, weight } = dispersionPrior;
  if (kept.length === 0) return cv * cv;
  const { n: N, x: k } = total(kept);
  const p = k / N;
  const excess = p > 0 ? kept.reduce((sum, { n, x }) => sum + (x - n * p) ** 2 / (n * p), 0) : 0;
  const scale = p * (N - kept.reduce((sum, { n }) => sum + n * n, 0) / N);
  const degrees = kept.length - 1;
  const raw = scale > 0 ? Math.max(0, (excess - degrees * clumping) / scale) : 0;
  return (weight * cv * cv + degrees * raw) / (weight + degrees);
};

/** The windows without the three worst when there are enough: an old blip must not buy tolerance. And the third worst (the worst of few) lower bound. */
const trimmed = (windows: readonly Trial[]): { readonly kept: readonly Trial[]; readonly worst: number } => {
  const ranked = windows
    .map((trial, index) => ({ trial, index, low: wilson(trial, 1)[0] }))
    .sort((a, b) => a.low - b.low || a.index - b.index);
  const many = windows.length >= 10;
  return { kept: many ? ranked.slice(0, -3).map(({ trial }) => trial) : windows, worst: ranked.at(many ? -3 : -1)?.low ?? 0 };
};

/** How far now lies outside the window-to-window wobble of the ratio, as a t statistic on its logarithm. */
const wobble = (windows: readonly Trial[], ratio: number, delta: number): { readonly p: number; readonly s: number } => {
  const logs = windows.filter(({ n }) => n >= 5).map(({ n, x }) => Math.log(x / n + delta));
  const count = logs.length;
  if (count === 0) return { p: 0, s: 0 };
  const mean = logs.reduce((sum, value) => sum + value, 0) / count;
  const degrees = wobblePrior.weight + count - 1;
  const variance =
    (wobblePrior.weight * wobblePrior.s ** 2 + logs.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / degrees;
  const s = Math.sqrt(variance * (1 + 1 / count));
  return { p: tTail((Math.log(ratio + delta) - mean) / s, degrees), s };
};

const untestable = (ratio: number): Elevation => ({
  p: 1,
  legs: [1, 1, 1],
  ratio,
  usual: 0,
  line: 0,
  shut: [],
  isWild: false,
  hasPast: false,
});

/**
 * Is the bad share of now more than chance, and enough to matter? Three tests must all agree: above a relevant line, above its own past
 * given clumps and dispersion, outside its own wobble; and four gates must be open. Never the smallest p.
 */
export const elevated = ({ halves, base, local, now }: Question, sensitivity: Sensitivity = usualSensitivity): Elevation => {
  const { delta, relative, clumping, minimumBad, history } = sensitivity;
  const past = [...base, ...local].filter(({ n }) => n > 0);
  const { n, x } = now;
  const ratio = n > 0 ? x / n : 0;
  if (past.length === 0 || n <= 0) return untestable(ratio);
  const sameHour = total(base);
  const all = total(past);
  const usual = Math.max(sameHour.n > 0 ? sameHour.x / sameHour.n : 0, all.x / all.n);
  const line = usual * (1 + relative) + delta;
  const { kept, worst } = trimmed(past);
  const known = total(kept);
  const c2 = dispersion(kept, clumping);
  const k = known.x / clumping;
  const weight = k > 0 ? Math.min(1, 1 / (c2 * k)) : 1;
  const relevance = x > 0 ? Math.exp(logGammaP(x / clumping, (n * line) / clumping)) : 1;
  const beyondPast = x > 0 ? Math.exp(logBetaInc(n / (n + known.n * weight), x / clumping, 1 + k * weight)) : 1;
  const { p: beyondWobble, s } = wobble(past, ratio, delta);
  const halfLine = usual * (1 + relative / 2) + delta / 2;
  const gates: readonly (readonly [Gate, boolean])[] = [
    ['enough', x >= minimumBad],
    ['line', ratio >= line],
    ['history', ratio >= history * worst + delta / 2],
    ['halves', halves === null || halves.every((half) => half.n > 0 && half.x / half.n >= halfLine)],
  ];
  const shut = gates.filter(([, isOpen]) => !isOpen).map(([gate]) => gate);
  return {
    p: shut.length > 0 ? 1 : Math.max(relevance, beyondPast, beyondWobble),
    legs: [relevance, beyondPast, beyondWobble],
    ratio,
    usual,
    line,
    shut,
    isWild: s > wildAbove,
    hasPast: true,
  };
};
