import { describe, expect, it } from 'vitest';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { drawn, epoch, idOf, problems, span, traceId, traceOf } from './spans.ts';

describe('a trace in order', () => {
  it('has parents before children and siblings by their start', () => {
    const trace = orderTrace(
      traceOf(span('d', 'b', 30, 5), span('c', 'a', 50, 10), span('a', null, 0, 100), span('b', 'a', 10, 30)),
    );
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 10+30', 'b > d 30+5', 'a > c 50+10']);
    expect(trace).toMatchObject({ id: traceId, startMicros: epoch, durationMicros: 100, received: 4, problems: [] });
  });

  it('puts the longer of two that start together first', () => {
    expect(drawn(orderTrace(traceOf(span('a', null, 0, 9), span('b', 'a', 1, 2), span('c', 'a', 1, 5))))).toEqual([
      'a 0+9',
      'a > c 1+5',
      'a > b 1+2',
    ]);
  });

  it('lasts from the first start to the last end, whoever has them', () => {
    const trace = orderTrace(traceOf(span('a', null, 10, 20), span('b', 'a', 15, 100)));
    expect([trace.startMicros, trace.durationMicros]).toEqual([epoch + 10, 105]);
  });

  it('of no span is empty', () => {
    expect(orderTrace(traceOf())).toEqual({
      id: traceId,
      startMicros: 0,
      durationMicros: 0,
      spans: [],
      received: 0,
      problems: [],
    });
  });

  it('tells what was left out before', () => {
    const trace = orderTrace({ ...traceOf(span('a', null, 0, 1)), malformed: 3, isTruncated: true });
    expect(problems(trace)).toEqual({ 'malformed-span': 3, truncated: 1 });
  });

  it('names its problems by count, most first', () => {
    const trace = orderTrace({ ...traceOf(span('a', null, 0, 1, { service: null, kind: null })), malformed: 2 });
    expect(trace.problems).toEqual([
      { code: 'malformed-span', count: 2 },
      { code: 'no-kind', count: 1 },
      { code: 'no-service', count: 1 },
    ]);
    expect(trace.spans[0]).toMatchObject({ service: 'unknown', kind: null });
  });

  it('counts its roots where there are several', () => {
    expect(problems(orderTrace(traceOf(span('a', null, 0, 1), span('b', null, 5, 1))))).toEqual({ 'several-roots': 2 });
  });
});

describe('a copy of a span', () => {
  const one = span('b', 'a', 10, 5, { attributes: { 'http.method': 'GET', zone: 'x' } });

  it('is dropped, and counted', () => {
    const trace = orderTrace(
      traceOf(span('a', null, 0, 50), one, { ...one, attributes: { zone: 'x', 'http.method': 'GET' } }, one),
    );
    expect(drawn(trace)).toEqual(['a 0+50', 'a > b 10+5']);
    expect(trace.received).toBe(4);
    expect(problems(trace)).toEqual({ 'duplicate-span': 2 });
  });
});

describe('a circle of parents', () => {
  it('is cut at its earliest span', () => {
    const trace = orderTrace(traceOf(span('b', 'c', 10, 5), span('c', 'a', 12, 5), span('a', 'b', 0, 20), span('d', 'c', 13, 1)));
    expect(drawn(trace)).toEqual(['a 0+20', 'a > c 12+5', 'c > b 10+5', 'c > d 13+1']);
    expect(problems(trace)['cycle']).toBe(1);
  });

  it('of one span is cut as well', () => {
    const trace = orderTrace(traceOf(span('a', 'a', 0, 20), span('b', 'a', 1, 2)));
    expect(drawn(trace)).toEqual(['a 0+20', 'a > b 1+2']);
    expect(problems(trace)).toEqual({ cycle: 1 });
    expect(trace.spans[0]?.isOrphan).toBe(false);
  });
});

describe('a time that is missing', () => {
  it('is the first start of the children', () => {
    const trace = orderTrace(
      traceOf(span('a', null, 0, 90), span('b', 'a', 0, 30, { startMicros: null }), span('c', 'b', 40, 9)),
    );
    expect(drawn(trace)).toEqual(['a 0+90', 'a > b 40+30', 'b > c 40+9']);
    expect(problems(trace)).toEqual({ 'no-start': 1 });
  });

  it('is the start of the parent where there are no children', () => {
    expect(drawn(orderTrace(traceOf(span('a', null, 7, 90), span('b', 'a', 0, 30, { startMicros: null }))))).toEqual([
      'a 0+90',
      'a > b 0+30',
    ]);
  });

  it('is, of a duration, the last end of the children that are waited for', () => {
    const trace = orderTrace(
      traceOf(
        span('a', null, 0, 0, { durationMicros: null }),
        span('b', 'a', 5, 10),
        span('c', 'a', 8, 20),
        span('d', 'a', 9, 500, { isAsync: true }),
      ),
    );
    expect(drawn(trace)[0]).toBe('a 0+28');
    expect(problems(trace)).toEqual({ 'no-duration': 1 });
  });

  it('is, of a duration without children, nothing', () => {
    expect(drawn(orderTrace(traceOf(span('a', null, 0, 5, { durationMicros: null }))))).toEqual(['a 0+0']);
  });

  it('is what a clock that was never set tells beside others that were', () => {
    const trace = orderTrace(traceOf(span('a', null, 0, 50), span('b', 'a', 0, 5, { startMicros: 0 }), span('c', 'b', 20, 2)));
    expect(drawn(trace)).toEqual(['a 0+50', 'a > b 20+5', 'b > c 20+2']);
    expect(problems(trace)).toEqual({ 'no-start': 1 });
  });

  it('is, of a duration, what a clock tells that was set meanwhile', () => {
    const set = span('b', 'a', 0, epoch, { startMicros: 0 });
    const trace = orderTrace(traceOf(span('a', null, 0, 50), set, span('c', 'b', 20, 2)));
    expect(drawn(trace)).toEqual(['a 0+50', 'a > b 20+2', 'b > c 20+2']);
    expect(problems(trace)).toEqual({ 'no-start': 1, 'no-duration': 1 });
  });

  it('is none where all of a trace is timed from zero', () => {
    const from0 = traceOf(span('a', null, 0, 50, { startMicros: 0 }), span('b', 'a', 0, 5, { startMicros: 7 }));
    expect(drawn(orderTrace(from0))).toEqual(['a 0+50', 'a > b 7+5']);
  });

  it('leaves a trace that has no times at all at zero', () => {
    const trace = orderTrace(traceOf(span('a', null, 0, 0, { startMicros: null, durationMicros: null })));
    expect([trace.startMicros, drawn(trace)]).toEqual([0, ['a 0+0']]);
  });
});

