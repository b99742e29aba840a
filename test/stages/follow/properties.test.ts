import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReceivedSpan, SpanKind } from '../../../src/domain/trace.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { epoch, idOf, problems, span, toldAgain, traceOf } from './spans.ts';

/** Spans that few ids, services and moments make collide: copies, halves, circles, orphans, clocks that differ. */
const anySpan: fc.Arbitrary<ReceivedSpan> = fc
  .record({
    id: fc.integer({ min: 1, max: 12 }),
    parent: fc.option(fc.integer({ min: 1, max: 15 })),
    startMicros: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 9 }),
    durationMicros: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 9 }),
    service: fc.option(fc.constantFrom('web', 'cart', 'cart.shop'), { freq: 9 }),
    kind: fc.option(fc.constantFrom<SpanKind>('client', 'server', 'producer', 'consumer', 'internal'), { freq: 9 }),
    operation: fc.constantFrom('', 'get', 'post'),
    isShared: fc.boolean(),
    isAsync: fc.boolean(),
    isError: fc.boolean(),
    peer: fc.option(fc.constantFrom('web', 'cart')),
  })
  .map(({ id, parent, startMicros, peer, isShared, ...rest }) => ({
    ...span(`${id}`, parent === null ? null : `${parent}`, 0, 0, rest),
    startMicros: startMicros === null ? null : epoch + startMicros,
    isShared: isShared && (rest.kind === 'server' || rest.kind === null),
    attributes: peer === null ? {} : { 'peer.service': peer, zone: peer },
  }));

const anySpans = fc.array(anySpan, { maxLength: 25 });
const shuffled = (spans: readonly ReceivedSpan[]) =>
  fc.shuffledSubarray([...spans], { minLength: spans.length, maxLength: spans.length });

describe('any spans, put in order', () => {
  it('are a forest: parents before children, siblings by start, times from zero', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const trace = orderTrace(traceOf(...spans));
        const last = new Map<number | null, number>();
        for (const [place, one] of trace.spans.entries()) {
          expect(one.parent === null || one.parent < place).toBe(true);
          expect(one.startMicros).toBeGreaterThanOrEqual(last.get(one.parent) ?? 0);
          last.set(one.parent, one.startMicros);
          expect(one.startMicros + one.durationMicros).toBeLessThanOrEqual(trace.durationMicros);
        }
        expect(new Set(trace.spans.map(({ id }) => id)).size).toBe(trace.spans.length);
        if (spans.length > 0) expect(Math.min(...trace.spans.map(({ startMicros }) => startMicros))).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('are the same in whatever order they came', () => {
    fc.assert(
      fc.property(
        anySpans.chain((spans) => fc.tuple(fc.constant(spans), shuffled(spans))),
        ([spans, other]) => {
          expect(JSON.stringify(orderTrace(traceOf(...other)))).toBe(JSON.stringify(orderTrace(traceOf(...spans))));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are the same with each of them told twice, but for the copies', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const [once, twice] = [orderTrace(traceOf(...spans)), orderTrace(traceOf(...spans, ...spans))];
        expect(twice.spans).toEqual(once.spans);
        expect(problems(twice)['duplicate-span'] ?? 0).toBe((problems(once)['duplicate-span'] ?? 0) + spans.length);
      }),
    );
  });

  it('stay as they are when they are ordered again', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        // A time that was guessed proves nothing about clocks; told again, it would.
        fc.pre(spans.every(({ startMicros, durationMicros }) => startMicros !== null && durationMicros !== null));
        const once = orderTrace(traceOf(...spans));
        const again = orderTrace(toldAgain(once));
        expect(again.spans.map(({ isOrphan: _, ...one }) => one)).toEqual(once.spans.map(({ isOrphan: _, ...one }) => one));
        for (const repaired of ['cycle', 'missing-parent', 'duplicate-span', 'shared-ids', 'no-start', 'no-duration'] as const)
          expect(problems(again)[repaired]).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });
});

describe('many spans', () => {
  const many = 50_000;
  const id = (index: number): string => idOf((index + 1).toString(16));
  const made = (parentOf: (index: number) => number | null): readonly ReceivedSpan[] =>
    Array.from({ length: many }, (_, index) => {
      const parent = parentOf(index);
      return { ...span('1', null, index, many - index), id: id(index), parentId: parent === null ? null : id(parent) };
    });

  it('in one chain need no stack', () => {
    const trace = orderTrace(traceOf(...made((index) => (index === 0 ? null : index - 1))));
    expect(trace.spans).toHaveLength(many);
    expect(trace.spans.at(-1)).toMatchObject({ parent: many - 2, startMicros: many - 1 });
    expect(trace.problems).toEqual([]);
  });

  it('in one circle are one chain', () => {
    const trace = orderTrace(traceOf(...made((index) => (index + many - 1) % many)));
    expect(trace.spans).toHaveLength(many);
    expect(problems(trace)).toEqual({ cycle: 1 });
  });

  it('under one parent are all there', () => {
    const trace = orderTrace(traceOf(...made((index) => (index === 0 ? null : 0))));
    expect(trace.spans).toHaveLength(many);
  });

  it('under one id, or without their parents, are all there', () => {
    const one = made(() => null).map((received, index) => ({ ...received, id: id(0), operation: `${index}` }));
    expect(problems(orderTrace(traceOf(...one)))).toEqual({ 'several-roots': many, 'shared-ids': 1 });
    const orphans = made((index) => index + many);
    expect(problems(orderTrace(traceOf(...orphans)))['missing-parent']).toBe(many);
  });
});
