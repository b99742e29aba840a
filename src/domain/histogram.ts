import type { Histogram } from './signals.ts';

/** A quantile as honestly as buckets allow: `atLeast` when it lies at or beyond the last finite bound. */
export type Quantile = { readonly seconds: number; readonly atLeast: boolean };

export const totalOf = ({ counts }: Histogram): number => counts.reduce((sum, count) => sum + count, 0);

/** Linear interpolation inside the bucket, as `histogram_quantile` does; null without requests. */
export const quantile = (q: number, { boundsSeconds, counts }: Histogram): Quantile | null => {
  const rank = q * counts.reduce((sum, count) => sum + count, 0);
  if (!(rank > 0)) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    const bound = boundsSeconds[index];
    if (bound === undefined) break;
    if (below + count >= rank && count > 0) {
      const low = index === 0 ? 0 : (boundsSeconds[index - 1] ?? 0);
      return { seconds: low + ((bound - low) * (rank - below)) / count, atLeast: false };
    }
    below += count;
  }
  const last = boundsSeconds.at(-1);
  return last === undefined ? null : { seconds: last, atLeast: true };
};

/** Index of the first bound below which at least `q` of the requests lie; the last bound when none does. */
export const boundAt = (q: number, { boundsSeconds, counts }: Histogram): number => {
  const wanted = q * counts.reduce((sum, count) => sum + count, 0) - 1e-9;
  let below = 0;
  for (const [index] of boundsSeconds.entries()) {
    below += counts[index] ?? 0;
    if (below >= wanted) return index;
  }
  return boundsSeconds.length - 1;
};

/** Requests slower than the bound at `index`. */
export const slowerThan = (index: number, { counts }: Histogram): number =>
  counts.slice(index + 1).reduce((sum, count) => sum + count, 0);

export const sameBounds = (a: Histogram, b: Histogram): boolean =>
  a.boundsSeconds.length === b.boundsSeconds.length && a.boundsSeconds.every((bound, index) => bound === b.boundsSeconds[index]);

type Cumulative = readonly (readonly [bound: number, count: number])[];

/** Sorted by bound. Spellings of one bound ("50", "50.0") count as one; order does not matter. */
const cumulative = (buckets: readonly (readonly [le: string, count: number])[]): Cumulative => {
  const byBound = new Map<number, number>();
  for (const [le, count] of buckets) {
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
    if (!Number.isNaN(bound) && Number.isFinite(count)) byBound.set(bound, Math.max(byBound.get(bound) ?? 0, count));
  }
  return [...byBound].sort(([a], [b]) => a - b);
};

/** Buckets that are one distribution: the last is there, and none holds less than a lower one. */
export const isDistribution = (buckets: readonly (readonly [le: string, count: number])[]): boolean => {
  const sorted = cumulative(buckets);
  return (
    sorted.at(-1)?.[0] === Number.POSITIVE_INFINITY && sorted.every(([, count], index) => count >= (sorted[index - 1]?.[1] ?? 0))
  );
};

/** From cumulative `le` buckets (bound text → count) to per-bucket counts. */
export const fromCumulative = (
  buckets: readonly (readonly [le: string, count: number])[],
  secondsPerUnit: number,
): Histogram | null => {
  const sorted = cumulative(buckets);
  if (sorted.length === 0) return null;
  const finite = sorted.filter(([bound]) => Number.isFinite(bound));
  const top = sorted.at(-1)?.[1] ?? 0;
  let before = 0;
  const counts: number[] = [];
  for (const [, count] of finite) {
    counts.push(Math.max(0, count - before));
    before = Math.max(before, count);
  }
  return { boundsSeconds: finite.map(([bound]) => bound * secondsPerUnit), counts: [...counts, Math.max(0, top - before)] };
};
