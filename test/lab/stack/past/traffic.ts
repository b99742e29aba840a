import type { Random } from '../../../support/random.ts';

const day = 86_400_000;
/** Busy and quiet hours change within about this long. */
const slowMs = 20 * 60_000;
const slowSpread = 0.1;
const nightDip = 0.25;

/**
 * How busy the whole mesh is at each moment, 1 at the last: a daily shape that is the same each day, times an Ornstein–Uhlenbeck process
 * in the logarithm. That process looks the same backwards, so it is walked from the end, where live traffic goes on.
 */
export const busyness = (moments: readonly number[], random: Random): readonly number[] => {
  const endMs = moments.at(-1) ?? 0;
  let level = 0;
  let laterMs = endMs;
  const factors = moments.toReversed().map((atMs) => {
    const kept = Math.exp(-(laterMs - atMs) / slowMs);
    level = level * kept + slowSpread * Math.sqrt(1 - kept * kept) * random.normal();
    laterMs = atMs;
    const shape = 1 - (nightDip * (1 - Math.cos((2 * Math.PI * (endMs - atMs)) / day))) / 2;
    return shape * Math.exp(level);
  });
  return factors.reverse();
};

/** Successes of `n` tries with chance `p`: exact where few are expected of either outcome, normal where many are of both. */
export const binomial = (random: Random, n: number, p: number): number => {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  const mean = n * p;
  if (mean > 30) return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * random.normal())));
  // Inversion: one random number, and as many steps as there are successes.
  const odds = p / (1 - p);
  let chance = (1 - p) ** n;
  let left = random.uniform() - chance;
  let found = 0;
  while (left >= 0 && found < n) {
    chance *= ((n - found) / (found + 1)) * odds;
    found += 1;
    left -= chance;
  }
  return found;
};

/** Deals `n` things out by weight; nothing is lost and nothing is added. */
export const deal = (random: Random, n: number, weights: readonly number[]): readonly number[] => {
  let left = n;
  let weight = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((one) => {
    const mine = weight <= 0 ? 0 : binomial(random, left, Math.min(1, one / weight));
    left -= mine;
    weight -= one;
    return mine;
  });
};
