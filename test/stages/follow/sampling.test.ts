import { describe, expect, it } from 'vitest';
import { countedRate, expectedOf, samplerRate, samplingOf } from '../../../src/stages/follow/sampling.ts';
import { drawn } from '../../support/traces.ts';

describe('the rate that traces are kept at', () => {
  it('is counted against the requests of metrics, with an interval', () => {
    const sampling = countedRate(12, 1240);
    expect(sampling).toMatchObject({ from: 'counted', rate: 12 / 1240 });
    expect(sampling?.low).toBeCloseTo(0.0055, 4);
    expect(sampling?.high).toBeCloseTo(0.0168, 4);
  });

  it('is not none where none was seen', () => {
    const sampling = countedRate(0, 1000);
    expect([sampling?.rate, sampling?.low]).toEqual([0, 0]);
    expect(sampling?.high).toBeCloseTo(0.0038, 4);
  });

  it('is all at most, though metrics lag', () =>
    expect(countedRate(20, 18.4)).toMatchObject({ rate: 1, high: expect.closeTo(1) }));

  it('has no upper bound where the store did not show all that it holds', () => {
    expect(countedRate(100, 5000, true)).toMatchObject({ rate: 0.02, high: 1 });
  });

  it.each([0, Number.NaN])('is not known of %d requests', (requests) => expect(countedRate(3, requests)).toBeNull());

  it.each<readonly [said: string, rate: number | null]>([
    ['sampler.type=probabilistic, sampler.param=0.01', 0.01],
    ['sampler.type=const, sampler.param=true', 1],
    ['sampler.type=const, sampler.param=1', 1],
    ['sampling.probability=0.25', 0.25],
    ['sampler.type=const, sampler.param=0', null],
    ['sampler.type=ratelimiting, sampler.param=2', null],
    ['sampler.type=probabilistic, sampler.param=much', null],
    ['sampler.type=probabilistic, sampler.param=7', null],
    ['sampler.type=probabilistic', null],
    ['http.method=GET', null],
  ])('by a sampler that says %s is %d', (said, rate) => {
    expect(samplerRate([drawn(`a {${said}} [==]`)])?.rate ?? null).toBe(rate);
  });

  it('lies between the samplers where they differ', () => {
    const traces = ['0.01', '0.1', '0.5'].map((param) => drawn(`a {sampler.type=probabilistic, sampler.param=${param}} [==]`));
    expect(samplerRate(traces)).toEqual({ from: 'sampler', rate: 0.1, low: 0.01, high: 0.5 });
  });
});

describe('the rate that the mesh is configured to keep', () => {
  const of = (holding: number, requests: number | null, configured: number | null, isCut = false) =>
    samplingOf([drawn('a [==]')], { holding, isCut }, requests, configured)?.from ?? null;

  it('holds where counting agrees with it, or nothing is counted', () => {
    expect([of(12, 1000, 0.01), of(0, 40, 0.01), of(0, null, 0.01)]).toEqual(['configured', 'configured', 'configured']);
  });

  it('is not what happens where counting contradicts it', () => {
    expect([of(600, 1000, 0.01), of(0, 4000, 0.5)]).toEqual(['counted', 'counted']);
    expect(of(40, 1000, 0.5, true)).toBe('configured');
  });

  it('gives way to what the traces say themselves', () => {
    const told = [drawn('a {sampler.type=probabilistic, sampler.param=0.2} [==]')];
    expect(samplingOf(told, { holding: 1, isCut: false }, null, 0.01)).toMatchObject({ from: 'sampler', rate: 0.2 });
  });

  it('nor is that of a sampler, whose traces are dropped on the way or at their end', () => {
    const told = [drawn('a {sampler.type=const, sampler.param=1} [==]')];
    expect(samplingOf(told, { holding: 40, isCut: false }, 4000, null)).toMatchObject({ from: 'counted', rate: 0.01 });
    expect(samplingOf(told, { holding: 40, isCut: false }, 4000, 0.01)).toMatchObject({ from: 'configured', rate: 0.01 });
    expect(samplingOf(told, { holding: 40, isCut: true }, 4000, null)).toMatchObject({ from: 'sampler', rate: 1 });
  });

  it('need not be known', () => expect(of(3, null, null)).toBeNull());
});

describe('that no trace was found', () => {
  it('means little where few are kept: of 1,240 requests about 12, and one of 3 failing ones with 3 %', () => {
    const sampling = countedRate(12, 1240);
    if (sampling === null) throw new Error('not counted');
    const { sampled, sampledLow, sampledHigh, chance } = expectedOf(sampling, 1240, 3);
    expect([sampledLow, sampled, sampledHigh].map(Math.round)).toEqual([7, 12, 21]);
    expect(chance).toBeCloseTo(0.029, 3);
  });

  it('means much where all are kept', () => {
    expect(expectedOf({ from: 'sampler', rate: 1, low: 1, high: 1 }, 40, 1).chance).toBe(1);
  });
});
