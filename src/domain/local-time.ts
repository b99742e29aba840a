import { dayMs, type EpochMs, hourMs, minuteMs } from './time.ts';

/** A date of a calendar, "2026-03-08", that belongs to no zone yet. */
export type LocalDate = string;

/** Midnight of a date as if it were UTC's, and the date of such a moment: arithmetic alone, no clock is asked. */
// biome-ignore lint/style/noRestrictedGlobals: see above
const midnightOf = (date: LocalDate): number => Date.parse(`${date}T00:00:00Z`);
// biome-ignore lint/style/noRestrictedGlobals: see above
const asDate = (utcMs: number): Date => new Date(utcMs);
const dateOf = (utcMs: number): LocalDate => asDate(utcMs).toISOString().slice(0, 10);

/** Whether there is such a zone (IANA): the engine knows them. */
export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const numeric = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', calendar: 'gregory', ...numeric });
  formats.set(zone, made);
  return made;
};

/** What clocks of a zone show, as if they were UTC: the difference is the offset. */
const shownMs = (atMs: EpochMs, zone: string): number => {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  // biome-ignore lint/style/noRestrictedGlobals: see above
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
};

/** The date in `zone` (IANA). */
export const localDate = (atMs: EpochMs, zone: string): LocalDate => dateOf(shownMs(atMs, zone));

/** Days later, or earlier: dates alone know no hours. */
export const daysAfter = (date: LocalDate, days: number): LocalDate => dateOf(midnightOf(date) + days * dayMs);

/** Monday is 1, Sunday 7 (ISO 8601). */
export const weekday = (date: LocalDate): number => asDate(midnightOf(date)).getUTCDay() || 7;

/**
 * The first moment at which clocks in `zone` show this time of this date or a later one: where it is skipped in spring, the end of the gap
 * ("02:30" is 03:00); where it comes twice in autumn, the first. A day without midnight begins at 01:00.
 */
export const momentOf = (date: LocalDate, minuteOfDay: number, zone: string): EpochMs => {
  const wantedMs = midnightOf(date) + minuteOfDay * minuteMs;
  // No offset is further from UTC than 14 h; the clocks of a zone go forward but for an hour or two in autumn.
  const isReached = (atMs: EpochMs): boolean => shownMs(atMs, zone) >= wantedMs;
  const offsets = [-dayMs, dayMs].map((apartMs) => shownMs(wantedMs + apartMs, zone) - (wantedMs + apartMs));
  const found = offsets.map((offsetMs) => wantedMs - offsetMs).filter((atMs) => shownMs(atMs, zone) === wantedMs);
  if (found.length > 0) return Math.min(...found);
  let [before, after] = [wantedMs - 15 * hourMs, wantedMs + 15 * hourMs];
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (isReached(middle)) after = middle;
    else before = middle;
  }
  return after;
};

/** The first moment of a date. */
export const startOfDate = (date: LocalDate, zone: string): EpochMs => momentOf(date, 0, zone);
