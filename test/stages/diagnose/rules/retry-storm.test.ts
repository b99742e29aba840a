import { describe, expect, it } from 'vitest';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const edge = edgeNamed();
const side = (...now: readonly Said[]) => ({ now, usual: 3000 });
const retry = got([{ name: 'upstream_rq_retry', side: 'caller' as const, now: 4800, before: 0 }]);

describe('retries of what fails', () => {
  const storm = [readingWith(edge, { caller: side([2280], [720, '500', 'URX']), callee: side([2280], [5520, '500']) })];

  it('multiply the load: said behind the failure that they repeat', () => {
    const { verdict, findings } = saidOf(storm, { proxyCounters: retry });
    expect(verdict?.rule).toBe('retry-exhausted');
    expect(verdict?.sentence).toMatch(/24 % of the requests; 2\.6 attempts for each request of checkout$/);
    const found = findings.find(({ rule }) => rule === 'retry-storm');
    expect(found?.sentence).toBe(
      'payments fails 71 % of what it gets, and retries multiply it: 2.6 attempts for each request of checkout, usually 1',
    );
    expect(found?.evidence).toEqual([
      '7,800 attempts at the callee for 3,000 requests at the caller',
      '24 % still failed after the last attempt',
      'the proxy of checkout tried 4,800 times again (upstream_rq_retry)',
    ]);
  });

  it('are told in the verdict about what the application answers, where no flag tells of them', () => {
    const { verdict } = saidOf([readingWith(edge, { caller: side([2280], [720, '500']), callee: side([2280], [5520, '500']) })]);
    expect([verdict?.rule, verdict?.sentence]).toEqual([
      'callee-errors',
      expect.stringMatching(/71 % of what it got; 2\.6 attempts for each request of checkout$/),
    ]);
  });

  it.each([
    [
      'as many as ever',
      [readingWith(edge, { caller: side([2280], [720, '500']), callee: { now: [[2280], [5520, '500']], usual: 7800 } })],
    ],
    [
      'nothing fails: the callee has another caller that the mesh does not tell',
      [readingWith(edge, { caller: side([3000]), callee: side([7800]) })],
    ],
    ['a few only', [readingWith(edge, { caller: side([2280], [720, '500']), callee: side([2280], [1200, '500']) })]],
    ['the callee does not report', [readingWith(edge, { caller: side([2280], [720, '500']) })]],
  ])('are no storm: %s', (_why, readings) => {
    expect(saidOf(readings).findings.map(({ rule }) => rule)).not.toContain('retry-storm');
  });
});
