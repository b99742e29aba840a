import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../../../../src/domain/edge.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const edge = edgeNamed();
const fine: Said = [2850, '200', '-', '0'];
const failing = (status: string, more: object = {}) => {
  const side = { now: [fine, [150, '200', '-', status] as Said], protocol: 'grpc', ...more };
  return readingWith(edge, { caller: side, callee: side });
};

describe('gRPC failures that answer 200', () => {
  it.each([
    ['2', 'UNKNOWN'],
    ['8', 'RESOURCE_EXHAUSTED'],
    ['12', 'UNIMPLEMENTED'],
    ['13', 'INTERNAL'],
    ['14', 'UNAVAILABLE'],
    ['15', 'DATA_LOSS'],
    ['4', 'DEADLINE_EXCEEDED'],
  ])('status %s at both proxies is the callee, which says %s', (status, name) => {
    const { verdict } = saidOf([failing(status)]);
    expect(verdict).toMatchObject({ rule: 'grpc-errors', side: 'callee application', confidence: 'likely' });
    expect(verdict?.sentence).toBe(`payments itself answers with ${name} (gRPC ${status}): 5 % of what it got`);
    expect(verdict?.evidence[0]).toMatch(`${name}: `);
  });

  it('a status that is the caller’s own doing (NOT_FOUND, CANCELLED) blames nobody', () => {
    for (const status of ['1', '5']) expect(saidOf([failing(status)]).verdict?.side).toBe('nothing wrong');
  });

  it('deadlines that ran out on a slow callee are its slowness', () => {
    const { verdict, findings } = saidOf([failing('4', { mean: 2, usualMean: 0.2 })]);
    expect(verdict?.rule).toBe('slow-callee');
    expect(verdict?.evidence.join('; ')).toMatch(/150 requests ran out of the deadline .*DEADLINE_EXCEEDED/);
    expect(findings.map(({ rule }) => rule)).not.toContain('grpc-errors');
  });

  it('a status that says so without having waited is an answer, though the rest is a little slower', () => {
    const below = edgeNamed('payments', 'bank');
    const many = { now: [[600, '200', '-', '0'] as Said, [2400, '200', '-', '4'] as Said], protocol: 'grpc' };
    const slower = { mean: 0.08, usualMean: 0.05 };
    const { verdict } = saidOf([
      readingWith(edge, { caller: { ...many, ...slower }, callee: { ...many, ...slower } }),
      readingWith(below, { caller: { now: [[3000]], ...slower }, callee: { now: [[3000]], ...slower } }),
    ]);
    expect([verdict?.rule, edgeTitle(verdict?.at ?? edge)]).toEqual(['grpc-errors', 'checkout → payments']);
  });

  it('deadlines that ran out because a call below is slow lead down to it', () => {
    const below = edgeNamed('payments', 'bank');
    const slow = { now: [[3000, '200', '-', '0'] as Said], mean: 2, usualMean: 0.2 };
    const { verdict } = saidOf([failing('4', { mean: 2.1, usualMean: 0.3 }), readingWith(below, { caller: slow, callee: slow })]);
    expect([verdict?.rule, edgeTitle(verdict?.at ?? edge)]).toEqual(['slow-dependency', 'payments → bank']);
  });

  it('what never reached the callee is not its answer', () => {
    const { verdict } = saidOf([
      readingWith(edge, {
        caller: { now: [fine, [150, '200', 'UF', '14']], protocol: 'grpc' },
        callee: { now: [fine], protocol: 'grpc' },
      }),
    ]);
    expect(verdict?.rule).toBe('connection-failure');
  });

  it.each(['constructor', '__proto__'])('a status that is no number blames nobody: %s', (status) => {
    const side = { now: [fine, [150, '200', 'UF', status] as Said], protocol: 'grpc' };
    expect(saidOf([readingWith(edge, { caller: side, callee: side })]).verdict?.side).toBe('nothing wrong');
  });
});
