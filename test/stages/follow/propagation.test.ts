import { describe, expect, it } from 'vitest';
import type { Trace } from '../../../src/domain/trace.ts';
import { propagationOf } from '../../../src/stages/follow/propagation.ts';
import { type Given, traceOf } from '../../support/traces.ts';

const reviews = { namespace: 'bookinfo', workload: 'reviews-v1', service: 'reviews' };

const proxy = { component: 'proxy' };
const id = (number: number): string => number.toString(16).padStart(16, '0');
/** As Envoy's Zipkin tracer begins one: the first span has the lower half of the trace's id. */
const begun = (number: number, spans: readonly Given[], root = id(number)): Trace =>
  traceOf(
    spans.map((span, index) => ({ ...span, id: index === 0 ? root : `${root}${index}`, parentId: index === 0 ? null : root })),
    `${'a'.repeat(16)}${id(number)}`,
  );

const call = (service: string, kind: 'client' | 'server', operation: string, requestId = 'none'): Given => ({
  ...{ id: '', service: `${service}.bookinfo`, kind, operation, startMicros: 0, durationMicros: 100 },
  attributes: { ...proxy, ...(requestId === 'none' ? {} : { 'guid:x-request-id': requestId }) },
});

/** productpage → reviews, and nothing below. */
const comesIn = (number: number, requestId?: string): Trace =>
  begun(number, [call('productpage', 'client', 'reviews/*', requestId), call('reviews', 'server', 'reviews/*', requestId)]);
/** A trace that begins with a call of reviews. */
const goesOut = (number: number, operation = 'ratings/*', requestId?: string): Trace =>
  begun(number, [call('reviews', 'client', operation, requestId), call('ratings', 'server', operation, requestId)]);
/** productpage → reviews → ratings in one. */
const goesOn = (number: number, operation = 'ratings/*'): Trace =>
  begun(number, [
    call('productpage', 'client', 'reviews/*'),
    call('reviews', 'server', 'reviews/*'),
    call('reviews', 'client', operation),
  ]);

/** A call of reviews whose parent is not there. */
const lost = (number: number): Trace => {
  const trace = goesOut(number);
  return { ...trace, spans: trace.spans.map((span, place) => (place === 0 ? { ...span, isOrphan: true } : span)) };
};
/** A call of reviews below what its own tracer tells of. */
const below = (number: number, kind: 'internal' | 'consumer', requestId?: string): Trace =>
  begun(number, [{ ...call('reviews', 'client', 'work'), kind }, call('reviews', 'client', 'ratings/*', requestId)]);

const many = (count: number, of: (number: number) => Trace, from = 0): readonly Trace[] =>
  Array.from({ length: count }, (_, index) => of(from + index));

const told = (...traces: readonly (readonly Trace[])[]) => propagationOf(traces.flat(), reviews);

