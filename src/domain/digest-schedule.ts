import { daysAfter, type LocalDate, localDate, momentOf, weekday } from './local-time.ts';
import { type EpochMs, hourMs } from './time.ts';

/** When a channel gets its digest: every day, or on one day of the week (Monday is 1), at a time on the clocks of its zone. */
export type DigestSchedule = {
  readonly rhythm: 'daily' | 'weekly';
  /** Of a weekly one. */
  readonly weekday: number;
  readonly minuteOfDay: number;
  /** IANA, "Europe/Berlin". */
  readonly zone: string;
};

/** One digest that was to be sent: its date in the zone of the channel is its name, so that it is sent once whoever sends it. */
type DigestSlot = { readonly date: LocalDate; readonly atMs: EpochMs };

/** So late a morning's digest is still of use; after that the next one says it all. */
export const lateWithinMs = 6 * hourMs;

const isDay = ({ rhythm, weekday: wanted }: DigestSchedule, date: LocalDate): boolean =>
  rhythm === 'daily' || weekday(date) === wanted;

/** The slot of a date, whether or not it is one of its days. */
export const slotOn = ({ minuteOfDay, zone }: DigestSchedule, date: LocalDate): DigestSlot => ({
  date,
  atMs: momentOf(date, minuteOfDay, zone),
});

/** A date that a zone left out (Samoa's 30 December 2011) begins with the next one. */
const isReal = ({ zone }: DigestSchedule, { date, atMs }: DigestSlot): boolean => localDate(atMs, zone) === date;

/**
 * The slot that is to be sent now; null: none. Decided from dates, never by counting ticks: a time that the clocks skip is sent at the end
 * of the gap, one that comes twice at the first. What was missed for longer than `lateWithinMs`, or came before `sinceMs` (when the
 * channel asked for it), is not sent.
 */
export const dueSlot = (schedule: DigestSchedule, sinceMs: EpochMs, nowMs: EpochMs): DigestSlot | null => {
  const today = localDate(nowMs, schedule.zone);
  const slots = [today, daysAfter(today, -1)].filter((date) => isDay(schedule, date)).map((date) => slotOn(schedule, date));
  return (
    slots.find(
      (slot) => isReal(schedule, slot) && slot.atMs <= nowMs && slot.atMs > sinceMs && nowMs - slot.atMs <= lateWithinMs,
    ) ?? null
  );
};

/** The slot after now, for who asks when the next one comes. */
export const nextSlot = (schedule: DigestSchedule, nowMs: EpochMs): DigestSlot => {
  let date = localDate(nowMs, schedule.zone);
  for (;;) {
    const slot = slotOn(schedule, date);
    if (isDay(schedule, date) && isReal(schedule, slot) && slot.atMs > nowMs) return slot;
    date = daysAfter(date, 1);
  }
};
