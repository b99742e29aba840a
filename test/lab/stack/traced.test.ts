import { describe, expect, it } from 'vitest';
import { missed } from '../../../src/domain/gathered.ts';
import { traceSentence } from '../../../src/domain/trace-sentence.ts';
import { analyse } from '../../../src/stages/follow/analyse.ts';
import { asRead, shopWith } from '../../demo/traces/shop.ts';
import { tracedOf } from './traced.ts';

const edge = {
  cluster: null,
  source: { namespace: 'shop', workload: 'checkout', service: null },
  destination: { namespace: 'shop', workload: null, service: 'shipping' },
};

const [followed] = asRead(shopWith('no-endpoints', 30, 0.5).traces).flatMap((trace) => {
  const analysis = analyse(trace, edge, []);
  if (analysis === null || analysis.errorOrigin === null) return [];
  return [
    { trace, analysis, sentence: traceSentence(trace, analysis, edge), found: { way: 'id' as const }, mayBeIncomplete: false },
  ];
});

const tracing = {
  source: 'Zipkin',
  store: 'zipkin' as const,
  by: 'errors' as const,
  exemplars: null,
  seen: 12,
  requests: [],
  isCut: false,
  propagation: [],
  sampling: null,
  expected: null,
  isYoung: false,
};

describe('what a fault’s result tells of its trace', () => {
  it('is nothing where no trace store was asked', () => {
    expect(tracedOf({})).toBeNull();
  });

  it('is why there is none, where the store did not answer', () => {
    const gap = {
      what: 'the worst trace',
      source: 'Zipkin (slow-bank)',
      reason: 'timeout' as const,
      detail: 'did not answer in 3.0 s',
    };
    expect(tracedOf({ tracing: missed(gap) })).toEqual({
      isFound: false,
      id: null,
      culprit: null,
      origin: null,
      says: 'Zipkin (slow-bank) did not answer in 3.0 s',
    });
  });

  it('is how many the store told of, where none holds the edge', () => {
    expect(tracedOf({ tracing: { ok: true, value: { ...tracing, worst: null } } })).toMatchObject({
      isFound: false,
      says: 'none, of 12 of the edge that the store told of',
    });
  });

  it('is the trace that was found: its id, whose time it was, where the failure began, and what it says', () => {
    if (followed === undefined) throw new Error('nobody asked shipping');
    const told = tracedOf({ tracing: { ok: true, value: { ...tracing, worst: followed } } });
    expect(told).toMatchObject({ isFound: true, id: followed.trace.id, origin: 'checkout.shop client UH' });
    expect(told?.culprit).toMatch(/^\S+, (own|peer|between)$/);
    expect(told?.says).toContain('no healthy endpoint to send to');
  });
});
