import type { EpochMs } from '../time.ts';
import { allowedBad, burnRate, remaining, secondsToExhaustion } from './budget.ts';
import { type BurnPair, burningPair } from './burn-alerts.ts';
import { type BurnWindow, burnWindows, type SloReading } from './reading.ts';

/**
 * How an objective stands. What is not known is neither well nor ill: `no-traffic` had no events in its window, `insufficient-data` was
 * scraped in less than nine tenths of it, or its question was not answered.
 */
export type SloState = 'breached' | 'at-risk' | 'healthy' | 'no-traffic' | 'insufficient-data';

export type SloStanding = {
  readonly state: SloState;
  /** Of the budget of the window, as a share of it; below 0 it is overspent. Null where the state says that nothing is known. */
  readonly left: number | null;
  /** Bad events that the budget still allows, or has been passed by where negative; null where only ratios are known. */
  readonly badLeft: number | null;
  /** By window, where known: 1 spends exactly the budget. */
  readonly burn: ReadonlyMap<BurnWindow, number>;
  /** The pair of windows that burn now. */
  readonly burning: BurnPair | null;
  /** At the pace of the last six hours; null: never at that pace, or not known. */
  readonly exhaustedAtMs: EpochMs | null;
};

/** Less of the window scraped than this: too little to judge (a mean over what is left may be of the quiet hours alone). */
export const leastCoverage = 0.9;
/** With less than a quarter of the budget left somebody should know before it is gone. */
const atRiskBelow = 0.25;
/** The pace: an hour is noise, three days have forgotten what burns. */
const paceWindow: BurnWindow = 21_600;

const burnsOf = ({ burnt, slo }: SloReading): ReadonlyMap<BurnWindow, number> =>
  new Map(
    burnWindows.flatMap((window) => {
      const known = burnt.get(window);
      return known == null ? [] : [[window, burnRate(known.ratio, slo.objectivePpm)] as const];
    }),
  );

const unknown = (state: SloState, reading: SloReading): SloStanding => ({
  state,
  left: null,
  badLeft: null,
  burn: burnsOf(reading),
  burning: null,
  exhaustedAtMs: null,
});

/** When a rolling or a calendar's budget is gone at this pace: a calendar's is new again at the end of its period, so it may last. */
const exhaustion = (reading: SloReading, left: number): EpochMs | null => {
  const { slo, burnt, period, atMs } = reading;
  const pace = burnt.get(paceWindow);
  if (pace == null) return null;
  const seconds = secondsToExhaustion(left, pace.ratio, slo.objectivePpm, period.wholeSeconds);
  if (seconds === null || seconds === 0) return null;
  const endsMs = slo.window.kind === 'rolling' ? Number.POSITIVE_INFINITY : period.startMs + period.wholeSeconds * 1000;
  const exhaustedMs = atMs + seconds * 1000;
  return exhaustedMs < endsMs ? exhaustedMs : null;
};

/** What a reading means. */
export const standingOf = (reading: SloReading): SloStanding => {
  const { slo, whole, coverage, burnt, period, gaps } = reading;
  if (whole === null) return unknown(gaps.length > 0 || coverage < leastCoverage ? 'insufficient-data' : 'no-traffic', reading);
  if (coverage < leastCoverage) return unknown('insufficient-data', reading);
  const left = remaining(whole.ratio, slo.objectivePpm);
  const { events } = whole;
  const burning = burningPair(slo.objectivePpm, period.wholeSeconds, (seconds) => {
    const known = burnt.get(seconds as BurnWindow);
    return { ratio: known?.ratio ?? null, bad: known?.events?.bad ?? null };
  });
  const exhaustedAtMs = exhaustion(reading, left);
  const isAtRisk = left < atRiskBelow || burning !== null;
  return {
    state: left < 0 ? 'breached' : isAtRisk ? 'at-risk' : 'healthy',
    left,
    badLeft: events === null ? null : allowedBad(events.total, slo.objectivePpm) - events.bad,
    burn: burnsOf(reading),
    burning,
    exhaustedAtMs,
  };
};

const rank: Readonly<Record<SloState, number>> = {
  breached: 0,
  'at-risk': 1,
  'insufficient-data': 2,
  'no-traffic': 3,
  healthy: 4,
};

/** The worst state first, then what has the least left. */
export const byState = (
  a: { readonly state: SloState; readonly left: number | null },
  b: { readonly state: SloState; readonly left: number | null },
): number => rank[a.state] - rank[b.state] || (a.left ?? 0) - (b.left ?? 0);

type Judged = { readonly reading: SloReading; readonly standing: SloStanding };

/** By state, then what has the least left, then by name: the same input has one order. */
export const byUrgency = (a: Judged, b: Judged): number =>
  byState(a.standing, b.standing) || (a.reading.slo.name < b.reading.slo.name ? -1 : 1);
