import { describe, expect, it } from 'vitest';
import type { Propagation } from '../../../../src/domain/trace.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { tracingOf } from '../../../support/worst-trace.ts';

const reading = (...now: readonly Said[]) =>
  readingWith(edgeNamed(), { caller: { now, usual: 3000 }, callee: { now, usual: 3000 } });
const drops: Propagation = {
  verdict: 'drops',
  doubt: null,
  inbound: 58,
  outbound: 60,
  both: 3,
  halves: 41,
  broken: [
    { operation: 'bank.shop.svc.cluster.local:8080/*', traces: 40, of: 41 },
    { operation: 'cards.shop.svc.cluster.local:8080/*', traces: 17, of: 19 },
  ],
  headers: ['x-request-id', 'traceparent', 'tracestate'],
};
const noted = (told: Propagation, readings = [reading([3000])]) =>
  saidOf(readings, { tracing: tracingOf(null, { propagation: [{ service: 'payments', told }] }) });

describe('a service that does not hand trace headers on', () => {
  it('is noted with how many traces show it, where, and the headers', () => {
    expect(noted(drops).notes).toEqual([
      {
        name: 'dropped-trace-headers',
        sentence: 'payments does not forward trace headers: 57 of 60 traces with its calls begin at the call',
        evidence: [
          '41 of them bear the id of a request that it had got by another trace: two halves of one',
          'most often at bank.shop.svc.cluster.local:8080/* (40 of 41), cards.shop.svc.cluster.local:8080/* (17 of 19)',
          'what it waits for is missing in the traces of its callers',
        ],
        advice:
          'Let payments copy these headers from each request it serves to the calls it makes for it: x-request-id, traceparent, tracestate',
      },
    ]);
  });

  it('only seems so without proof: timers and queues make calls of their own', () => {
    const [note] = noted({ ...drops, halves: 0 }).notes;
    expect(note?.sentence).toBe('payments seems not to forward trace headers: 57 of 60 traces with its calls begin at the call');
    expect(note?.evidence[0]).toMatch(/timers, queues/);
    expect(note?.advice).toMatch(/^Unless timers or queues make these calls, let payments copy these headers/);
  });

  it('is proven by one request that came and went in two traces', () => {
    expect(noted({ ...drops, halves: 1 }).notes[0]?.evidence[0]).toMatch(/^1 of them bears the id/);
  });

  it('may do so at some of its calls', () => {
    expect(noted({ ...drops, verdict: 'some paths', both: 40 }).notes[0]?.sentence).toBe(
      'payments forwards trace headers for some of its calls only: 20 of 60 traces with its calls begin at the call',
    );
    expect(noted({ ...drops, verdict: 'some paths', both: 40, halves: 0 }).notes[0]?.sentence).toMatch(
      /^payments seems to forward trace headers for some of its calls only/,
    );
  });

  it.each(['hands on', 'cannot tell'] as const)('is not noted where it %s', (verdict) => {
    expect(noted({ ...drops, verdict }).notes).toEqual([]);
  });

  it.each([
    ['well', [reading([3000])]],
    ['sick', [reading([2100], [900, '500'])]],
  ])('is no finding: an edge that is %s is judged as without it', (_, readings) => {
    expect({ ...noted(drops, readings), notes: [] }).toEqual(saidOf(readings));
  });

  it('has a name that stays on one line, whatever it is', () => {
    const tracing = tracingOf(null, { propagation: [{ service: `pay\n<!channel> ${'x'.repeat(400)}`, told: drops }] });
    const [note] = saidOf([reading([3000])], { tracing }).notes;
    expect(note?.sentence).toMatch(/^pay <!channel> x+…x+ does not/);
    expect(note?.sentence.length).toBeLessThan(140);
  });
});
