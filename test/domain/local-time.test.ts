import { describe, expect, it } from 'vitest';
import { daysAfter, localDate, momentOf, startOfDate, weekday } from '../../src/domain/local-time.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (atMs: number): string => new Date(atMs).toISOString();
const clock = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

describe('Local dates and times', () => {
  it.each([
    // zone, date, time on the clock, the moment
    ['America/New_York', '2026-03-08', '02:30', '2026-03-08T07:00:00.000Z'],
    ['America/New_York', '2026-03-08', '09:00', '2026-03-08T13:00:00.000Z'],
    ['America/New_York', '2026-11-01', '01:30', '2026-11-01T05:30:00.000Z'],
    ['America/New_York', '2026-11-01', '09:00', '2026-11-01T14:00:00.000Z'],
    ['Africa/Cairo', '2026-04-24', '00:00', '2026-04-23T22:00:00.000Z'],
    ['Africa/Cairo', '2026-04-24', '00:30', '2026-04-23T22:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:30:00.000Z'],
    ['Europe/London', '2026-10-25', '01:30', '2026-10-25T00:30:00.000Z'],
    ['Asia/Kolkata', '2026-01-31', '09:00', '2026-01-31T03:30:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '00:00', '2025-12-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-01-01', '00:00', '2026-01-01T11:00:00.000Z'],
    ['UTC', '2026-02-28', '23:59', '2026-02-28T23:59:00.000Z'],
    // Samoa left out the whole of 30 December 2011.
    ['Pacific/Apia', '2011-12-30', '09:00', '2011-12-30T10:00:00.000Z'],
  ])('in %s on %s at %s it is %s', (zone, date, time, moment) => {
    expect(iso(momentOf(date, clock(time), zone))).toBe(moment);
  });

  it('says the date of a moment by the clocks of a zone, not by ours', () => {
    expect(localDate(at('2026-11-28T23:30:00Z'), 'Asia/Tokyo')).toBe('2026-11-29');
    expect(localDate(at('2026-11-28T03:30:00Z'), 'America/New_York')).toBe('2026-11-27');
    expect(localDate(startOfDate('2026-04-24', 'Africa/Cairo'), 'Africa/Cairo')).toBe('2026-04-24');
    expect(localDate(startOfDate('2026-04-24', 'Africa/Cairo') - 1, 'Africa/Cairo')).toBe('2026-04-23');
  });

  it('counts dates over months and leap days, and names the days of the week as ISO 8601 does', () => {
    expect(daysAfter('2028-02-28', 1)).toBe('2028-02-29');
    expect(daysAfter('2026-01-01', -1)).toBe('2025-12-31');
    expect(['2026-11-23', '2026-11-28', '2026-11-29'].map(weekday)).toEqual([1, 6, 7]);
  });
});