describe('a child that ends after its parent', () => {
  it('stays as it is, and is counted', () => {
    const trace = orderTrace(traceOf(span('a', null, 0, 10), span('b', 'a', 5, 20)));
    expect(drawn(trace)).toEqual(['a 0+10', 'a > b 5+20']);
    expect(problems(trace)).toEqual({ 'outlives-parent': 1 });
  });

  it('by the microsecond that rounding makes is none', () => {
    expect(problems(orderTrace(traceOf(span('a', null, 0, 10), span('b', 'a', 5, 6))))).toEqual({});
  });

  it('is nothing odd where nobody waits for it', () => {
    const trace = orderTrace(
      traceOf(span('a', null, 0, 10, { kind: 'producer' }), span('b', 'a', 5, 20, { kind: 'consumer', service: 'mail' })),
    );
    expect(trace.spans[1]?.isAsync).toBe(true);
    expect(problems(trace)).toEqual({});
  });
});

describe('a proxy that gives its own name for its workload’s', () => {
  const serviceOf = (service: string | null, attributes: Record<string, string>): string | undefined =>
    orderTrace(traceOf(span('a', null, 0, 1, { service, attributes }))).spans[0]?.service;

  it.each<readonly [by: string, attributes: Record<string, string>, service: string]>([
    ['Deployment', { 'k8s.deployment.name': 'web', 'k8s.namespace.name': 'emojivoto' }, 'web.emojivoto'],
    ['pod', { 'k8s.pod.name': 'web-6d4b75cb6d-bcdfg', 'k8s.namespace.name': 'emojivoto' }, 'web.emojivoto'],
    ['canonical service', { 'istio.canonical_service': 'web', 'istio.namespace': 'shop' }, 'web.shop'],
    ['node', { node_id: 'sidecar~10.0.0.1~web-6d4b75cb6d-bcdfg.shop~shop.svc.cluster.local' }, 'web.shop'],
    ['pod’s labels', { 'linkerd.io/proxy-deployment': 'web', 'linkerd.io/workload-ns': 'shop' }, 'web.shop'],
    ['nothing', { 'k8s.namespace.name': 'emojivoto' }, 'linkerd-proxy'],
  ])('is called after it by its %s', (_, attributes, service) => expect(serviceOf('linkerd-proxy', attributes)).toBe(service));

  it('is told from an application, which keeps its name', () => {
    expect(serviceOf('shop-web', { 'k8s.deployment.name': 'web', 'k8s.namespace.name': 'shop' })).toBe('shop-web');
    expect(serviceOf(null, {})).toBe('unknown');
  });

  it('may be one that gives no name at all', () => {
    expect(serviceOf(null, { 'k8s.deployment.name': 'web' })).toBe('web');
  });

  it('is not the owner of another workload’s orphans', () => {
    const of = (workload: string, kind: 'client' | 'server') => ({
      service: 'linkerd-proxy',
      kind,
      attributes: { 'k8s.deployment.name': workload, 'k8s.namespace.name': 'emojivoto' },
    });
    const trace = orderTrace(
      traceOf(
        span('a', null, 0, 100, of('web', 'server')),
        span('b', 'a', 5, 80, of('emoji', 'server')),
        span('c', 'b', 20, 20, of('vote', 'server')),
        span('d', 'lost', 10, 5, of('emoji', 'client')),
        span('e', 'lost2', 22, 5, of('emoji', 'client')),
      ),
    );
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 5+80', 'b > d 10+5', 'b > c 20+20', 'b > e 22+5']);
  });
});

describe('what came of a span', () => {
  const of = (attributes: Record<string, string>, isError = false) =>
    orderTrace(traceOf(span('a', null, 0, 1, { attributes, isError }))).spans[0];

  it('is told by its response flags too', () => {
    expect(of({ response_flags: 'UT,URX', 'http.status_code': '200' })).toMatchObject({ flags: ['URX', 'UT'], isError: true });
    expect(of({ response_flags: '-' })).toMatchObject({ flags: [], isError: false });
    expect(of({ response_flags: 'DC' })).toMatchObject({ flags: ['DC'], isError: false });
    expect(of({}, true)).toMatchObject({ flags: [], isError: true });
  });

  it('stands beside its attributes as they came', () => {
    expect(of({ zone: 'eu-1' })).toMatchObject({ id: idOf('a'), attributes: { zone: 'eu-1' }, operation: 'op a' });
  });
});
