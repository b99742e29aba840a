import { hourMs, minuteMs } from '../time.ts';
import { burnRate } from './budget.ts';

/** One pair of windows: both must burn faster than the factor, the short one so that it ends soon after the trouble (SRE Workbook, table 5-8). */
export type BurnPair = {
  readonly severity: 'page' | 'warning';
  readonly longSeconds: number;
  readonly shortSeconds: number;
  /** Of the whole budget, spent by the long window at the factor. */
  readonly budgetShare: number;
};

const [minute, hour] = [minuteMs / 1000, hourMs / 1000];
const day = 24 * hour;

/** 2 % in 1 h, 5 % in 6 h: somebody gets up. 10 % in 1 d or in 3 d: somebody looks in the morning. */
export const burnPairs: readonly BurnPair[] = [
  { severity: 'page', longSeconds: hour, shortSeconds: 5 * minute, budgetShare: 0.02 },
  { severity: 'page', longSeconds: 6 * hour, shortSeconds: 30 * minute, budgetShare: 0.05 },
  { severity: 'warning', longSeconds: day, shortSeconds: 2 * hour, budgetShare: 0.1 },
  { severity: 'warning', longSeconds: 3 * day, shortSeconds: 6 * hour, budgetShare: 0.1 },
];

const fourWeeks = 28 * day;
const month = 30 * day;

/**
 * 14.4 for 2 % of 30 d in 1 h, 13.44 of 28 d: the factor belongs to the window, it is no constant. Shorter windows than four weeks have those of 30 d:
 * the same share of a week's budget would call for a burn below 1, at which the budget lasts.
 */
export const burnFactor = ({ budgetShare, longSeconds }: BurnPair, windowSeconds: number): number =>
  (budgetShare * (windowSeconds < fourWeeks ? month : windowSeconds)) / longSeconds;

/** Pairs that make sense for a window: one that is longer than half of it would call for what is over already. */
export const pairsOf = (windowSeconds: number): readonly BurnPair[] =>
  burnPairs.filter(({ longSeconds }) => longSeconds <= windowSeconds / 2);

/** So few failures are chance: at ten requests an hour a single one burns a thousandfold (SRE Workbook, "Low-Traffic Services"). */
export const leastBad = 10;

/** What of a window burns now: its share of bad events, and how many those were where that is known. */
type Burned = { readonly ratio: number | null; readonly bad: number | null };

/** The loudest pair that burns; null: none does. `burnedIn` gives what is known of the last seconds. */
export const burningPair = (
  objectivePpm: number,
  windowSeconds: number,
  burnedIn: (seconds: number) => Burned,
): BurnPair | null => {
  const burns = (seconds: number, factor: number): boolean => {
    const { ratio } = burnedIn(seconds);
    return ratio !== null && burnRate(ratio, objectivePpm) > factor;
  };
  const isBurning = (pair: BurnPair): boolean => {
    const factor = burnFactor(pair, windowSeconds);
    const { bad } = burnedIn(pair.longSeconds);
    return burns(pair.longSeconds, factor) && burns(pair.shortSeconds, factor) && (bad === null || bad >= leastBad);
  };
  return pairsOf(windowSeconds).find(isBurning) ?? null;
};
