import { describe, expect, it } from 'vitest';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { drawn, problems, span, traceOf } from './spans.ts';

const client = span('b', 'a', 10, 80, { kind: 'client', service: 'web' });
const server = span('b', 'a', 15, 60, { kind: 'server', service: 'cart', isShared: true, operation: 'get' });
const root = span('a', null, 0, 100, { kind: 'server', service: 'web' });

describe('two halves of a call under one id', () => {
  it('are the client, and below it the server', () => {
    const trace = orderTrace(traceOf(server, root, client));
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 10+80', 'b > b/server 15+60']);
    expect(problems(trace)).toEqual({ 'shared-ids': 1 });
  });

  it('are told apart without the word "shared" too', () => {
    expect(drawn(orderTrace(traceOf(root, client, { ...server, isShared: false })))).toEqual([
      'a 0+100',
      'a > b 10+80',
      'b > b/server 15+60',
    ]);
  });

  it('have their children below the server', () => {
    const query = span('c', 'b', 20, 5, { kind: 'client', service: 'cart' });
    const unnamed = span('d', 'b', 30, 5, { service: null, kind: null });
    expect(drawn(orderTrace(traceOf(root, client, server, query, unnamed))).slice(3)).toEqual([
      'b/server > c 20+5',
      'b/server > d 30+5',
    ]);
  });

  it('have a child of the client below the client', () => {
    const local = span('c', 'b', 12, 2, { service: 'web' });
    expect(drawn(orderTrace(traceOf(root, client, server, local)))).toContain('b > c 12+2');
  });
});

describe('a server half whose client told nothing', () => {
  it('hangs under its parent, and is a server', () => {
    const trace = orderTrace(traceOf(root, { ...server, kind: null }));
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 15+60']);
    expect(trace.spans[1]?.kind).toBe('server');
    expect(problems(trace)).toEqual({});
  });
});

describe('a span that was reported in parts', () => {
  it('is one span', () => {
    const early = { ...client, durationMicros: null, operation: '', attributes: { zone: 'a' } };
    const late = { ...client, parentId: null, startMicros: null, isError: true, attributes: { 'http.status_code': '503' } };
    const trace = orderTrace(traceOf(root, early, late));
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 10+80']);
    expect(trace.spans[1]).toMatchObject({
      operation: 'op b',
      isError: true,
      attributes: { zone: 'a', 'http.status_code': '503' },
    });
    expect(problems(trace)).toEqual({});
  });

  it('joins the half that it does not deny', () => {
    const part = { ...server, kind: null, isShared: false, operation: '', startMicros: null, durationMicros: null };
    const trace = orderTrace(traceOf({ ...part, attributes: { zone: 'b' } }, root, client, server));
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 10+80', 'b > b/server 15+60']);
    expect(trace.spans[2]?.attributes).toEqual({ zone: 'b' });
  });
});

describe('different spans under one id', () => {
  it('stay apart under names of their own', () => {
    const one = span('b', 'a', 10, 5, { operation: 'one' });
    const trace = orderTrace(traceOf(root, one, { ...one, operation: 'two' }, { ...one, operation: 'three' }));
    expect(drawn(trace)).toEqual(['a 0+100', 'a > b 10+5', 'a > b/2 10+5', 'a > b/3 10+5']);
    expect(problems(trace)).toEqual({ 'shared-ids': 1 });
  });
});
