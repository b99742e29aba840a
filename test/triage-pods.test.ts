import { describe, expect, it } from 'vitest';

import { renamed } from '../src/dialects/index.ts';
import { istio } from '../src/dialects/istio.ts';
import { engineFor } from './support/engine.ts';
import type { Flow } from './support/seeded-mesh.ts';
import { broken, seededTriage } from './support/seeded-triage.ts';

const engine = await engineFor('prometheus');
const pods = ['a', 'b', 'c', 'd'];

/** Twenty a second over four pods, as the callee's proxies count them: each under the label that its scrape adds. */
const podFlows = (label: string, badPod: string, rate = 4): readonly Flow[] => [
  ...pods.flatMap((name): readonly Flow[] => {
    const labels = { [label]: `payments-${name}`, instance: `10.0.0.${name.charCodeAt(0)}:15020` };
    const flow = { caller: 'checkout', callee: 'payments', reporters: ['destination'] as const, labels };
    return name === badPod
      ? [
          { ...flow, perSecond: broken(5, 5 - rate) },
          { ...flow, code: '500', perSecond: broken(0, rate) },
        ]
      : [{ ...flow, perSecond: () => 5 }];
  }),
  { caller: 'checkout', callee: 'payments', reporters: ['source'], perSecond: broken(20, 20 - rate) },
  { caller: 'checkout', callee: 'payments', reporters: ['source'], code: '500', perSecond: broken(0, rate) },
];

/** The alert is two calls above the sick one. */
const atTheTop = {
  source_workload: 'gateway',
  source_workload_namespace: 'shop',
  destination_service_name: 'frontend',
  destination_service_namespace: 'shop',
};

describe.skipIf(engine.path === '')(`the pods of a callee, by a real Prometheus${engine.skipped}`, () => {
  it('one that fails is named by the label of its scrape, and costs no call', async () => {
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, { flows: podFlows('pod', 'b') });
    expect(diagnosis.verdict?.rule).toBe('one-pod-bad');
    expect(diagnosis.verdict?.sentence).toBe(
      'One pod of payments is bad: payments-b fails 80 % of its requests, against 0 % of its 3 siblings',
    );
    expect(evidence.readings.flatMap(({ pods: seen = [] }) => seen.map(({ name, before }) => [name, before > 1000]))).toEqual(
      expect.arrayContaining([['payments-a', true]]),
    );
    expect(calls).toBeLessThanOrEqual(14);
  });

  it('an installation may call the label otherwise', async () => {
    const dialect = renamed(istio, { metrics: {}, labels: { pod: 'kubernetes_pod_name' } });
    const { diagnosis } = await seededTriage(engine.path, { flows: podFlows('kubernetes_pod_name', 'b'), dialect });
    expect(diagnosis.verdict?.firstCheck.command).toBe('kubectl -n shop describe pod payments-b');
  });

  it('without such a label the address tells it, without a command', async () => {
    const { diagnosis } = await seededTriage(engine.path, { flows: podFlows('elsewhere', 'b') });
    expect(diagnosis.verdict).toMatchObject({ rule: 'one-pod-bad', firstCheck: { command: null } });
    expect(diagnosis.verdict?.sentence).toMatch(/10\.0\.0\.98:15020 fails 80 %/);
  });

  it('at the end of a long walk it is asked for by itself, and named', async () => {
    const above = (caller: string, callee: string): readonly Flow[] => [
      { caller, callee, perSecond: broken(20, 16) },
      { caller, callee, code: '500', perSecond: broken(0, 4) },
    ];
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, {
      flows: [...above('gateway', 'frontend'), ...above('frontend', 'checkout'), ...podFlows('pod', 'b')],
      labels: atTheTop,
    });
    expect(evidence.path.length).toBe(3);
    expect(diagnosis.verdict?.rule).toBe('one-pod-bad');
    expect(diagnosis.verdict?.sentence).toMatch(
      /^gateway → frontend suffers from below: one pod of payments is bad: payments-b/i,
    );
    expect(calls).toBeLessThanOrEqual(15);
  });

  it('of a slow version are asked for at the end of a long walk too, and the version is named', async () => {
    type Ends = Pick<Flow, 'caller' | 'callee' | 'labels' | 'reporters'>;
    // Another code tells what is slow now from what was fast before.
    const slowed = (ends: Ends, rate: number, before: number, after: number): readonly Flow[] => [
      { ...ends, perSecond: broken(rate, 0), seconds: before },
      { ...ends, code: '201', perSecond: broken(0, rate), seconds: after },
    ];
    const at = (name: string, version: string): Ends => ({
      caller: 'checkout',
      callee: 'payments',
      reporters: ['destination'],
      labels: { pod: `payments-${name}`, destination_version: version },
    });
    const fromCheckout: Ends = { caller: 'checkout', callee: 'payments', reporters: ['source'] };
    const { diagnosis, evidence, calls } = await seededTriage(engine.path, {
      flows: [
        ...slowed({ caller: 'gateway', callee: 'frontend' }, 15, 0.08, 0.58),
        ...slowed({ caller: 'frontend', callee: 'checkout' }, 15, 0.05, 0.55),
        { ...fromCheckout, perSecond: () => 10, seconds: 0.02 },
        ...slowed(fromCheckout, 5, 0.02, 1.52),
        { ...at('a', 'v1'), perSecond: () => 5, seconds: 0.02 },
        { ...at('b', 'v1'), perSecond: () => 5, seconds: 0.02 },
        ...slowed(at('c', 'v2'), 5, 0.02, 1.52),
      ],
      labels: atTheTop,
    });
    expect(evidence.path.length).toBe(3);
    expect(diagnosis.verdict?.sentence).toBe(
      'gateway → frontend suffers from below: version v2 of payments is slow: it takes 1.52 s on average, against 20 ms of the others',
    );
    expect(calls).toBeLessThanOrEqual(15);
  });
});
