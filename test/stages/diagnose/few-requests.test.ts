import { describe, expect, it } from 'vitest';
import { readingWith, saidOf } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';

const edge = edgeNamed();
const said = (failed: number, of: number, usualFailed = 0) => {
  const side = { now: [[of - failed] as const, [failed, '500'] as const], usualFailed };
  return saidOf([readingWith(edge, { caller: side, callee: side })]);
};
const errorsOf = ({ signals }: ReturnType<typeof said>) => signals.find(({ signal }) => signal === 'errors');

describe('an edge with few requests', () => {
  it('of which some fail, as none ever did, is neither healthy nor sick', () => {
    const found = said(3, 33);
    expect(found.verdict).toBeNull();
    expect(found.summary).toBe('3 of 33 requests failed (usually 0 %): too few to judge');
    expect(errorsOf(found)).toMatchObject({ moved: null, now: '9.1 %', why: 'usually 0 %; too few to judge' });
  });

  it('of which as many fail as ever is healthy', () => {
    const found = said(3, 33, 0.09);
    expect(found.verdict).toMatchObject({ rule: 'healthy' });
    expect(found.summary).toMatch(/9.1 % of 33 requests failed, within what this edge does$/);
    expect(errorsOf(found)?.moved).toBe(false);
  });

  it('of which none fails is healthy', () => {
    expect(said(0, 33).verdict).toMatchObject({ rule: 'healthy' });
  });

  it('is judged as soon as there are enough', () => {
    expect(said(30, 330).verdict).toMatchObject({ rule: 'callee-errors' });
  });
});
