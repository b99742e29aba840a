import { describe, expect, it } from 'vitest';
import { got } from '../../../src/domain/gathered.ts';
import type { Counts } from '../../../src/domain/signals.ts';
import { rose } from '../../../src/stages/diagnose/counters.ts';
import { sceneOf } from '../../../src/stages/diagnose/scene.ts';
import { readingWith } from '../../support/edges.ts';
import { alertWith, edgeNamed, reportOf } from '../../support/report.ts';

const edge = edgeNamed();

/** How far the counter rose, of an edge with so many requests now and an hour before. */
const risen = (before: number, now: number, requests: readonly [before: number, now: number] = [3000, 3000]): number => {
  const reading = readingWith(edge, { caller: { now: [[requests[1]]], usual: requests[0] } });
  const ago: Counts = { requests: requests[0], failed: 0, refused: 0, clientLeft: 0, clientError: 0 };
  const caller = reading.caller && {
    ...reading.caller,
    counts: { ...reading.caller.counts, base: [{ ago: '1h' as const, value: ago }] },
  };
  const { evidence } = reportOf(edge, [alertWith()], {
    readings: [{ ...reading, caller }],
    path: [edge],
    proxyCounters: got([{ name: 'http_rbac_denied', side: 'caller', now, before }]),
  });
  const scene = sceneOf(evidence);
  return scene === null ? Number.NaN : rose(scene, 'caller', 'http_rbac_denied');
};

describe('a counter of the proxies', () => {
  it.each([
    ['from nothing to a few', 0, 5],
    ['threefold, of few', 3, 12],
    ['from 1 % to 2.5 % of thousands', 30, 75],
    ['from a tenth to a quarter', 300, 750],
    ['by half, of very many', 3000, 4500],
  ])('rose: %s', (_, before, now) => {
    expect(risen(before, now)).toBe(now);
  });

  it.each([
    ['to a handful', 0, 4],
    ['of few, by what chance explains', 6, 12],
    ['by a third only, of many', 3000, 4000],
    ['not at all', 300, 300],
    ['down', 300, 100],
  ])('did not rise: %s', (_, before, now) => {
    expect(risen(before, now)).toBe(0);
  });

  it('did not rise when it only grew with the traffic', () => {
    expect(risen(300, 750, [3000, 7500])).toBe(0);
    expect(risen(300, 750, [3000, 3300])).toBe(750);
  });

  it('did not rise when less traffic shows as many', () => {
    expect(risen(300, 300, [3000, 300])).toBe(0);
  });
});
