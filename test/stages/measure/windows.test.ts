import { describe, expect, it } from 'vitest';
import { isDistribution } from '../../../src/domain/histogram.ts';
import { hourMs, minuteMs } from '../../../src/domain/time.ts';
import { nextSeconds, planWindows } from '../../../src/stages/measure/windows.ts';
import { nowMs } from '../../support/report.ts';

const seen = { requests: 3000, usual: [3000, 3000, 3000], intervalSeconds: 15 };

describe('the next window', () => {
  it('is none where the present one holds enough', () => {
    expect(nextSeconds(60, seen)).toBeNull();
    expect(nextSeconds(60, { ...seen, intervalSeconds: 30 })).toBeNull();
  });

  it('holds two scrapes of every target, at any pace up to two minutes', () => {
    const paces = [45, 60, 120].map((intervalSeconds) => nextSeconds(60, { ...seen, intervalSeconds }));
    expect(paces).toEqual([120, 150, 300]);
  });

  it('is wider where traffic is low, and where it never was there; not where it has just stopped', () => {
    expect(nextSeconds(60, { ...seen, requests: 12, usual: [10, 12, 11] })).toBe(300);
    expect(nextSeconds(60, { ...seen, requests: 0, usual: [0, 1, 0] })).toBe(300);
    expect(nextSeconds(60, { ...seen, requests: 12, usual: [600, 610, 590] })).toBeNull();
    expect(nextSeconds(60, { ...seen, requests: 0, usual: [600, 610, 590] })).toBeNull();
  });

  it('is the least that holds two scrapes a minute apart where no series answered', () => {
    const silent = { requests: null, usual: [], intervalSeconds: null };
    expect([60, 150, 300].map((seconds) => nextSeconds(seconds, silent))).toEqual([150, 300, null]);
  });
});

describe('the windows of the past', () => {
  it.each([4 * minuteMs, 30 * minuteMs, 5 * hourMs])('end one window before the onset, %i ms ago', (ageMs) => {
    const { local, rangeStartMs, older } = planWindows(nowMs, nowMs - ageMs, 300);
    expect(local.endMs).toBeLessThanOrEqual(nowMs - ageMs - 300_000);
    expect(local.endMs).toBeGreaterThan(nowMs - ageMs - 900_000);
    const windows = (local.endMs - local.startMs) / 300_000 + 1;
    expect(windows).toBeGreaterThanOrEqual(12);
    expect(windows).toBeLessThanOrEqual(24);
    // One range holds now and the past, or an older one the past alone.
    expect(older === null ? rangeStartMs : nowMs - 300_000).toBe(older === null ? local.startMs : rangeStartMs);
  });

  it('are halved only where both halves lie inside the incident', () => {
    expect(planWindows(nowMs, nowMs - 6 * minuteMs, 300, 400).isHalved).toBe(true);
    expect(planWindows(nowMs, nowMs - 6 * minuteMs, 300, 90).isHalved).toBe(false);
    expect(planWindows(nowMs, nowMs - 2 * minuteMs, 90, 90).isHalved).toBe(false);
  });
});

describe('what buckets grew by', () => {
  it('is a distribution when the last bucket is there and none holds less than a lower one', () => {
    expect(
      isDistribution([
        ['+Inf', 9],
        ['50.0', 7],
        ['5', 7],
      ]),
    ).toBe(true);
    expect(isDistribution([['50', 7]])).toBe(false);
    expect(
      isDistribution([
        ['5', 8],
        ['50', 7],
        ['+Inf', 9],
      ]),
    ).toBe(false);
    expect(isDistribution([])).toBe(false);
  });
});
