import { describe, expect, it } from 'vitest';
import { calmest } from './healthy.ts';
import type { Healthy } from './slot-parts.ts';

const measured = { cells: [], plain: [] };
const late = (lagMs: number): Healthy => ({ measured, lagMs });

/** Measurements whose timers come so late, one after the other. */
const machine = (...lags: readonly number[]) => {
  const left = [...lags];
  return { measure: async () => late(left.shift() ?? Number.NaN), made: () => lags.length - left.length };
};

describe('what the healthy mesh does', () => {
  it('is measured once on a machine that does nothing else', async () => {
    const { measure, made } = machine(20);
    const known = await calmest(undefined, measure);
    expect(await calmest(known, measure)).toBe(known);
    expect(made()).toBe(1);
  });

  it('is measured again when the machine was busy, and the calmer of both stands', async () => {
    expect(await calmest(undefined, machine(400, 20).measure)).toEqual(late(20));
    expect(await calmest(undefined, machine(90, 400).measure)).toEqual(late(90));
  });

  it('is measured no third time for one fault, but once more for the next', async () => {
    const { measure, made } = machine(400, 300, 20);
    const known = await calmest(undefined, measure);
    expect([known.lagMs, made()]).toEqual([300, 2]);
    expect(await calmest(known, measure)).toEqual(late(20));
    expect(made()).toBe(3);
  });
});
