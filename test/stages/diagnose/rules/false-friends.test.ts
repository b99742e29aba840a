import { describe, expect, it } from 'vitest';
import type { Edge } from '../../../../src/domain/edge.ts';
import { got } from '../../../../src/domain/gathered.ts';
import { readingWith, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';
import { calleesProxy } from '../flag-rows/row.ts';
import { diagnosed, type Fault, readingAt } from '../flags.ts';

const nowhere: Edge = { ...edgeNamed(), destination: { namespace: null, workload: null, service: null } };
const failing: Fault = { caller: '500 -', callee: '500 -' };
const rulesOf = (fault: Fault, others: Parameters<typeof diagnosed>[1] = []) =>
  diagnosed(fault, others).findings.map(({ rule }) => rule);

describe('a few broken requests beside an edge that fails by itself', () => {
  it.each(['400 DPE', '400 IH'])('explain nothing of it: %s', (seen) => {
    const scanner = readingAt(nowhere, { caller: seen, callee: 'none', share: 1, isNew: true, requests: 40 });
    expect(rulesOf(failing, [scanner])).toEqual(['callee-errors']);
  });
});

describe('a fault that is injected into a few', () => {
  const slow = { mean: 0.4, usualMean: 0.02 };
  it('does not explain why the callee itself is slow', () => {
    const injected = readingWith(edgeNamed(), {
      caller: { now: [[2700], [300, '200', 'DI']], ...slow },
      callee: { now: [[3000]], ...slow },
    });
    expect(saidOf([injected]).verdict).toMatchObject({ rule: 'slow-callee', side: 'callee application' });
  });

  it('does not explain a slowness of all', () => {
    const injected = readingWith(edgeNamed(), {
      caller: { now: [[2990], [10, '200', 'DI']], ...slow },
      callee: { now: [[3000]], mean: 0.02 },
    });
    expect(saidOf([injected]).verdict).toMatchObject({ rule: 'slow-callee', side: 'network/TLS' });
  });
});

describe('time that is lost on the way', () => {
  it("is not the callee's because its slowest few take longer too", () => {
    const delayed = readingWith(edgeNamed(), {
      caller: { now: [[320], [190, '200', 'DI']], mean: 0.6, usualMean: 0.03 },
      callee: { now: [[510]], mean: 0.029, usualMean: 0.029 },
    });
    const buckets = (slow: number) => ({ boundsSeconds: [0.05, 0.1, 0.5], counts: [510 - slow, 0, slow, 0] });
    const local = Array.from({ length: 24 }, () => buckets(1));
    const latency = { now: buckets(12), halves: null, previous: null, local, base: [] };
    const callee = delayed.callee === null ? null : { ...delayed.callee, latency };
    expect(saidOf([{ ...delayed, callee }]).verdict).toMatchObject({ rule: 'fault-injected', side: 'policy' });
  });

  it('sends the reader to the caller and to what lies between, not into the callee', () => {
    const { verdict } = diagnosed({ caller: '200 -', callee: '200 -', slow: 'caller', share: 0.9 });
    expect(verdict).toMatchObject({ rule: 'slow-callee', side: 'network/TLS' });
    expect(verdict?.firstCheck.object).toBe('Deployment shop/checkout');
    expect(verdict?.firstCheck.sentence).not.toMatch(/garbage|locks/);
  });
});

describe('a callee that is slow', () => {
  const both = { now: [[3000]], mean: 0.4, usualMean: 0.02 } as const;
  const slow = readingWith(edgeNamed(), { caller: both, callee: both });

  it('is not said to have looked at calls that it does not make, or that could not be read', () => {
    expect(saidOf([slow]).verdict?.evidence).toContain('the mesh sees no call that payments makes itself');
    const stopped = 'the walk downstream stopped at payments, whose own calls could not be read';
    expect(saidOf([slow], { pathStopped: stopped }).verdict?.evidence).toContain(stopped);
  });

  it('is not blamed where its own proxy alone times it so: no caller waits longer', () => {
    const buckets = (usual: number, slow: number) => ({ boundsSeconds: [0.1, 0.5, 1], counts: [usual, slow, 0, 0] });
    const timed = (slow: number) => ({
      local: Array.from({ length: 6 }, () => buckets(2900, 100)),
      base: [],
      now: buckets(3000 - slow, slow),
      halves: null,
      previous: null,
    });
    const seen = readingWith(edgeNamed(), { caller: { now: [[3000]] }, callee: { now: [[3000]] } });
    const calleeOnly = {
      ...seen,
      caller: seen.caller && { ...seen.caller, latency: timed(100) },
      callee: seen.callee && { ...seen.callee, latency: timed(1500) },
    };
    expect(saidOf([calleeOnly]).findings.map(({ rule }) => rule)).not.toContain('slow-callee');
  });

  it('is not explained by one host that was ejected', () => {
    const fault: Fault = { caller: '200 -', callee: '200 -', slow: 'both', share: 0.9 };
    const ejected = diagnosed({ ...fault, moved: ['caller/outlier_detection_ejections_enforced_total=1'] });
    expect(ejected.verdict?.rule).toBe('slow-callee');
  });
});

describe('a counter that rose by a few', () => {
  it('does not make a policy of the refusals of the application', () => {
    const fault: Fault = { caller: '403 -', callee: '403 -' };
    expect(rulesOf({ ...fault, moved: ['callee/http_rbac_denied'] })[0]).toBe('rbac-denied');
    expect(rulesOf({ ...fault, moved: ['callee/http_rbac_denied=8'] })[0]).toBe('callee-errors');
  });

  it('does not make TLS of connections that are refused', () => {
    const fault: Fault = { caller: '503 UF', callee: 'none' };
    expect(rulesOf({ ...fault, moved: ['callee/listener_ssl_connection_error'] })[0]).toBe('mtls-failure');
    expect(rulesOf({ ...fault, moved: ['callee/listener_ssl_connection_error=6'] })[0]).toBe('connection-failure');
  });
});

describe('a workload whose name begins with a t', () => {
  it('keeps it', () => {
    const tickets = readingAt(edgeNamed('checkout', 'tickets'), { caller: '200 UPE', callee: '200 UPE' });
    expect(saidOf([tickets]).verdict?.sentence).toMatch(/^tickets dies or closes/);
  });
});

describe('a mesh whose proxies are not Envoys', () => {
  const words = (side: string) =>
    saidOf(
      [
        readingWith(edgeNamed(), {
          caller: { now: [[2000], [1000, side, '-']] },
          callee: side === '403' ? { now: [[2000], [1000, side, '-']] } : { now: [[2000]], usual: 3000 },
        }),
      ],
      { mesh: 'linkerd', proxyCounters: got([]) },
    ).findings.flatMap(({ sentence, evidence }) => [sentence, ...evidence]);

  it.each(['403', '503'])('is not told of the counters or flags of one: %s', (code) => {
    expect(words(code).length).toBeGreaterThan(0);
    expect(words(code).join(' · ')).not.toMatch(/counter|http_|response flag|overload/);
  });

  it('has no policy for tokens: a 401 is the application', () => {
    const side = { now: [[2000], [1000, '401', '-']] } as const;
    const { verdict } = saidOf([readingWith(edgeNamed(), { caller: side, callee: side })], { mesh: 'linkerd' });
    expect(verdict?.rule).toBe('callee-errors');
  });

  it('answers for a callee that it cannot reach', () => {
    expect(words('503')[0]).toMatch(/^The proxy of checkout answers for payments itself: .* as when it cannot reach payments$/);
  });
});

describe('an edge whose durations nobody counts', () => {
  const untimed = (seen: string) => {
    const reading = readingAt(edgeNamed(), { caller: seen, callee: '0 DC' });
    const bare = (side: typeof reading.caller) => (side === null ? null : { ...side, latency: null, duration: null });
    return saidOf([{ ...reading, caller: bare(reading.caller), callee: bare(reading.callee) }]).verdict;
  };

  it('is not said to be as fast as usual when a timeout cuts it', () => {
    expect(untimed('504 UT')).toMatchObject({ rule: 'upstream-timeout', side: 'callee application', confidence: 'possible' });
    expect(untimed('504 UT')?.sentence).toMatch(/cuts .* whether payments is slower than usual is not known$/);
  });

  it('nor when clients leave', () => {
    expect(untimed('0 DC')?.rule).toBe('client-gave-up');
    expect(untimed('0 DC')?.sentence).toMatch(/before the answer$/);
  });
});

describe('a waypoint that answers itself', () => {
  it('is not looked for in a pod of the caller', () => {
    const reading = readingWith(edgeNamed(), { caller: { now: [[2000], [1000, '503', '-']] }, callee: { now: [[2000]] } });
    const { verdict } = saidOf([reading], { mesh: 'ambient' });
    expect(verdict).toMatchObject({ rule: 'proxy-answered', side: calleesProxy });
    expect(verdict?.firstCheck).toMatchObject({ object: 'Gateway (waypoint) of shop/payments', command: null });
  });
});

describe('a rate limit', () => {
  const limited = { now: [[2000], [1000, '429', 'RL']] } as const;
  it('is called new or lower only where the traffic is known to be as ever', () => {
    const known = saidOf([readingWith(edgeNamed(), { caller: limited, callee: limited })]);
    expect(known.verdict?.evidence.join()).toMatch(/about as much as usual: others ask more, or the limit is new or lower/);
    const young = readingAt(edgeNamed(), { caller: '429 RL', callee: '429 RL', isNew: true });
    expect(saidOf([young]).verdict).toMatchObject({ rule: 'rate-limited' });
    expect(saidOf([young]).verdict?.evidence.join()).not.toMatch(/usual/);
  });
});
