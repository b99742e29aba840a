import { describe, expect, it } from 'vitest';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { drawn, problems, span, traceOf } from './spans.ts';

const root = span('a', null, 0, 100, { kind: 'server', service: 'web' });
const callTo = (id: string, start: number, duration: number, peer: string, parent = 'a') =>
  span(id, parent, start, duration, { kind: 'client', service: 'web', attributes: { 'peer.service': peer } });
const server = (id: string, parent: string, start: number, duration: number, service: string) =>
  span(id, parent, start, duration, { kind: 'server', service });

describe('a span whose parent is missing', () => {
  it('hangs under the call to its service that nobody answers, and stays marked', () => {
    const trace = orderTrace(
      traceOf(root, callTo('b', 5, 50, 'cart'), callTo('c', 10, 30, 'mail'), server('d', 'ff', 12, 20, 'cart')),
    );
    expect(drawn(trace)).toContain('b > d 12+20');
    expect(trace.spans.map(({ isOrphan }) => isOrphan)).toEqual([false, false, true, false]);
    expect(problems(trace)).toEqual({ 'missing-parent': 1 });
  });

  it('takes the shortest of several calls around it', () => {
    const trace = traceOf(root, callTo('b', 5, 80, 'cart'), callTo('c', 10, 30, 'cart.shop'), server('d', 'ff', 12, 20, 'cart'));
    expect(drawn(orderTrace(trace))).toContain('c > d 12+20');
  });

  it('leaves a call alone that has its answer', () => {
    const trace = traceOf(root, callTo('b', 5, 50, 'cart'), server('c', 'b', 6, 40, 'cart'), server('d', 'ff', 12, 20, 'cart'));
    expect(drawn(orderTrace(trace))).toContain('a > d 12+20');
  });

  it('is part of its own service’s work where it is no server', () => {
    const trace = orderTrace(
      traceOf(root, callTo('b', 5, 80, 'cart'), server('c', 'b', 10, 60, 'cart'), span('d', 'ff', 20, 10, { service: 'cart' })),
    );
    expect(drawn(trace)).toContain('c > d 20+10');
  });

  it('never hangs under a call of its own service, nor under another child of the missing one', () => {
    const trace = orderTrace(
      traceOf(
        root,
        callTo('b', 10, 50, 'cart', 'ff'),
        callTo('c', 20, 10, 'mail', 'ff'),
        span('d', 'ff', 5, 80, { service: 'web' }),
      ),
    );
    expect(drawn(trace)).toEqual(['a 0+100', 'a > d 5+80', 'a > b 10+50', 'a > c 20+10']);
  });

  it('hangs under the call to its service where even the server is missing', () => {
    const trace = traceOf(root, callTo('b', 5, 80, 'cart'), span('c', 'ff', 20, 10, { service: 'cart', kind: 'client' }));
    expect(drawn(orderTrace(trace))).toContain('b > c 20+10');
  });

  it('hangs under the caller that it names itself', () => {
    const named = server('c', 'ff', 20, 10, 'cart');
    const trace = traceOf(root, span('b', 'a', 10, 50, { service: 'web' }), {
      ...named,
      attributes: { 'istio.source_canonical_service': 'web' },
    });
    expect(drawn(orderTrace(trace))).toContain('b > c 20+10');
  });

  it('hangs under a root that contains it where nobody is known to call it', () => {
    expect(drawn(orderTrace(traceOf(root, server('b', 'ff', 20, 10, 'cart'))))).toEqual(['a 0+100', 'a > b 20+10']);
  });

  it('is a root of its own where nothing contains it', () => {
    const trace = orderTrace(traceOf(root, server('b', 'ff', 20, 500, 'cart')));
    expect(drawn(trace)).toEqual(['a 0+100', 'b 20+500']);
    expect(problems(trace)).toEqual({ 'missing-parent': 1, 'several-roots': 2 });
  });

  it('never hangs below itself', () => {
    const trace = orderTrace(
      traceOf(
        span('a', 'fe', 0, 100, { service: 'web' }),
        span('b', 'a', 0, 100, { service: 'web' }),
        span('c', 'ff', 0, 100, { service: 'web' }),
      ),
    );
    expect(trace.spans).toHaveLength(3);
    expect(trace.spans.filter(({ parent }) => parent === null)).toHaveLength(1);
  });
});
