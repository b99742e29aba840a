import type { Labels } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import type { Gap } from '../../domain/gathered.ts';
import { errorRatio } from '../../domain/slo/budget.ts';
import {
  type Burnt,
  type BurnWindow,
  burnWindows,
  type DayRows,
  type SloHour,
  type SloReading,
} from '../../domain/slo/reading.ts';
import { leastCoverage } from '../../domain/slo/standing.ts';
import { eventsTogether, type Slo } from '../../domain/slo.ts';
import { type EpochMs, hourMs, type Window } from '../../domain/time.ts';
import { type Counted, countedOf, spentTogether, type Tally, taggedRow } from './events.ts';
import { readWhole } from './plan.ts';

type Answered = { readonly labels: Labels; readonly points: readonly (readonly [EpochMs, number])[] };

/** A range's answer as the hours of its day: a value stands at the end of its hour. */
export const dayRowsOf = (day: EpochMs, series: readonly Answered[]): DayRows => ({
  day,
  rows: series.map(({ labels, points }) => {
    const values: (number | null)[] = Array.from({ length: 24 }, () => null);
    for (const [atMs, value] of points) {
      const hour = Math.round((atMs - day) / hourMs) - 1;
      if (hour >= 0 && hour < 24 && Number.isFinite(value)) values[hour] = value;
    }
    return { labels, values };
  }),
});

const hourOf = (slo: Slo, dialect: Dialect, { day, rows }: DayRows, hour: number): SloHour => {
  const tallies = rows.flatMap(({ labels, values }): readonly Tally[] => {
    const [tag, value] = [taggedRow(labels), values[hour]];
    return tag === null || value == null ? [] : [{ labels, part: tag.part, value }];
  });
  return { startMs: day + hour * hourMs, ...countedOf(slo, dialect, tallies) };
};

/** Every whole hour that is over. */
export const hoursOf = (slo: Slo, dialect: Dialect, days: readonly DayRows[], atMs: EpochMs): readonly SloHour[] =>
  days
    .flatMap((day) => Array.from({ length: 24 }, (_, hour) => hourOf(slo, dialect, day, hour)))
    .filter(({ startMs }) => startMs + hourMs <= atMs)
    .sort((a, b) => a.startMs - b.startMs);

/** What was counted of the short windows and of the pieces, by name. */
export const liveOf = (
  slo: Slo,
  dialect: Dialect,
  samples: readonly { readonly labels: Labels; readonly value: number }[],
): ReadonlyMap<string, Counted> => {
  const tallies = new Map<string, Tally[]>();
  for (const { labels, value } of samples) {
    const tag = taggedRow(labels);
    if (tag === null) continue;
    const known = tallies.get(tag.of) ?? [];
    known.push({ labels, part: tag.part, value });
    tallies.set(tag.of, known);
  }
  return new Map([...tallies].map(([name, rows]) => [name, countedOf(slo, dialect, rows)]));
};

const nothing: Counted = { events: { total: 0, bad: 0 }, spent: [], versions: [], seen: 0 };

/** The hours of a window that ends now, its pieces at both ends as hours of their own: in the order of time. */
const stretchesOf = (
  { startMs }: Pick<Window, 'startMs'>,
  hours: readonly SloHour[],
  live: ReadonlyMap<string, Counted>,
  atMs: EpochMs,
): readonly SloHour[] => {
  const piece = (beginMs: EpochMs): SloHour => ({ startMs: beginMs, ...(live.get(`piece-${beginMs}`) ?? nothing) });
  const tailMs = Math.floor(atMs / hourMs) * hourMs;
  if (startMs > tailMs) return [piece(startMs)];
  const whole = hours.filter((hour) => hour.startMs >= startMs && hour.startMs < tailMs);
  const [isCut, hasTail] = [startMs % hourMs !== 0, atMs - tailMs >= 1000];
  return [...(isCut ? [piece(startMs)] : []), ...whole, ...(hasTail ? [piece(tailMs)] : [])];
};

const burntOf = (events: SloHour['events']): Burnt | null => {
  const ratio = errorRatio(events);
  return ratio === null ? null : { ratio, events };
};

const lengthOf = (hour: SloHour, next: SloHour | undefined, atMs: EpochMs): number => (next?.startMs ?? atMs) - hour.startMs;

/**
 * The part of the time since the first sample that was scraped; of what came before nothing is known, and nothing was to be. Where
 * not everything was answered, nobody knows which sample was the first: then of all of it.
 */
const coverageOf = (
  stretches: readonly SloHour[],
  atMs: EpochMs,
  isAnswered: boolean,
): { readonly coverage: number; readonly sinceMs: EpochMs | null } => {
  const seenFirst = stretches.findIndex(({ seen }) => seen > 0);
  const first = isAnswered ? seenFirst : Math.min(seenFirst, 0);
  if (first < 0) return { coverage: 0, sinceMs: null };
  const known = stretches.slice(first);
  const lengths = known.map((hour, index) => lengthOf(hour, known[index + 1], atMs));
  const seenMs = known.reduce((sum, { seen }, index) => sum + seen * (lengths[index] ?? 0), 0);
  const allMs = lengths.reduce((sum, length) => sum + length, 0);
  return { coverage: allMs === 0 ? 0 : seenMs / allMs, sinceMs: first === 0 ? null : (known[0]?.startMs ?? null) };
};

type Parts = {
  readonly slo: Slo;
  readonly atMs: EpochMs;
  readonly period: SloReading['period'];
  readonly hours: readonly SloHour[];
  readonly live: ReadonlyMap<string, Counted>;
  readonly reporter: SloReading['reporter'];
  readonly gaps: readonly Gap[];
};

/** None where hours of it were not answered: what is left would be the burn of another window. */
const burnOf = (seconds: BurnWindow, { hours, live, atMs, gaps }: Parts): readonly (readonly [BurnWindow, Burnt | null])[] => {
  if (readWhole.includes(seconds)) return [[seconds, burntOf((live.get(`last-${seconds}`) ?? nothing).events)]];
  const stretches = stretchesOf({ startMs: atMs - seconds * 1000 }, hours, live, atMs);
  if (gaps.length > 0 && coverageOf(stretches, atMs, false).coverage < leastCoverage) return [];
  return [[seconds, burntOf(eventsTogether(stretches.map(({ events }) => events)))]];
};

/** Puts together what was counted. */
export const countedReading = (parts: Parts): SloReading => {
  const { slo, atMs, period, hours, live, reporter, gaps } = parts;
  const stretches = stretchesOf(period, hours, live, atMs).map((hour) => ({ ...hour, spent: spentTogether(hour.spent) }));
  return {
    slo,
    atMs,
    period,
    whole: burntOf(eventsTogether(stretches.map(({ events }) => events))),
    burnt: new Map(live.size === 0 ? [] : burnWindows.flatMap((seconds) => burnOf(seconds, parts))),
    hours: stretches,
    ...coverageOf(stretches, atMs, gaps.length === 0),
    reporter,
    method: { kind: 'counted' },
    gaps,
  };
};
