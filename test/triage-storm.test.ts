import { describe, expect, it } from 'vitest';
import { edgeOf, isEverybody } from '../src/domain/edge.ts';
import { quantile } from '../src/domain/histogram.ts';
import { worstCallerOf } from '../src/domain/worst-caller.ts';
import { seenByAll } from '../src/episodes/figures.ts';
import type { Found } from '../src/inquiry.ts';
import { planFollow } from '../src/stages/follow/plan.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import { broken, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');

const turned = (found: Found): Found => {
  const edge = edgeOf(found.subject);
  return edge === null ? found : seenByAll(found, edge);
};
const callers = ['cart', 'web', 'mobile', 'checkout'];

/** Of cart four in five fail, of the others one in five, of ten a second each. */
const failing = (caller: string): readonly Flow[] => {
  const bad = caller === 'cart' ? 8 : 2;
  return [
    { caller, callee: 'payments', perSecond: broken(10, 10 - bad) },
    { caller, callee: 'payments', code: '503', perSecond: broken(0, bad) },
  ];
};
/** Cart and web wait for seconds, the others as ever. */
const slow = (caller: string): readonly Flow[] => {
  const isSlow = caller === 'cart' || caller === 'web';
  return [
    { caller, callee: 'payments', perSecond: broken(10, isSlow ? 0 : 10) },
    ...(isSlow ? [{ caller, callee: 'payments', code: '201', seconds: 2, perSecond: broken(0, 10) }] : []),
  ];
};

describe.skipIf(engine.path === '')(`a callee as all its callers see it, by a real Prometheus${engine.skipped}`, () => {
  it('has the errors of all of them together, a verdict, and the worst caller by name', async () => {
    const { evidence, diagnosis, calls } = await seededTriage(engine.path, { flows: callers.flatMap(failing), turned });
    const [top] = evidence.path;
    expect(top && isEverybody(top.source)).toBe(true);
    const whole = evidence.readings.find(({ edge }) => isEverybody(edge.source));
    // 8 + 3 × 2 of 40 a second.
    const { failed = 0, requests = 1 } = whole?.caller?.counts.now ?? {};
    expect(failed / requests).toBeCloseTo(0.35, 1);
    expect(whole?.callee?.counts.now.requests).toBeCloseTo(requests, -2);
    expect(diagnosis.verdict?.rule).toBe('callee-errors');
    expect(diagnosis.impact).toMatchObject({ callers: 4, callersAffected: 4 });
    const worst = top === undefined ? null : worstCallerOf(top, evidence.readings);
    expect(worst?.edge.source.workload).toBe('cart');
    expect((worst?.counts.failed ?? 0) / (worst?.counts.requests ?? 1)).toBeCloseTo(0.8, 1);
    expect(planFollow(evidence)?.edge.source.workload).toBe('cart');
    expect(calls).toBeLessThanOrEqual(14);
    expect(evidence.gaps).toEqual([]);
  });

  it('has the latency and the picture of all of them together', async () => {
    const { evidence, diagnosis } = await seededTriage(engine.path, { flows: callers.flatMap(slow), turned });
    const whole = evidence.readings.find(({ edge }) => isEverybody(edge.source));
    const now = whole?.caller?.latency?.now;
    // Half of all requests wait two seconds: of one caller alone all would, or none.
    expect(now && quantile(0.25, now)?.seconds).toBeLessThan(0.1);
    expect(now && quantile(0.75, now)?.seconds).toBeGreaterThan(1);
    expect(diagnosis.signals.find(({ signal }) => signal === 'latency')).toMatchObject({ moved: true });
    const curve = evidence.picture?.ok ? (evidence.picture.value?.traffic.now ?? []) : [];
    expect(Math.max(...curve.map(([, value]) => value).filter(Number.isFinite))).toBeGreaterThan(35);
    expect(evidence.picture?.ok && evidence.picture.value?.latency.p50.some(([, value]) => Number.isFinite(value))).toBe(true);
  });
});