describe('a service', () => {
  it('hands the headers on when nearly all of its calls are in the traces that it was called in', () => {
    expect(told(many(27, goesOn), many(3, goesOut, 100))).toMatchObject({
      ...{ verdict: 'hands on', doubt: null, inbound: 27, outbound: 30, both: 27 },
    });
  });

  it('drops them when its calls begin traces of their own', () => {
    expect(told(many(40, comesIn), many(30, goesOut, 100))).toMatchObject({
      ...{ verdict: 'drops', doubt: null, inbound: 40, outbound: 30, both: 0, halves: 0 },
    });
  });

  it('hands them on along some paths only, and those that it does not are named, most often first', () => {
    const traces = [
      many(20, goesOn),
      many(12, (number) => goesOut(number, 'ratings/*'), 100),
      many(15, (number) => goesOut(number, 'details/*'), 200),
    ];
    expect(told(...traces)).toMatchObject({
      verdict: 'some paths',
      broken: [
        { operation: 'details/*', traces: 15, of: 15 },
        { operation: 'ratings/*', traces: 12, of: 32 },
      ],
    });
  });

  it('is proven to drop them when both halves bear one request id', () => {
    const traces = [
      many(25, (number) => comesIn(number, `r${number}`)),
      many(25, (number) => goesOut(100 + number, 'x', `r${number}`)),
    ];
    expect(told(...traces)).toMatchObject({ verdict: 'drops', halves: 25 });
    const whole = many(25, (number) => {
      const trace = goesOn(number);
      return { ...trace, spans: trace.spans.map((span) => ({ ...span, attributes: { 'guid:x-request-id': `r${number}` } })) };
    });
    expect(told(whole)).toMatchObject({ verdict: 'hands on', halves: 0 });
  });

  it.each([
    [0.04, 'drops'],
    [0.05, 'some paths'],
    [0.89, 'some paths'],
    [0.9, 'hands on'],
  ])('of whose calls a share of %d is in the same trace: %s', (share, verdict) => {
    const both = Math.round(share * 100);
    expect(told(many(both, goesOn), many(100 - both, goesOut, 200), many(100 - both, comesIn, 400)).verdict).toBe(verdict);
  });

  it.each<readonly [which: string, traces: readonly Trace[], doubt: string]>([
    ['of nineteen traces', many(19, goesOn), 'few traces'],
    ['that was seen to call nineteen times', [...many(40, comesIn), ...many(19, goesOut, 100)], 'few traces'],
    ['that was seen to be called ten times', [...many(10, comesIn), ...many(30, goesOut, 100)], 'few traces'],
    ['that calls nobody', many(40, comesIn), 'calls nobody'],
    ['that nobody calls', many(40, goesOut), 'is not called'],
    ['that is called ten times as often as it calls', [...many(300, comesIn), ...many(25, goesOut, 1000)], 'uneven'],
  ])('%s tells nothing', (_, traces, doubt) => expect(told(traces)).toMatchObject({ verdict: 'cannot tell', doubt }));

  it.each<readonly [which: string, goesOutOddly: (number: number) => Trace]>([
    ['name a parent that is not there: part of the trace is lost', lost],
    ['are those of a job that its own tracer tells of', (number) => below(number, 'internal')],
    ['are made for messages that it takes', (number) => below(number, 'consumer')],
  ])('is not blamed for calls that %s', (_, odd) => {
    expect(told(many(40, comesIn), many(40, odd, 100))).toMatchObject({ verdict: expect.stringMatching(/cannot tell|hands on/) });
    expect(told(many(30, goesOn), many(30, odd, 100))).toMatchObject({ verdict: 'hands on' });
  });

  it('is not cleared by a trace of its own that comes back to it', () => {
    const comesBack = (number: number): Trace =>
      begun(number, [
        call('reviews', 'client', 'ratings/*'),
        call('ratings', 'server', 'ratings/*'),
        call('reviews', 'server', 'back'),
      ]);
    expect(told(many(40, comesIn), many(40, comesBack, 100))).toMatchObject({ verdict: 'drops', both: 0 });
  });

  it('hands on what it got where its own half of the call is lost', () => {
    const halfLost = (number: number): Trace =>
      begun(number, [call('productpage', 'client', 'reviews/*'), call('reviews', 'client', 'ratings/*')]);
    expect(told(many(30, comesIn), many(30, halfLost, 100))).toMatchObject({ verdict: 'hands on', both: 30 });
  });

  it('is proven to drop them by request ids, whatever its own tracer begins', () => {
    const traces = [
      many(25, (number) => comesIn(number, `r${number}`)),
      many(25, (number) => below(100 + number, 'internal', `r${number}`)),
    ];
    expect(told(...traces)).toMatchObject({ verdict: 'drops', halves: 25 });
  });

  it('is not mistaken for its namesake in another namespace', () => {
    expect(propagationOf(many(40, goesOn), { ...reviews, namespace: 'test' })).toMatchObject({ inbound: 0, outbound: 0 });
  });
});

const b3 = [
  ...['x-request-id', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled', 'x-b3-flags'],
  'x-ot-span-context',
];

describe('the headers that a service must hand on', () => {
  const outside = (number: number): Trace => {
    const trace = comesIn(number);
    return { ...trace, spans: trace.spans.map((span) => ({ ...span, attributes: {} })) };
  };

  it('are Zipkin’s where proxies begin traces as Zipkin’s tracer does', () => {
    expect(told(many(30, comesIn)).headers).toEqual(b3);
  });

  it('are Zipkin’s where ids have 64 bits', () => {
    expect(told(many(30, (number) => ({ ...outside(number), id: `${'0'.repeat(16)}${id(number + 1)}` }))).headers).toEqual(b3);
  });

  it('are Zipkin’s where the halves of a call share an id', () => {
    const shared = (number: number): Trace => {
      const trace = outside(number);
      return { ...trace, spans: trace.spans.map((span) => ({ ...span, id: `${span.id}/server` })) };
    };
    expect(told(many(30, shared)).headers).toEqual(b3);
  });

  it('are those of the W3C where proxies draw both ids', () => {
    const traces = many(30, (number) =>
      begun(number, [call('productpage', 'client', 'a'), call('reviews', 'server', 'a')], 'b7ad6b71'),
    );
    expect(told(traces).headers).toEqual(['x-request-id', 'traceparent', 'tracestate']);
  });

  it('are both where no proxy began the traces', () => {
    expect(told(many(30, outside)).headers).toEqual([...b3, 'traceparent', 'tracestate']);
  });
});
