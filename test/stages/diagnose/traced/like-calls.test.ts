import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../../src/domain/trace.ts';
import { readingWith, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { type Given, traceOf } from '../../../support/traces.ts';
import { tracingOf } from '../../../support/worst-trace.ts';

const slowSide: Side = { now: [[3000]], usual: 3000, mean: 0.9, usualMean: 0.02 };
const slow = readingWith(edgeNamed(), { caller: slowSide, callee: slowSide });

const call = 80_000;
/** checkout → payments, where payments makes so many calls in turn; `made` says what each of them is. */
const trace = (calls: number, made: (index: number, startMicros: number) => readonly Given[], more = 0): Trace => {
  const durationMicros = calls * call + more;
  return traceOf([
    { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros },
    { id: 'b', parentId: 'a', service: 'payments', kind: 'server', operation: 'POST /pay', startMicros: 0, durationMicros },
    ...Array.from({ length: calls }, (_, index) => made(index, index * call)).flat(),
  ]);
};
const select = (index: number, startMicros: number, micros = call): readonly Given[] => [
  {
    ...{ id: `q${index}`, parentId: 'b', service: 'payments', kind: 'client', peer: 'mysql' },
    ...{ operation: 'SELECT orders', startMicros, durationMicros: micros },
  },
];
/** Both halves of each call, as the proxies of a mesh tell them. */
const fetch = (index: number, startMicros: number): readonly Given[] => [
  {
    ...{ id: `c${index}`, parentId: 'b', service: 'payments', kind: 'client', peer: 'cards', operation: 'GET /cards' },
    ...{ startMicros, durationMicros: call },
  },
  {
    ...{ id: `s${index}`, parentId: `c${index}`, service: 'cards', kind: 'server', operation: 'GET /cards' },
    ...{ startMicros, durationMicros: call },
  },
];
/** Each within a step of its own. */
const wrapped = (index: number, startMicros: number): readonly Given[] => [
  {
    ...{ id: `w${index}`, parentId: 'b', service: 'payments', kind: 'internal', operation: 'Order.find' },
    ...{ startMicros, durationMicros: call },
  },
  ...select(index, startMicros).map((span) => ({ ...span, parentId: `w${index}` })),
];

const said = (of: Trace | null, usual: Trace | null = null) => {
  const { verdict } = saidOf([slow], { tracing: tracingOf(of, { usual }) });
  return { ...verdict, check: verdict?.firstCheck.sentence, line: verdict?.evidence[1] };
};
const alone = saidOf([slow]).verdict;

describe('many calls of one operation, one after the other, within one request', () => {
  it("are the callee's own doing, where nobody knows how many are usual", () => {
    expect(said(trace(47, select))).toMatchObject({
      rule: 'slow-callee',
      side: 'callee application',
      sentence: alone?.sentence,
      confidence: alone?.confidence,
      line: '47 × SELECT orders at mysql, one after the other: 3.76 s of the 3.76 s of the slowest traced request',
      check:
        'See why payments makes 47 × SELECT orders one after the other, and whether its last rollout brought it: one question or a cache may do',
      firstCheck: { command: 'kubectl -n shop rollout history deploy/payments-v1' },
    });
  });

  it.each([
    ['where there were three', trace(3, select), '47 × SELECT orders at mysql, one after the other (usually 3)'],
    ['where there were none', trace(0, select, call), '47 × SELECT orders at mysql, one after the other (usually none)'],
  ])('are more than usual %s', (_, usual, line) => {
    expect(said(trace(47, select), usual)).toMatchObject({
      side: 'callee application',
      line: `${line}: 3.76 s of the 3.76 s of the slowest traced request`,
    });
  });

  it.each([
    ['answered by spans of their own', fetch, '12 × GET /cards at cards'],
    ['each within a step of its own', wrapped, '12 × SELECT orders at mysql'],
  ])('are seen where they are %s', (_, made, what) => {
    expect(said(trace(12, made))).toMatchObject({ side: 'callee application' });
    expect(said(trace(12, made)).line).toContain(`${what}, one after the other: 960 ms of the 960 ms`);
  });

  it('are no news where there were as many before: then each takes longer, and whoever answers is to blame', () => {
    const before = trace(47, (index, start) => select(index, start / 100, call / 100));
    const usual: Trace = {
      ...before,
      spans: before.spans.map((span, place) => (place < 2 ? { ...span, durationMicros: (47 * call) / 100 } : span)),
    };
    expect(said(trace(47, select), usual)).toMatchObject({
      side: "callee's dependency",
      line: 'the slowest traced request spent 3.76 s (usually 38 ms) of 3.76 s waiting for mysql, 47 × SELECT orders',
    });
  });

  it('are no news in a request that took as long as ever', () => {
    const few = traceOf([
      { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros: 12 * call },
      { id: 'b', parentId: 'a', service: 'payments', kind: 'server', startMicros: 0, durationMicros: 12 * call },
      ...select(0, 0, 12 * call),
    ]);
    expect(saidOf([slow], { tracing: tracingOf(trace(12, select), { usual: few }) }).verdict).toEqual(alone);
    const quick = readingWith(edgeNamed(), { caller: { ...slowSide, usualMean: 0.6 }, callee: { ...slowSide, usualMean: 0.6 } });
    expect(saidOf([quick], { tracing: tracingOf(trace(12, select)) }).verdict).toEqual(saidOf([quick]).verdict);
  });

  it.each<readonly [string, Trace, Trace | null]>([
    ['nine of them', trace(9, select), null],
    ['a small part of the request', trace(12, (index, start) => select(index, start, call / 4)), null],
    ['three where there was one: a call that was tried again', trace(3, select), trace(1, select)],
  ])('are no loop: %s', (_, of, usual) => {
    expect(said(of, usual).check).not.toMatch(/one after the other/);
  });

  it('are no loop where each is of another request: who is called twelve times asks once', () => {
    const each = (index: number, startMicros: number): readonly Given[] => [
      ...fetch(index, startMicros),
      {
        ...{ id: `d${index}`, parentId: `s${index}`, service: 'cards', kind: 'client', peer: 'redis', operation: 'GET' },
        ...{ startMicros, durationMicros: call },
      },
    ];
    expect(said(trace(12, each)).check).not.toMatch(/one after the other/);
  });

  it('are no loop where each is of another attempt', () => {
    const attempt = (index: number): readonly Given[] => [
      {
        ...{ id: `t${index}`, parentId: 'a', service: 'payments', kind: 'server', operation: 'POST /pay' },
        ...{ startMicros: index * call, durationMicros: call },
      },
      ...select(index, index * call).map((span) => ({ ...span, parentId: `t${index}` })),
    ];
    const tried = traceOf([
      { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros: 12 * call },
      ...Array.from({ length: 12 }, (_, index) => attempt(index)).flat(),
    ]);
    expect(said(tried)).toMatchObject({
      side: "callee's dependency",
      line: 'the slowest traced request spent 960 ms of 960 ms waiting for mysql, 12 × SELECT orders',
    });
  });

  it('side by side are waited for once', () => {
    const parallel = (index: number): readonly Given[] => select(index, 0, 12 * call);
    expect(said(trace(12, parallel)).check).not.toMatch(/one after the other/);
  });

  it('by somebody below are not laid on the callee', () => {
    const deeper = traceOf([
      { id: 'a', service: 'checkout', kind: 'client', peer: 'payments', startMicros: 0, durationMicros: 12 * call },
      { id: 'b', parentId: 'a', service: 'payments', kind: 'server', startMicros: 0, durationMicros: 12 * call },
      { id: 'c', parentId: 'b', service: 'payments', kind: 'client', peer: 'cards', startMicros: 0, durationMicros: 12 * call },
      { id: 'd', parentId: 'c', service: 'cards', kind: 'server', startMicros: 0, durationMicros: 12 * call },
      ...Array.from({ length: 12 }, (_, index) =>
        select(index, index * call).map((span) => ({ ...span, parentId: 'd', service: 'cards' })),
      ).flat(),
    ]);
    expect(said(deeper)).toMatchObject({
      side: "callee's dependency",
      line: 'the slowest traced request spent 960 ms of 960 ms waiting for mysql, 12 × SELECT orders',
    });
  });

  it('are found below twenty thousand steps of their maker', () => {
    const steps = 20_000;
    const of = trace(0, select, steps * call);
    const [top] = of.spans;
    if (top === undefined) throw new Error('the trace has a focus');
    const step = { ...top, kind: 'internal' as const, service: 'payments', peer: null };
    const inside = Array.from({ length: steps }, (_, index) => ({ ...step, id: `i${index}`, parent: index + 1 }));
    const calls = Array.from({ length: steps }, (_, index) => ({
      ...{ ...step, id: `q${index}`, parent: steps + 1, kind: 'client' as const, peer: 'mysql', operation: 'SELECT orders' },
      ...{ startMicros: index * call, durationMicros: call },
    }));
    const tracing = tracingOf({ ...of, spans: [...of.spans, ...inside, ...calls] });
    const slower = { ...slowSide, mean: 900 };
    const { verdict } = saidOf([readingWith(edgeNamed(), { caller: slower, callee: slower })], { tracing });
    expect(verdict?.evidence[1]).toMatch(/^20,000 × SELECT orders at mysql, one after the other/);
  });
});
