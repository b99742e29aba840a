import { logGammaP, logGammaQ, tTail } from './special-functions.ts';

type TrafficChange = { readonly vanishedP: number; readonly surgedP: number; readonly t: number };

const settings = { clumping: 3, priorS: 0.25, priorWeight: 4, vanished: 0.2, surged: 3 } as const;

/**
 * Has traffic vanished or surged against the most extreme earlier window? Never by a ratio to yesterday alone, which cries wolf on 4 % of
 * healthy edges. `earlier` must not be empty.
 */
export const trafficChange = (halves: readonly [number, number], earlier: readonly number[]): TrafficChange => {
  const { clumping, priorS, priorWeight, vanished, surged } = settings;
  const n = halves[0] + halves[1];
  const logs = earlier.map((value) => Math.log(value + 3));
  const count = logs.length;
  const mean = logs.reduce((sum, value) => sum + value, 0) / count;
  const degrees = priorWeight + count - 1;
  const s = Math.sqrt(
    ((priorWeight * priorS ** 2 + logs.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / degrees) * (1 + 1 / count),
  );
  const t = (Math.log(n + 3) - mean) / s;
  const quietest = earlier.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const busiest = earlier.reduce((high, value) => Math.max(high, value), 0);
  const isGone = n <= vanished * quietest && halves.every((half) => 2 * half <= 1.5 * vanished * quietest);
  const isFlood = n >= surged * busiest && halves.every((half) => 2 * half >= (surged * busiest) / 1.5);
  return {
    vanishedP: isGone
      ? Math.max(tTail(-t, degrees), quietest > 0 ? Math.exp(logGammaQ(n / clumping + 1, quietest / clumping)) : 1)
      : 1,
    surgedP: isFlood
      ? Math.max(tTail(t, degrees), n > 0 ? Math.exp(logGammaP(n / clumping, Math.max(busiest, 1) / clumping)) : 1)
      : 1,
    t,
  };
};
