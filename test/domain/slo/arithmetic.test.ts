import { describe, expect, it } from 'vitest';
import { allowedBad, burnRate, errorRatio, remaining, secondsToExhaustion, spentBy } from '../../../src/domain/slo/budget.ts';
import { burnFactor, burningPair, burnPairs, pairsOf } from '../../../src/domain/slo/burn-alerts.ts';
import { attainedText, objectiveText, ppmOfPercent, ppmOfRatio } from '../../../src/domain/slo/objective.ts';
import { periodAt } from '../../../src/domain/slo/window.ts';

const daySeconds = 86_400;

describe('An objective', () => {
  it.each([
    ['99.9', 999_000],
    ['99.95 %', 999_500],
    ['99', 990_000],
    ['99.99990', 999_999],
    ['50.0', 500_000],
  ])('%s is read exactly', (text, ppm) => {
    expect(ppmOfPercent(text)).toBe(ppm);
  });

  it.each(['100', '0', '99.99999', '-1', '', 'all', '1e2', '999'])('%j is none', (text) => {
    expect(ppmOfPercent(text)).toBeNull();
  });

  it('is read from a ratio too, and said without noise', () => {
    expect(ppmOfRatio('0.999')).toBe(999_000);
    expect(ppmOfRatio('.99950')).toBe(999_500);
    expect(ppmOfRatio('1')).toBeNull();
    expect([999_000, 999_500, 990_000, 999_999, 500_000].map(objectiveText)).toEqual([
      '99.9 %',
      '99.95 %',
      '99 %',
      '99.9999 %',
      '50 %',
    ]);
  });

  it.each([
    [0, 999_000, '100 %'],
    [0.00063, 999_000, '99.937 %'],
    [0.001_000_4, 999_000, '99.899 %'],
    [0.000_000_1, 999_000, '99.999 %'],
    [0.0534, 990_000, '94.66 %'],
    [0.5, 500_000, '50 %'],
  ])('errors of %d under %d are %s: never rounded over the objective', (ratio, ppm, text) => {
    expect(attainedText(ratio, ppm)).toBe(text);
  });
});

describe('A budget', () => {
  it('is spent as the SRE Workbook computes it', () => {
    expect(errorRatio({ total: 0, bad: 0 })).toBeNull();
    expect(errorRatio({ total: 100, bad: 100.3 })).toBe(1);
    expect(burnRate(0.0144, 999_000)).toBeCloseTo(14.4, 12);
    expect(spentBy(0.0144, 999_000, 3600, 30 * daySeconds)).toBeCloseTo(0.02, 12);
    expect(remaining(0.00063, 999_000)).toBeCloseTo(0.37, 12);
    expect(remaining(0.0025, 999_000)).toBeCloseTo(-1.5, 12);
    expect(allowedBad(1_234_567, 999_000)).toBeCloseTo(1234.567, 9);
  });

  it('is used up at the current pace, never, or already', () => {
    expect(secondsToExhaustion(0.5, 0.002, 999_000, 30 * daySeconds)).toBeCloseTo(7.5 * daySeconds, 6);
    expect(secondsToExhaustion(0.5, 0, 999_000, 30 * daySeconds)).toBeNull();
    expect(secondsToExhaustion(-0.1, 0, 999_000, 30 * daySeconds)).toBe(0);
  });
});

describe('Burn alerts', () => {
  it('have the factors of the window, as Sloth computes them', () => {
    const factors = (days: number): readonly number[] => burnPairs.map((pair) => burnFactor(pair, days * daySeconds));
    expect(factors(30).map((factor) => factor.toFixed(2))).toEqual(['14.40', '6.00', '3.00', '1.00']);
    expect(factors(28).map((factor) => factor.toFixed(2))).toEqual(['13.44', '5.60', '2.80', '0.93']);
    // 2 % of a week's budget in an hour is a burn of 3.4, 10 % in three days one of 0.2, at which it lasts.
    expect(factors(7)).toEqual(factors(30));
    expect(factors(90).map((factor) => factor.toFixed(1))).toEqual(['43.2', '18.0', '9.0', '3.0']);
    expect(pairsOf(daySeconds).map(({ longSeconds }) => longSeconds / 3600)).toEqual([1, 6]);
  });

  const burned =
    (ratios: Readonly<Record<number, number>>, bad: number | null = 100) =>
    (seconds: number) => ({
      ratio: ratios[seconds] ?? null,
      bad,
    });

  it('need both windows, and the loudest speaks', () => {
    const fast = { 3600: 0.02, 300: 0.03, 86400: 0.01, 7200: 0.02 };
    expect(burningPair(999_000, 30 * daySeconds, burned(fast))?.longSeconds).toBe(3600);
    expect(burningPair(999_000, 30 * daySeconds, burned({ ...fast, 300: 0 }))?.longSeconds).toBe(daySeconds);
    expect(burningPair(999_000, 30 * daySeconds, burned({ 3600: 0.02 }))).toBeNull();
    expect(burningPair(999_000, 30 * daySeconds, burned({ 3600: 0.0144, 300: 0.0144 }))).toBeNull();
  });

  it('are chance below ten failures, where their number is known', () => {
    const fast = { 3600: 0.5, 300: 0.5 };
    expect(burningPair(999_000, 30 * daySeconds, burned(fast, 3))).toBeNull();
    expect(burningPair(999_000, 30 * daySeconds, burned(fast, null))?.severity).toBe('page');
  });
});

describe('The window of an objective', () => {
  const atMs = Date.parse('2026-11-18T15:00:00Z');
  const of = (unit: 'day' | 'week' | 'month' | 'quarter' | 'year', zone = 'UTC') => {
    const { startMs, wholeSeconds } = periodAt({ kind: 'calendar', unit, zone }, atMs);
    return [new Date(startMs).toISOString(), wholeSeconds / daySeconds];
  };

  it('rolls over its days, however long those are, or begins with the calendar of its zone', () => {
    expect(periodAt({ kind: 'rolling', days: 28 }, atMs)).toEqual({
      startMs: Date.parse('2026-10-21T15:00:00Z'),
      endMs: atMs,
      wholeSeconds: 28 * daySeconds,
    });
    expect(of('day')).toEqual(['2026-11-18T00:00:00.000Z', 1]);
    expect(of('week')).toEqual(['2026-11-16T00:00:00.000Z', 7]);
    expect(of('month')).toEqual(['2026-11-01T00:00:00.000Z', 30]);
    expect(of('quarter')).toEqual(['2026-10-01T00:00:00.000Z', 92]);
    expect(of('year')).toEqual(['2026-01-01T00:00:00.000Z', 365]);
    // Of which an hour came twice.
    expect(of('month', 'America/New_York')).toEqual(['2026-11-01T04:00:00.000Z', 30 + 1 / 24]);
    expect(of('day', 'Asia/Tokyo')).toEqual(['2026-11-18T15:00:00.000Z', 1]);
  });
});
