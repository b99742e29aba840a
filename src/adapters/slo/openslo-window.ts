import { isZone, weekday } from '../../domain/local-time.ts';
import type { SloWindow } from '../../domain/slo.ts';
import { readRolling } from './fields.ts';
import { type Teller, textAt, valueAt } from './found.ts';

type Unit = Extract<SloWindow, { readonly kind: 'calendar' }>['unit'];

/** OpenSLO's shorthand: upper case for what has no fixed length (OpenSLO/OpenSLO, README, "Objects", duration-shorthand). */
const units: Readonly<Record<string, Unit>> = { '1d': 'day', '1w': 'week', '1M': 'month', '1Q': 'quarter', '1Y': 'year' };

/** Whether a date begins a unit by itself: Edgewise begins weeks on Monday, months on the first. */
const begins: Readonly<Record<Unit, (date: string) => boolean>> = {
  day: () => true,
  week: (date) => weekday(date) === 1,
  month: (date) => date.endsWith('-01'),
  quarter: (date) => /-(01|04|07|10)-01$/.test(date),
  year: (date) => date.endsWith('-01-01'),
};

const boundary: Readonly<Record<Unit, string>> = {
  day: 'midnight',
  week: 'midnight of a Monday',
  month: 'midnight of the first of a month',
  quarter: 'midnight of January, April, July or October 1',
  year: 'midnight of January 1',
};

const calendarOf = (teller: Teller, window: unknown, at: string, duration: string | null): SloWindow | null => {
  const unit = duration === null ? undefined : units[duration];
  if (unit === undefined)
    return teller.refuse(
      `${at}.duration`,
      duration,
      'one day, week, month, quarter or year of the calendar: 1d, 1w, 1M, 1Q or 1Y',
    );
  const [start, zone] = [textAt(window, 'calendar', 'startTime'), textAt(window, 'calendar', 'timeZone')];
  if (zone === null || !isZone(zone))
    return teller.refuse(`${at}.calendar.timeZone`, zone, 'an IANA zone, such as Europe/Berlin');
  const [, date, hours] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)Z?)?$/.exec(start ?? '') ?? [];
  const isNatural = date !== undefined && /^00:00(:00)?$/.test(hours ?? '00:00') && begins[unit](date);
  if (!isNatural)
    return teller.refuse(`${at}.calendar.startTime`, start, `${boundary[unit]}: a ${unit} that begins elsewhere is not counted`);
  return { kind: 'calendar', unit, zone };
};

/** The window of an objective: exactly one, rolling or by the calendar. */
export const readWindow = (teller: Teller, spec: unknown): SloWindow | null => {
  const windows = valueAt(spec, ['timeWindow']);
  if (!Array.isArray(windows) || windows.length !== 1)
    return teller.refuse('spec.timeWindow', windows, 'a list of exactly one window, such as {duration: 28d, isRolling: true}');
  const [window] = windows;
  const [duration, at] = [textAt(window, 'duration'), 'spec.timeWindow[0]'];
  return textAt(window, 'isRolling') === 'true' || valueAt(window, ['calendar']) === undefined
    ? readRolling(teller, `${at}.duration`, duration)
    : calendarOf(teller, window, at, duration);
};
