import type { Dialect } from '../../domain/dialect.ts';
import { union } from '../../domain/promql/union.ts';
import { selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { type BurnWindow, burnWindows } from '../../domain/slo/reading.ts';
import type { Slo } from '../../domain/slo.ts';
import { dayMs, type EpochMs, hourMs, type Window } from '../../domain/time.ts';
import { askedOver, matchersFor, type Part, type SloFamily } from './family.ts';

const hourSeconds = hourMs / 1000;

/** Windows short enough to be read as they are; longer ones are made of hours. */
export const readWhole: readonly BurnWindow[] = burnWindows.filter((seconds) => seconds <= 2 * hourSeconds);

/** What of a window that ends now is no whole hour: a part at its beginning, and one at its end. */
type Piece = { readonly name: string; readonly startMs: EpochMs; readonly endMs: EpochMs };

const hourAfter = (atMs: EpochMs): EpochMs => Math.ceil(atMs / hourMs) * hourMs;
const hourBefore = (atMs: EpochMs): EpochMs => Math.floor(atMs / hourMs) * hourMs;

/** The pieces of these windows beside their whole hours; none where a window is made of whole hours. All of an hour not over is a piece. */
export const piecesOf = (windows: readonly Window[], atMs: EpochMs): readonly Piece[] => {
  const pieces = windows.map(({ startMs }) => ({ startMs, endMs: Math.min(hourAfter(startMs), atMs) }));
  const tail = { startMs: hourBefore(atMs), endMs: atMs };
  const kept = [...pieces, tail].filter(({ startMs, endMs }) => endMs - startMs >= 1000);
  return [...new Map(kept.map(({ startMs, endMs }) => [startMs, { name: `piece-${startMs}`, startMs, endMs }])).values()];
};

/** The windows that a reading tells of: its period, and those of the burn that are made of hours. */
export const windowsMadeOfHours = (period: Window, atMs: EpochMs): readonly Window[] => [
  { startMs: period.startMs, endMs: atMs },
  ...burnWindows
    .filter((seconds) => !readWhole.includes(seconds))
    .map((seconds) => ({ startMs: atMs - seconds * 1000, endMs: atMs })),
];

/** Midnights (UTC) of the days that hold whole hours of these windows, oldest first. */
export const daysOf = (windows: readonly Window[], atMs: EpochMs): readonly EpochMs[] => {
  const firstMs = Math.min(...windows.map(({ startMs }) => hourAfter(startMs)));
  const days: EpochMs[] = [];
  for (let day = Math.floor(firstMs / dayMs) * dayMs; day < hourBefore(atMs); day += dayMs) days.push(day);
  return days;
};

const lastOf = (tag: string): string => tag.slice(tag.indexOf(' ') + 1);
/** "all piece-1700000000000": part and stretch of a row, as the plan tags it. */
export const readTag = (tag: string): { readonly part: Part; readonly of: string } => ({
  part: tag.slice(0, tag.indexOf(' ')) as Part,
  of: lastOf(tag),
});

const wholeHour = { seconds: hourSeconds, agoSeconds: 0 } as const;

/** The hours of one day, as a range: each sample is read once. Never says anything of the moment: the text is the key of what is kept. */
export const planDay = (family: SloFamily, day: EpochMs, atMs: EpochMs): PlannedQuery => ({
  id: `day-${day}`,
  what: 'the hours of a day',
  promql: union(askedOver(family, wholeHour, (part) => `${part} hour`)) ?? '',
  budget: 'apart',
  kind: 'range',
  startMs: day + hourMs,
  endMs: Math.min(day + dayMs, hourBefore(atMs)),
  stepSeconds: hourSeconds,
});

/** The short windows of the burn, and the pieces of the long ones, in one call. */
export const planLive = (family: SloFamily, pieces: readonly Piece[], atMs: EpochMs): PlannedQuery => {
  const windows = readWhole.map((seconds) => ({ name: `last-${seconds}`, seconds, agoSeconds: 0 }));
  const rest = pieces.map(({ name, startMs, endMs }) => ({
    name,
    seconds: Math.round((endMs - startMs) / 1000),
    agoSeconds: Math.round((atMs - endMs) / 1000),
  }));
  const asked = [...windows, ...rest].flatMap(({ name, ...stretch }) => askedOver(family, stretch, (part) => `${part} ${name}`));
  return { id: 'live', what: 'the last hours', promql: union(asked) ?? '', budget: 'apart', kind: 'instant', atMs };
};

/** Which buckets a latency is counted in; null where nothing of the mesh is asked. */
export const planBounds = (slo: Slo, dialect: Dialect, atMs: EpochMs): PlannedQuery | null => {
  if (slo.sli.kind !== 'latency') return null;
  const matchers = matchersFor(slo, dialect, slo.sli.reporter);
  if (matchers === null) return null;
  const promql = `group by (le) (${selector(dialect.metrics.durationBucket, matchers)})`;
  return { id: 'bounds', what: 'the buckets of the latency', promql, budget: 'apart', kind: 'instant', atMs };
};
