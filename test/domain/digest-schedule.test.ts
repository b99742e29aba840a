import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DigestSchedule, dueSlot, lateWithinMs, nextSlot } from '../../src/domain/digest-schedule.ts';
import { localDate } from '../../src/domain/local-time.ts';
import { dayMs, hourMs, minuteMs } from '../../src/domain/time.ts';

const at = (iso: string): number => Date.parse(iso);
const clock = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const daily = (time: string, zone: string): DigestSchedule => ({ rhythm: 'daily', weekday: 1, minuteOfDay: clock(time), zone });

/** Every slot that ticks of a minute find between two moments, each claimed by its date. */
const sent = (schedule: DigestSchedule, fromMs: number, toMs: number): readonly string[] => {
  const claimed = new Map<string, number>();
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += minuteMs) {
    const slot = dueSlot(schedule, fromMs - dayMs, nowMs);
    if (slot !== null && !claimed.has(slot.date)) claimed.set(slot.date, nowMs);
  }
  return [...claimed].map(([date, atMs]) => `${date} at ${new Date(atMs).toISOString().slice(0, 16)}Z`);
};

describe('When a digest is due', () => {
  it.each([
    // zone, time, from, to, what is sent
    ['America/New_York', '02:30', '2026-03-08T06:00Z', '2026-03-08T20:00Z', ['2026-03-08 at 2026-03-08T07:00Z']],
    ['America/New_York', '01:30', '2026-11-01T05:00Z', '2026-11-01T20:00Z', ['2026-11-01 at 2026-11-01T05:30Z']],
    ['Africa/Cairo', '00:00', '2026-04-23T18:00Z', '2026-04-24T12:00Z', ['2026-04-24 at 2026-04-23T22:00Z']],
    ['Australia/Lord_Howe', '02:15', '2026-10-03T14:00Z', '2026-10-04T08:00Z', ['2026-10-04 at 2026-10-03T15:30Z']],
    ['Europe/London', '01:30', '2026-10-24T23:00Z', '2026-10-25T12:00Z', ['2026-10-25 at 2026-10-25T00:30Z']],
    [
      'Pacific/Apia',
      '09:00',
      '2011-12-29T12:00Z',
      '2011-12-31T12:00Z',
      ['2011-12-29 at 2011-12-29T19:00Z', '2011-12-31 at 2011-12-30T19:00Z'],
    ],
  ])('in %s at %s, from %s to %s', (zone, time, from, to, expected) => {
    expect(sent(daily(time, zone), at(from), at(to))).toEqual(expected);
  });

  it('is sent late after a pause, but not in the evening, and not for the time before somebody asked for it', () => {
    const schedule = daily('09:00', 'Europe/Berlin');
    const slotMs = at('2026-11-28T08:00:00Z');
    expect(dueSlot(schedule, 0, slotMs - 1)).toBeNull();
    expect(dueSlot(schedule, 0, slotMs + lateWithinMs)).toEqual({ date: '2026-11-28', atMs: slotMs });
    expect(dueSlot(schedule, 0, slotMs + lateWithinMs + 1)).toBeNull();
    expect(dueSlot(schedule, slotMs + hourMs, slotMs + 2 * hourMs)).toBeNull();
    // Missed before midnight, sent after it under its own date.
    expect(dueSlot(daily('23:30', 'Europe/Berlin'), 0, at('2026-11-28T23:45:00Z'))?.date).toBe('2026-11-28');
  });

  it('comes on its day of the week alone, and says when the next one comes', () => {
    const mondays: DigestSchedule = { ...daily('09:00', 'Asia/Tokyo'), rhythm: 'weekly', weekday: 1 };
    expect(sent(mondays, at('2026-11-20T00:00Z'), at('2026-12-05T00:00Z'))).toEqual([
      '2026-11-23 at 2026-11-23T00:00Z',
      '2026-11-30 at 2026-11-30T00:00Z',
    ]);
    expect(nextSlot(mondays, at('2026-11-24T00:00Z')).date).toBe('2026-11-30');
    expect(nextSlot(daily('09:00', 'UTC'), at('2026-11-28T09:00:00Z')).date).toBe('2026-11-29');
  });

  it('names one slot a date in any zone, whatever the minute of the tick', () => {
    const zones = [
      'America/Sao_Paulo',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Africa/Casablanca',
      'Asia/Tehran',
      'UTC',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: at('2015-01-01T00:00Z'), max: at('2030-01-01T00:00Z') }),
        (zone, minuteOfDay, nowMs) => {
          const schedule: DigestSchedule = { rhythm: 'daily', weekday: 1, minuteOfDay, zone };
          const next = nextSlot(schedule, nowMs);
          expect(next.atMs).toBeGreaterThan(nowMs);
          expect(next.atMs - nowMs).toBeLessThanOrEqual(dayMs + 2 * hourMs);
          expect(localDate(next.atMs, zone)).toBe(next.date);
          expect(dueSlot(schedule, 0, next.atMs)).toEqual(next);
          expect(dueSlot(schedule, 0, next.atMs - 1)?.date ?? '').not.toBe(next.date);
        },
      ),
      { numRuns: 300 },
    );
  });
});
