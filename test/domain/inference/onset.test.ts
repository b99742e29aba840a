import { describe, expect, it } from 'vitest';
import { seeded } from '../../../src/demo/mesh/noise.ts';
import { levelOnset, ratioOnset } from '../../../src/domain/inference/onset.ts';

/** 24 windows and two halves of an edge whose failures come in pairs; the last `broken` of them at another rate. */
const trials = (seed: number, usual: number, broken: number, now: number) => {
  const random = seeded(seed);
  return Array.from({ length: 26 }, (_, index) => {
    const n = 1000 + random.poisson(200);
    return { n, x: 2 * random.poisson((n * (index >= 26 - broken ? now : usual)) / 2) };
  });
};
const means = (seed: number, broken: number, factor: number) => {
  const random = seeded(seed);
  return Array.from({ length: 26 }, (_, index) => 0.05 * Math.exp(0.08 * random.normal()) * (index >= 26 - broken ? factor : 1));
};

describe('since when more fail', () => {
  it.each([1, 2, 3, 10, 20])('finds the window in which it began, %d windows ago', (broken) => {
    for (let seed = 1; seed <= 50; seed += 1) expect(ratioOnset(trials(seed, 0.004, broken, 0.3))).toBe(26 - broken);
  });

  it('finds nothing in healthy noise, in what is over, and in what is too small to matter', () => {
    const found = Array.from({ length: 2000 }, (_, seed) => ratioOnset(trials(seed + 1, 0.01, 0, 0))).filter((at) => at !== null);
    expect(found).toEqual([]);
    expect(ratioOnset([...trials(1, 0.004, 10, 0.3), { n: 1000, x: 3 }])).toBeNull();
    expect(ratioOnset(trials(1, 0.01, 5, 0.015))).toBeNull();
  });

  it('says nothing of windows without requests, of few windows, and of all failing ever since', () => {
    expect(ratioOnset([])).toBeNull();
    expect(ratioOnset(Array.from({ length: 26 }, () => ({ n: 0, x: 0 })))).toBeNull();
    expect(
      ratioOnset([
        { n: 100, x: 0 },
        { n: 100, x: 100 },
      ]),
    ).toBeNull();
    expect(ratioOnset(Array.from({ length: 26 }, () => ({ n: 100, x: 100 })))).toBeNull();
    // Extrapolation may count a little more failures than requests.
    expect(ratioOnset([...trials(1, 0, 0, 0), { n: 100, x: 100.4 }])).toBe(26);
  });
});

describe('since when requests take longer', () => {
  it.each([1, 4, 15])('finds the window in which it began, %d windows ago', (broken) => {
    for (let seed = 1; seed <= 50; seed += 1) expect(levelOnset(means(seed, broken, 3))).toBe(26 - broken);
  });

  it('finds nothing in healthy noise and in what is over', () => {
    expect(Array.from({ length: 2000 }, (_, seed) => levelOnset(means(seed + 1, 0, 1))).filter((at) => at !== null)).toEqual([]);
    expect(levelOnset([...means(1, 10, 3), 0.05])).toBeNull();
    expect(levelOnset([])).toBeNull();
  });
});
