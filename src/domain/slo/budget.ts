import type { Events } from '../slo.ts';
import { budgetPpm } from './objective.ts';

const million = 1_000_000;

/** The share of bad events; null where there were none at all: neither 0 nor 100 %. Never above 1, whatever the counters say. */
export const errorRatio = ({ total, bad }: Events): number | null => (total > 0 ? Math.min(1, Math.max(0, bad) / total) : null);

/** How fast the budget is spent: 1 spends exactly all of it by the end of the window (SRE Workbook, chapter 5). */
export const burnRate = (ratio: number, objectivePpm: number): number => (ratio * million) / budgetPpm(objectivePpm);

/** What is left of the budget after these events of its window, as a share of it: 1 untouched, 0 used up, below 0 overspent. */
export const remaining = (ratio: number, objectivePpm: number): number => 1 - burnRate(ratio, objectivePpm);

/** How many bad events the budget allows in all, for so many events. */
export const allowedBad = (total: number, objectivePpm: number): number => (total * budgetPpm(objectivePpm)) / million;

/** How much of the budget of a whole window a part of it spends, at this ratio: 14.4 for 1 h of 30 d is 2 %. */
export const spentBy = (ratio: number, objectivePpm: number, partSeconds: number, windowSeconds: number): number =>
  (burnRate(ratio, objectivePpm) * partSeconds) / windowSeconds;

/**
 * Until nothing is left, at the pace of `ratio`; null where that pace never uses it up. In a rolling window old failures go out of it
 * meanwhile, so this is the soonest: say "at the current pace".
 */
export const secondsToExhaustion = (left: number, ratio: number, objectivePpm: number, windowSeconds: number): number | null => {
  if (left <= 0) return 0;
  const burn = burnRate(ratio, objectivePpm);
  return burn > 0 ? (left * windowSeconds) / burn : null;
};
