import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../src/domain/edge.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import { broken, brokenAtMs, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');

const flow = (caller: string, callee: string, before: number, after: number, more: Partial<Flow> = {}): Flow => ({
  caller,
  callee,
  perSecond: broken(before, after),
  ...more,
});

describe.skipIf(engine.path === '')(`traffic that moved, by a real Prometheus${engine.skipped}`, () => {
  it('the caller stopped calling, though it is called itself', async () => {
    const { diagnosis, calls } = await seededTriage(engine.path, {
      flows: [flow('checkout', 'payments', 10, 0), flow('frontend', 'checkout-v1', 10, 10), flow('checkout', 'fraud', 5, 5)],
    });
    // The caller is called by its workload's name there.
    expect(diagnosis.verdict?.rule).toBe('traffic-vanished');
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('who calls the caller stopped', async () => {
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, {
      flows: [flow('checkout-v1', 'payments', 10, 0), flow('frontend', 'checkout', 10, 0), flow('frontend', 'search', 5, 5)],
      labels: {
        source_workload: 'checkout-v1',
        source_workload_namespace: 'shop',
        destination_service_name: 'payments',
        destination_service_namespace: 'shop',
      },
    });
    expect(diagnosis.verdict?.sentence).toMatch(
      /^frontend stopped calling checkout-v1, so checkout-v1 has nothing to ask payments/,
    );
    expect(evidence.readings.map(({ edge }) => edgeTitle(edge))).toEqual([
      'checkout-v1 → payments',
      'frontend → checkout',
      'frontend → search',
    ]);
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('a long way up the clients are gone: one call more for each hop', async () => {
    const named = (caller: string, callee: string, before: number, after: number) =>
      flow(caller, callee, before, after, { labels: { destination_workload: callee } });
    const { diagnosis, calls } = await seededTriage(engine.path, {
      flows: [
        named('istio-ingressgateway', 'storefront', 10, 0),
        named('storefront', 'checkout', 8, 0),
        named('checkout', 'inventory', 8, 0),
        named('inventory', 'bank', 8, 0),
      ],
      labels: {
        source_workload: 'inventory',
        source_workload_namespace: 'shop',
        destination_service_name: 'bank',
        destination_service_namespace: 'shop',
      },
    });
    const { verdict } = diagnosis;
    expect(verdict?.sentence).toMatch(
      /^istio-ingressgateway stopped calling storefront, so inventory has nothing to ask bank: 0/,
    );
    expect(verdict === null ? '' : edgeTitle(verdict.at)).toBe('istio-ingressgateway → storefront');
    expect(verdict?.evidence).toContain(
      'nobody in the mesh is seen calling istio-ingressgateway: it begins there, or with its clients',
    );
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('a target that is not scraped any more has not stopped', async () => {
    const ended = { isThere: (atMs: number) => atMs < brokenAtMs } as const;
    const { diagnosis } = await seededTriage(engine.path, { flows: [flow('checkout', 'payments', 10, 10, ended)] });
    expect(diagnosis.findings.map(({ rule }) => rule)).not.toContain('traffic-vanished');
  });

  it('a surge comes from above, and harms nobody', async () => {
    const { diagnosis } = await seededTriage(engine.path, {
      flows: [
        flow('checkout', 'payments', 10, 80),
        flow('frontend', 'checkout', 10, 80, { labels: { destination_workload: 'checkout' } }),
      ],
    });
    expect(diagnosis.verdict).toMatchObject({ rule: 'traffic-surge', side: 'nothing wrong' });
    expect(diagnosis.verdict?.evidence).toEqual(['it comes down frontend → checkout → payments']);
  });
});
