import type { Trial } from './elevated.ts';

/**
 * When did it begin? One change point by maximum likelihood (Hinkley, "Inference about the change-point in a sequence of random
 * variables", 1970), and only where the change is large enough to matter and still lasts. Windows are given oldest first.
 */

const minimumBefore = 3;
/** Gain in log-likelihood: e⁻¹⁰ leaves little to chance, two dozen places looked at included. */
const surprising = 10;
/** Failures come in clumps of two; half a point on top of twice the usual matters: as in the test that follows. */
const clumping = 2;
const matters = (ratio: number, before: number): boolean => ratio >= 2 * before + 0.005;

const total = (trials: readonly Trial[]): Trial =>
  trials.reduce((sum, { n, x }) => ({ n: sum.n + n, x: sum.x + Math.min(x, n) }), { n: 0, x: 0 });

const logLikelihood = ({ n, x }: Trial): number => {
  const p = n > 0 ? x / n : 0;
  return p <= 0 || p >= 1 ? 0 : x * Math.log(p) + (n - x) * Math.log(1 - p);
};

/** The best place to cut by `gainAt`, which is null where a cut would not matter; null when no gain is large enough. */
const bestCut = (count: number, enough: number, gainAt: (cut: number) => number | null): number | null => {
  let best: { readonly cut: number; readonly gain: number } | null = null;
  for (let cut = minimumBefore; cut < count; cut += 1) {
    const gain = gainAt(cut);
    if (gain !== null && gain >= enough && (best === null || gain > best.gain)) best = { cut, gain };
  }
  return best?.cut ?? null;
};

/** Index of the first window since when more fail than before; null when nothing stands out. */
export const ratioOnset = (windows: readonly Trial[]): number | null => {
  const last = total(windows.slice(-1));
  const whole = logLikelihood(total(windows));
  return bestCut(windows.length, surprising, (cut) => {
    const [before, after] = [total(windows.slice(0, cut)), total(windows.slice(cut))];
    if (before.n <= 0 || last.n <= 0) return null;
    const usual = before.x / before.n;
    if (!matters(after.x / after.n, usual) || !matters(last.x / last.n, usual)) return null;
    return (logLikelihood(before) + logLikelihood(after) - whole) / clumping;
  });
};

const slower = Math.log(1.3);
/** Three windows know little of their own spread. */
const prior = { s: 0.1, weight: 4 } as const;
const farOut = 6;

const centre = (values: readonly number[]): { readonly mean: number; readonly squares: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) };
};

/** Where values of normal noise step to another level; `isStep` says which differences to the level before matter, that of the last value too. */
const stepOf = (logs: readonly number[], isStep: (difference: number) => boolean): number | null => {
  const last = logs.at(-1) ?? 0;
  return bestCut(logs.length, farOut, (cut) => {
    const [before, after] = [centre(logs.slice(0, cut)), centre(logs.slice(cut))];
    const difference = after.mean - before.mean;
    if (!isStep(difference) || !isStep(last - before.mean)) return null;
    const variance =
      (before.squares + after.squares + prior.weight * prior.s ** 2) / (Math.max(0, logs.length - 2) + prior.weight);
    return Math.abs(difference) / Math.sqrt(variance * (1 / cut + 1 / (logs.length - cut)));
  });
};

/** Index of the first window since when requests take longer than before, by the logarithm of each window's mean; null when nothing stands out. */
export const levelOnset = (meanSeconds: readonly number[]): number | null =>
  stepOf(
    meanSeconds.map((value) => Math.log(Math.max(value, 1e-6))),
    (difference) => difference >= slower,
  );

/** As much as makes a surge, or an edge without traffic (`trafficChange`). */
const [flood, gone] = [Math.log(3), Math.log(0.2)];

/** Index of the first window since when several times as much comes as before, or next to nothing; null when nothing stands out. */
export const trafficOnset = (requests: readonly number[]): number | null => {
  // Three more in each: what is nearly empty already cannot vanish.
  const logs = requests.map((value) => Math.log(value + 3));
  return stepOf(logs, (difference) => difference >= flood) ?? stepOf(logs, (difference) => difference <= gone);
};
