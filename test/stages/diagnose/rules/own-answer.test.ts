import { describe, expect, it } from 'vitest';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, type Said, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const edge = edgeNamed();
const fine: Said = [2100];
const counter = (name: string, now: number, before = 0) => got([{ name, side: 'caller' as const, now, before }]);
const silent = { now: [], usual: 3000 } as const;

describe('a callee whose proxies are not scraped any more', () => {
  const unscraped = (...bad: Said) => readingWith(edge, { caller: { now: [fine, bad] }, callee: silent });

  it.each(['500', '503'])('may have said itself what its caller sees: %s is not laid on the proxy of the caller', (code) => {
    const { verdict, findings } = saidOf([unscraped(900, code)]);
    expect(verdict?.rule).toBe('callee-errors');
    expect(findings.map(({ rule }) => rule)).not.toContain('proxy-answered');
  });

  it('nor a gRPC status', () => {
    const side = { now: [[2100, '200', '-', '0'] as Said, [900, '200', '-', '14'] as Said], protocol: 'grpc' };
    expect(saidOf([readingWith(edge, { caller: side, callee: { ...silent, protocol: 'grpc' } })]).verdict?.rule).toBe(
      'grpc-errors',
    );
  });

  it('is not said to count none of what did not arrive', () => {
    const { verdict } = saidOf([unscraped(900, '503', 'UF')]);
    expect(verdict?.rule).toBe('connection-failure');
    expect(verdict?.evidence.join(' · ')).not.toMatch(/did not arrive/);
  });
});

describe('failures without a flag that a reporting callee never saw', () => {
  const unseen = (code: string, more = {}) =>
    saidOf([readingWith(edge, { caller: { now: [fine, [900, code]] }, callee: { now: [fine], usual: 3000 } })], more);

  it.each(['502', '503', '504'])('%s is what a proxy answers itself', (code) => {
    expect(unseen(code).verdict).toMatchObject({ rule: 'proxy-answered', side: "caller's proxy" });
  });

  it.each(['500', '501'])('%s is none of its own answers, unless a route is told to give it', (code) => {
    expect(unseen(code).findings.map(({ rule }) => rule)).not.toContain('proxy-answered');
    const told = unseen(code, { proxyCounters: counter('http_rq_direct_response', 900) });
    expect(told.verdict).toMatchObject({ rule: 'proxy-answered', confidence: 'likely' });
    expect(told.verdict?.sentence).toMatch(/a route there has a fixed answer/);
  });

  it('UNAVAILABLE is how it says 503 to a gRPC client', () => {
    const side = (...now: readonly Said[]) => ({ now, usual: 3000, protocol: 'grpc' });
    const reading = readingWith(edge, {
      caller: side([2100, '200', '-', '0'], [900, '200', '-', '14']),
      callee: side([2100, '200', '-', '0']),
    });
    const { verdict } = saidOf([reading]);
    expect(verdict).toMatchObject({ rule: 'proxy-answered', side: "caller's proxy", confidence: 'possible' });
    expect(verdict?.sentence).toMatch(/^The proxy of checkout answers for payments itself: 30 % failed, it may be overloaded/);
    const shed = saidOf([reading], { proxyCounters: counter('http_downstream_rq_overload_close', 900) });
    expect(shed.verdict).toMatchObject({ rule: 'proxy-answered', confidence: 'likely' });
  });
});

it('a habit of clients that leave is no clock: the proxy may as well have shed what never arrived', () => {
  const side = (now: readonly Said[]) => ({ now, usual: 3000, usualLeft: 0.3, protocol: 'grpc' });
  const { verdict } = saidOf([
    readingWith(edge, {
      caller: side([
        [1200, '200', '-', '0'],
        [900, '0', 'DC'],
        [900, '200', '-', '14'],
      ]),
      callee: side([
        [1200, '200', '-', '0'],
        [900, '0', 'DC'],
      ]),
    }),
  ]);
  expect(verdict).toMatchObject({ rule: 'proxy-answered', confidence: 'possible' });
  expect(verdict?.sentence).toMatch(/it may be overloaded$/);
});

it('a 504 that the callee saw as a client who left is a limit of time of the proxy, whether or not a counter says so', () => {
  const { verdict } = saidOf([
    readingWith(edge, {
      caller: { now: [fine, [900, '504']], mean: 0.6, usualMean: 0.02 },
      callee: { now: [fine, [900, '0', 'DC']], mean: 0.6, usualMean: 0.02 },
    }),
  ]);
  expect(verdict).toMatchObject({ rule: 'proxy-answered', confidence: 'likely' });
  expect(verdict?.sentence).toMatch(/a duration or timeout of the proxy ran out$/);
});
