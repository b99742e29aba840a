import { describe, expect, it } from 'vitest';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { drawn, problems, span, traceOf } from './spans.ts';

const ms = 1000;
const call = span('a', null, 0, 100 * ms, { kind: 'client', service: 'web' });
const server = (start: number, duration: number, given = {}) =>
  span('b', 'a', start, duration, { kind: 'server', service: 'cart', ...given });

describe('a server half that begins before it was called', () => {
  it('is laid into the middle of the call', () => {
    const trace = orderTrace(traceOf(call, server(-50 * ms, 80 * ms)));
    expect(drawn(trace)).toEqual(['a 0+100000', 'a > b 10000+80000']);
    expect(problems(trace)).toEqual({ 'clock-skew': 1 });
  });

  it('takes along what its own clock timed, through calls as well', () => {
    const trace = orderTrace(
      traceOf(
        call,
        server(-50 * ms, 80 * ms),
        span('c', 'b', -40 * ms, 20 * ms, { service: 'cart', kind: 'client' }),
        span('d', 'c', 21 * ms, 10 * ms, { service: 'db', kind: 'server' }),
        span('e', 'd', 22 * ms, 1 * ms, { service: 'db' }),
      ),
    );
    expect(drawn(trace).slice(1)).toEqual(['a > b 10000+80000', 'b > c 20000+20000', 'c > d 21000+10000', 'd > e 22000+1000']);
    expect(problems(trace)).toEqual({ 'clock-skew': 1 });
  });

  it('is only brought to the beginning where it took longer than the call', () => {
    const trace = orderTrace(traceOf({ ...call, isError: true }, server(-30 * ms, 150 * ms)));
    expect(drawn(trace)).toEqual(['a 0+100000', 'a > b 0+150000']);
  });

  it('stays where it is beyond five seconds: that is no clock', () => {
    const trace = orderTrace(traceOf(call, server(-6000 * ms, 80 * ms)));
    expect(drawn(trace)[1]).toBe('a > b 0+80000');
    expect(problems(trace)['clock-skew']).toBeUndefined();
  });
});

describe('a server half that ends after the call', () => {
  it('is moved where the caller got its answer', () => {
    expect(drawn(orderTrace(traceOf(call, server(60 * ms, 80 * ms))))).toEqual(['a 0+100000', 'a > b 10000+80000']);
  });

  it.each([
    ['a timeout', { isError: true }],
    ['a flag of a timeout', { attributes: { response_flags: 'UT', 'http.status_code': '200' } }],
    ['a client that left', { attributes: { response_flags: 'DC', 'http.status_code': '0' } }],
    ['a cancelled call', { attributes: { 'grpc.status_code': '1' } }],
  ])('stays where the caller gave up: %s', (_, given) => {
    const trace = orderTrace(traceOf({ ...call, ...given }, server(60 * ms, 80 * ms)));
    expect(drawn(trace)[1]).toBe('a > b 60000+80000');
    expect(problems(trace)).toEqual({ 'outlives-parent': 1 });
  });

  it('stays where it took longer than the call', () => {
    expect(drawn(orderTrace(traceOf(call, server(10 * ms, 120 * ms))))[1]).toBe('a > b 10000+120000');
  });
});

describe('a clock is left alone', () => {
  it.each([
    ['inside of the call', server(5 * ms, 90 * ms)],
    ['at both its ends', server(0, 100 * ms)],
    ['less than a hundredth of it outside', server(-900, 80 * ms)],
    ['of the same pod', server(-50 * ms, 80 * ms, { service: 'web' })],
    ['of nobody who waits', server(-50 * ms, 80 * ms, { isAsync: true })],
    ['without a start of its own', server(0, 150 * ms, { startMicros: null })],
    ['of a consumer', server(-50 * ms, 80 * ms, { kind: 'consumer' })],
  ])('by a half %s', (_, half) => {
    expect(problems(orderTrace(traceOf(call, half)))['clock-skew']).toBeUndefined();
  });

  it('where several servers answer one call: none of them is its other half', () => {
    const trace = traceOf(call, server(60 * ms, 80 * ms), { ...server(1 * ms, 50 * ms), id: '00000000000000cc' });
    expect(problems(orderTrace(trace))).toEqual({ 'outlives-parent': 1 });
  });

  it('where the pod that is named is the same, whatever the services are', () => {
    const pod = { node_id: 'sidecar~10.0.0.7~web-5f7.shop~shop.svc.cluster.local' };
    const trace = traceOf({ ...call, attributes: pod }, server(-50 * ms, 80 * ms, { attributes: { 'k8s.pod.name': 'web-5f7' } }));
    expect(problems(orderTrace(trace))['clock-skew']).toBeUndefined();
  });
});
