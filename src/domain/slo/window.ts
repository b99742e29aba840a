import { daysAfter, type LocalDate, localDate, startOfDate, weekday } from '../local-time.ts';
import type { SloWindow } from '../slo.ts';
import { dayMs, type EpochMs, type Window } from '../time.ts';

type Unit = Extract<SloWindow, { readonly kind: 'calendar' }>['unit'];

/** The first date of the day, week, month, quarter or year that a date lies in. */
const firstOf = (date: LocalDate, unit: Unit): LocalDate => {
  const [year = '', month = ''] = date.split('-');
  if (unit === 'day') return date;
  if (unit === 'week') return daysAfter(date, 1 - weekday(date));
  if (unit === 'year') return `${year}-01-01`;
  const first = unit === 'month' ? Number(month) : Math.floor((Number(month) - 1) / 3) * 3 + 1;
  return `${year}-${String(first).padStart(2, '0')}-01`;
};

/** The first date of the next one: no day, week, month, quarter or year is longer than the days given. */
const longest: Readonly<Record<Unit, number>> = { day: 1, week: 7, month: 31, quarter: 92, year: 366 };
const nextOf = (first: LocalDate, unit: Unit): LocalDate => firstOf(daysAfter(first, longest[unit]), unit);

/** What a window holds at a moment: of a rolling one its last days, of a calendar's what is over of it. `wholeSeconds`: all of it, once over. */
export const periodAt = (window: SloWindow, atMs: EpochMs): Window & { readonly wholeSeconds: number } => {
  if (window.kind === 'rolling')
    return { startMs: atMs - window.days * dayMs, endMs: atMs, wholeSeconds: (window.days * dayMs) / 1000 };
  const { unit, zone } = window;
  const first = firstOf(localDate(atMs, zone), unit);
  const startMs = startOfDate(first, zone);
  return { startMs, endMs: atMs, wholeSeconds: (startOfDate(nextOf(first, unit), zone) - startMs) / 1000 };
};

/** How long a window is, whatever the moment; a calendar's unit at its longest, since what is written once must hold in February and March. */
export const longestSeconds = (window: SloWindow): number =>
  ((window.kind === 'rolling' ? window.days : longest[window.unit]) * dayMs) / 1000;

/** "30 d", "month in Europe/Berlin" */
export const windowText = (window: SloWindow): string =>
  window.kind === 'rolling' ? `${window.days} d` : `${window.unit} in ${window.zone}`;
