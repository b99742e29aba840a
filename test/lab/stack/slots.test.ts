import { expect, it } from 'vitest';
import { quietCases } from '../faults/traffic.ts';
import type { Fault } from '../lab.ts';
import { isKept, nextOf, type Queue } from './slots.ts';

const [calm, noisy] = quietCases as readonly [Fault, Fault, ...Fault[]];

it('a fault of a busy machine is not kept but waits once more; the second time it counts', () => {
  const queue: Queue = { waiting: [], again: new Set() };
  expect(isKept(queue, calm, { lagMs: 20 })).toBe(true);
  expect(queue.waiting).toEqual([]);
  expect(isKept(queue, calm, { lagMs: 400 })).toBe(false);
  expect(queue.waiting).toEqual([calm]);
  expect(isKept(queue, calm, { lagMs: 400 })).toBe(true);
  expect(queue.waiting).toEqual([calm]);
});

it('a slot is not given what it has run already, and ends when nothing else waits', () => {
  const queue: Queue = { waiting: [calm, noisy], again: new Set() };
  expect(nextOf(queue, new Set([calm.name]))).toBe(noisy);
  expect(nextOf(queue, new Set([calm.name]))).toBeUndefined();
  expect(queue.waiting).toEqual([calm]);
  expect(nextOf(queue, new Set())).toBe(calm);
});
