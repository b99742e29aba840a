import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../src/domain/edge.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import { broken, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');

/** Another code tells what is slow now from what was fast before. */
const slowed = (caller: string, callee: string, rate: number, before: number, after: number): readonly Flow[] => {
  const ends = { caller, callee, labels: { destination_workload: callee } };
  return [
    { ...ends, perSecond: broken(rate, 0), seconds: before },
    { ...ends, code: '201', perSecond: broken(0, rate), seconds: after },
  ];
};

describe.skipIf(engine.path === '')(`slowness seen from the gateway, by a real Prometheus${engine.skipped}`, () => {
  it('is followed to a service that is asked twice in turn, three calls below', async () => {
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, {
      flows: [
        // Four in ten of what the gateway asks go no further than the storefront.
        {
          caller: 'gateway',
          callee: 'storefront',
          perSecond: () => 4,
          seconds: 0.03,
          labels: { destination_workload: 'storefront' },
        },
        ...slowed('gateway', 'storefront', 6, 0.12, 3.45),
        ...slowed('storefront', 'checkout', 6, 0.1, 3.4),
        ...slowed('checkout', 'inventory', 6, 0.03, 1.53),
        ...slowed('checkout', 'payments', 6, 0.04, 1.54),
        ...slowed('inventory', 'bank', 6, 0.02, 1.52),
        ...slowed('payments', 'bank', 6, 0.02, 1.52),
        { caller: 'checkout', callee: 'prices', perSecond: () => 6, seconds: 0.02, labels: { destination_workload: 'prices' } },
      ],
      labels: {
        source_workload: 'gateway',
        source_workload_namespace: 'shop',
        destination_service_name: 'storefront',
        destination_service_namespace: 'shop',
      },
    });
    expect(evidence.path.length).toBe(4);
    expect(diagnosis.verdict).toMatchObject({ rule: 'slow-dependency', firstCheck: { object: 'Deployment shop/bank' } });
    expect(diagnosis.verdict === null ? '' : edgeTitle(diagnosis.verdict.at)).toMatch(/^(inventory|payments) → bank$/);
    expect(calls).toBeLessThanOrEqual(16);
  });
});
