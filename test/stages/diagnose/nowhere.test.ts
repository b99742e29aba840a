import { describe, expect, it } from 'vitest';
import { type Edge, edgeTitle } from '../../../src/domain/edge.ts';
import { got } from '../../../src/domain/gathered.ts';
import { readingWith, saidOf } from '../../support/edges.ts';
import { edgeNamed } from '../../support/report.ts';
import { type Fault, readingAt } from './flags.ts';

const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };
const astray = (seen: string, more: Partial<Fault> = {}) =>
  readingAt(nowhere, { caller: seen, callee: 'none', share: 1, isNew: true, ...more });
const well = { now: [[3000]] } as const;
const gone = { now: [[20]], usual: 3000 } as const;
const other = readingWith(edgeNamed('checkout', 'inventory'), { caller: well, callee: well });
const counter = (name: string) => got([{ name, side: 'caller' as const, now: 3000, before: 0 }]);

it('requests without a destination are called so', () => {
  expect(edgeTitle(nowhere)).toBe('checkout → no destination');
});

describe('requests that no destination was chosen for, as there were none before,', () => {
  it.each([
    ['match no route', '404 NR', 'no-route', got([])],
    ['name no cluster', '503 NC', 'no-route', got([])],
    ['get a fixed answer', '502 -', 'proxy-answered', counter('http_rq_direct_response')],
    ['meet overload', '503 -', 'proxy-answered', counter('http_downstream_rq_overload_close')],
  ])('%s: likely, where the proxy says so plainly and was measured before', (_, seen, rule, proxyCounters) => {
    const { verdict } = saidOf([astray(seen), other], { proxyCounters });
    expect(verdict).toMatchObject({ rule, side: "caller's proxy", confidence: 'likely' });
  });

  it('are possible only while nobody knows the proxy from before, or it does not say why', () => {
    expect(saidOf([astray('404 NR')]).verdict).toMatchObject({ rule: 'no-route', confidence: 'possible' });
    expect(saidOf([astray('503 -'), other]).verdict).toMatchObject({ rule: 'proxy-answered', confidence: 'possible' });
    expect(saidOf([astray('404 NR', { requests: 25 }), other]).verdict).toMatchObject({ confidence: 'possible' });
  });

  it('are where the requests of an edge went that gets none any more', () => {
    const lost = readingWith(edgeNamed(), { caller: gone, callee: gone });
    const { findings } = saidOf([lost, astray('404 NR')]);
    expect(findings.map(({ rule, confidence }) => [rule, confidence])).toEqual([['no-route', 'likely']]);
  });

  it('without a host are refused by the proxy of their caller, and not by what nobody knows', () => {
    const { verdict } = saidOf([astray('400 -'), other]);
    expect(verdict).toMatchObject({ rule: 'proxy-answered', side: "caller's proxy", confidence: 'possible' });
    expect(verdict?.sentence).toMatch(/^The proxy of checkout answers 3,000 requests itself, .* \(HTTP 400\)/);
    const lost = readingWith(edgeNamed(), { caller: gone, callee: gone });
    expect(saidOf([lost, astray('400 -')]).findings.map(({ rule }) => rule)).toEqual(['proxy-answered']);
    // Scanners send such beside an edge that lacks nothing.
    const whole = readingWith(edgeNamed(), { caller: well, callee: well });
    expect(saidOf([whole, astray('400 -')]).verdict?.rule).toBe('healthy');
  });

  it('go to a host that the mesh does not let out: Istio counts them under a name of its own', () => {
    const hole = readingWith(edgeNamed('checkout', 'BlackHoleCluster'), { caller: { now: [[900, '502']], usual: 900 } });
    const { verdict, findings } = saidOf([hole]);
    expect(verdict).toMatchObject({ rule: 'no-route', side: "caller's proxy", firstCheck: { object: 'ServiceEntry in shop' } });
    expect(findings.length).toBe(1);
  });

  it('explain no failure of the edge beside them', () => {
    const failing = { now: [[2100], [900, '500']] } as const;
    const { verdict, findings } = saidOf([readingWith(edgeNamed(), { caller: failing, callee: failing }), astray('404 NR')]);
    expect(verdict?.rule).toBe('callee-errors');
    expect(findings.find(({ rule }) => rule === 'no-route')?.confidence).toBe('possible');
  });
});
