import { describe, expect, it } from 'vitest';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const top = edgeNamed('storefront', 'checkout');
const below = edgeNamed('checkout', 'payments');

/** Both ends count the same, and time it alike. */
const alike = (now: readonly Said[], mean: number, usualMean: number) => {
  const side = { now, usual: 3000, usualLeft: 0.001, mean, usualMean };
  return { caller: side, callee: side };
};

describe('an application that gives up on a call and answers with an error of its own', () => {
  const failing = readingWith(top, alike([[2100], [900, '500']], 0.2, 0.06));

  it.each([
    ['HTTP/1.1', ['0', 'DC']],
    ['HTTP/2', ['0', 'DR']],
  ] as const)('is not blamed: whom it waited for is slow (%s)', (_protocol, [code, flag]) => {
    const slow = readingWith(below, alike([[2100], [900, code, flag]], 0.2, 0.03));
    const { verdict } = saidOf([failing, slow]);
    expect([verdict?.rule, verdict?.at, verdict?.side]).toEqual(['slow-dependency', below, "callee's dependency"]);
    expect(verdict?.sentence).toMatch(/^checkout waits for payments/);
  });

  it('may be to blame where the call is as fast as ever: both are named', () => {
    const fast = readingWith(below, alike([[2100], [900, '0', 'DC']], 0.03, 0.03));
    const { verdict } = saidOf([failing, fast]);
    expect([verdict?.rule, verdict?.confidence, verdict?.at]).toEqual(['callee-errors', 'possible', top]);
    expect(verdict?.sentence).toMatch(/^checkout, or payments below it, answers with errors/);
    expect(verdict?.evidence).toContain('checkout gives up on 900 of 3,000 requests to payments (DC or DR)');
  });

  it('is blamed where clients of the call leave as often as ever', () => {
    const habit = { now: [[2100], [900, '0', 'DC']] as const, usual: 3000, usualLeft: 0.3, mean: 0.03 };
    const { verdict } = saidOf([failing, readingWith(below, { caller: habit, callee: habit })]);
    expect([verdict?.rule, verdict?.sentence]).toEqual([
      'callee-errors',
      expect.stringMatching(/^checkout itself answers with errors/),
    ]);
  });

  it('is not blamed where the proxy of whom it calls turns its requests away', () => {
    const refused = readingWith(below, alike([[2100], [900, '413']], 0.03, 0.03));
    const counter = { name: 'http_downstream_rq_too_large', side: 'callee' as const, now: 900, before: 0 };
    const { verdict } = saidOf([failing, refused], { proxyCounters: got([counter]) });
    expect([verdict?.rule, verdict?.at, verdict?.side]).toEqual(['proxy-answered', below, "callee's proxy"]);
  });

  it('is not blamed where nobody shows the counter of the proxy that turns its requests away', () => {
    const refused = readingWith(below, alike([[2100], [900, '413']], 0.03, 0.03));
    const { verdict } = saidOf([failing, refused]);
    expect([verdict?.rule, verdict?.confidence, verdict?.side]).toEqual(['proxy-answered', 'possible', "callee's proxy"]);
    expect(verdict?.sentence).toBe(
      'storefront → checkout suffers from below: the proxy of payments answers in place of its application: 30 % refused, unless payments itself does so (HTTP 413)',
    );
  });

  it('may be to blame where the call is refused by who knows whom: both are named', () => {
    const refused = readingWith(below, alike([[2100], [900, '422']], 0.03, 0.03));
    const { verdict } = saidOf([failing, refused]);
    expect([verdict?.rule, verdict?.confidence, verdict?.at]).toEqual(['callee-errors', 'possible', top]);
    expect(verdict?.evidence).toContain(
      '900 of 3,000 requests of checkout to payments ended with client errors (4xx), usually 0 %',
    );
  });
});

describe('a caller whose budget of retries is spent', () => {
  it('is not where the trouble is: what its callee answered comes from below', () => {
    const spent = readingWith(top, { caller: { now: [[2100], [900, '503', 'UO']] }, callee: { now: [[2100], [900, '503']] } });
    const refused = readingWith(below, { caller: { now: [[2100], [900, '503', 'UF']] }, callee: { now: [[2100]], usual: 3000 } });
    expect(saidOf([spent, refused]).verdict).toMatchObject({ rule: 'connection-failure', at: below });
  });
});
