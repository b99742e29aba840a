import { describe, expect, it } from 'vitest';
import { readingWith, type Said, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

/** Both ends count and time the same. */
const alike = (now: readonly Said[], mean: number, usualMean: number, more: Partial<Side> = {}) => {
  const side: Side = { now, usual: 3000, mean, usualMean, ...more };
  return { caller: side, callee: side };
};

describe('nodes that are loaded, so that every call takes twice as long', () => {
  const top = edgeNamed('checkout', 'payments');
  const bank = readingWith(edgeNamed('payments', 'bank'), alike([[3000]], 0.04, 0.02));

  it('do not explain a timeout of half a second', () => {
    const late = {
      caller: { now: [[1200], [1800, '504', 'UT']] as readonly Said[], usual: 3000, mean: 0.31, usualMean: 0.03 },
      callee: { now: [[1200], [1800, '0', 'DC']] as readonly Said[], usual: 3000, mean: 0.31, usualMean: 0.03 },
    };
    const { verdict } = saidOf([readingWith(top, late), bank]);
    expect([verdict?.rule, verdict?.at]).toEqual(['upstream-timeout', top]);
  });

  it('do not explain a callee that takes a second longer', () => {
    const { verdict } = saidOf([readingWith(top, alike([[3000]], 1.04, 0.04)), bank]);
    expect([verdict?.rule, verdict?.at]).toEqual(['slow-callee', top]);
  });

  it('do not make a clock of a status that says so at once', () => {
    const said = alike([[2100], [900, '200', '-', '4']], 0.05, 0.03, { protocol: 'grpc' });
    const { verdict } = saidOf([readingWith(top, said), bank]);
    expect([verdict?.rule, verdict?.at]).toEqual(['grpc-errors', top]);
  });

  it('are not what a client leaves for that leaves at once', () => {
    const { verdict } = saidOf([readingWith(top, alike([[1500], [1500, '0', 'DC']], 0.03, 0.018))]);
    expect([verdict?.rule, verdict?.side]).toEqual(['client-gave-up', 'caller']);
    expect(verdict?.sentence).toMatch(
      /^checkout leaves 50 % of its requests to payments before the answer, although payments is hardly/,
    );
  });

  it('are not to blame where a call below takes most of the time', () => {
    const slow = readingWith(edgeNamed('payments', 'bank'), alike([[3000]], 0.6, 0.02));
    const { verdict } = saidOf([readingWith(top, alike([[3000]], 0.7, 0.04)), slow]);
    expect([verdict?.rule, verdict?.at]).toEqual(['slow-dependency', slow.edge]);
  });
});
