import { describe, expect, it } from 'vitest';
import { edgeTitle } from '../../../../src/domain/edge.ts';
import type { EdgeReading, PodReading } from '../../../../src/domain/signals.ts';
import { readingWith, type Side, saidOf } from '../../../support/edges.ts';
import { edgeNamed } from '../../../support/report.ts';

const pod = (name: string, version: string, mean: number): PodReading => ({
  name: `payments-${name}`,
  isPod: true,
  version,
  requests: 1000,
  failed: 0,
  duration: { requests: 1000, totalSeconds: 1000 * mean },
  before: 1000,
});

/** As slow as its pods say, and before as slow as `usualMean`. */
const payments = (pods: readonly PodReading[], usualMean = 0.02, more: Partial<Side> = {}): EdgeReading => {
  const timed = pods.map(({ duration }) => duration?.totalSeconds ?? 0);
  const mean = timed.reduce((sum, seconds) => sum + seconds, 0) / (1000 * pods.length);
  const side: Side = { now: [[1000 * pods.length]], mean, usualMean, ...more };
  return { ...readingWith(edgeNamed(), { caller: side, callee: side }), pods };
};

const above = (caller: string, callee: string, mean: number): EdgeReading => {
  const side: Side = { now: [[3000]], mean, usualMean: 0.05 };
  return readingWith(edgeNamed(caller, callee), { caller: side, callee: side });
};

const v2Slow = [pod('a', 'v1', 0.02), pod('b', 'v1', 0.02), pod('c', 'v2', 1.5)];

describe('one version that is slow while the others are not', () => {
  it('is named, with what rolls it back', () => {
    const { verdict, findings } = saidOf([payments(v2Slow)]);
    expect(verdict).toMatchObject({ rule: 'one-version-bad', side: 'callee application' });
    expect(verdict?.sentence).toBe('Version v2 of payments is slow: it takes 1.5 s on average, against 20 ms of the others');
    expect(verdict?.firstCheck.command).toBe('kubectl -n shop rollout history deploy/payments-v1');
    expect(findings.map(({ rule }) => rule)).not.toContain('slow-callee');
  });

  it.each([
    ['the call above', [above('storefront', 'checkout', 0.55)], 'storefront → checkout'],
    [
      'the gateway',
      [above('istio-ingressgateway', 'storefront', 0.55), above('storefront', 'checkout', 0.55)],
      'istio-ingressgateway → storefront',
    ],
  ] as const)('is named in the same words when the alert is on %s', (_, readings, title) => {
    const { verdict, findings } = saidOf([...readings, payments(v2Slow)]);
    expect(verdict).toMatchObject({ rule: 'one-version-bad', side: 'callee application' });
    expect(verdict?.sentence).toBe(
      `${title} suffers from below: version v2 of payments is slow: it takes 1.5 s on average, against 20 ms of the others`,
    );
    expect(verdict === null ? '' : edgeTitle(verdict.at)).toBe('checkout → payments');
    expect(findings.map(({ rule }) => rule)).not.toContain('slow-dependency');
  });

  it.each<[string, EdgeReading]>([
    ['all versions are slow', payments([pod('a', 'v1', 1.4), pod('b', 'v1', 1.5), pod('c', 'v2', 1.5)])],
    ['it was always the slower one, and the others are slow now', payments([pod('a', 'v1', 0.5), pod('c', 'v2', 1.6)], 0.2)],
    ['it is the only one', payments([pod('a', 'v2', 1.5), pod('b', 'v2', 1.5)])],
    [
      'it has too few requests to tell',
      payments([pod('a', 'v1', 1.5), { ...pod('c', 'v2', 9), duration: { requests: 9, totalSeconds: 81 } }]),
    ],
  ])('is not said when %s', (_why, reading) => {
    expect(saidOf([reading]).findings.map(({ rule }) => rule)).not.toContain('one-version-bad');
  });

  it('is not said of an edge that is as fast as ever: a version may be slower by design', () => {
    expect(saidOf([payments(v2Slow, 0.513)]).verdict?.side).toBe('nothing wrong');
  });

  it('stands behind errors that all versions make', () => {
    const { verdict } = saidOf([payments(v2Slow, 0.02, { now: [[1500], [1500, '500']] })]);
    expect(verdict?.rule).toBe('callee-errors');
  });
});

describe('one pod that is slow', () => {
  const slowPod = [pod('a', 'v1', 1.5), pod('b', 'v1', 0.02), pod('c', 'v2', 0.02)];

  it('is the pod, not its version: at the edge, and seen from the gateway', () => {
    const way = [above('istio-ingressgateway', 'storefront', 0.55), above('storefront', 'checkout', 0.55)];
    for (const readings of [[payments(slowPod)], [...way, payments(slowPod)]]) {
      const { verdict, findings } = saidOf(readings);
      expect(verdict?.sentence).toMatch(/[Oo]ne pod of payments is slow: payments-a takes 1\.5 s on average/);
      expect(findings.map(({ rule }) => rule)).not.toContain('one-version-bad');
    }
  });
});

describe('a data store that is slow, seen from the gateway', () => {
  const slow = (caller: string, callee: string, mean: number, usualMean: number) => {
    const side: Side = { now: [[3000]], mean, usualMean };
    return readingWith(edgeNamed(caller, callee), { caller: side, callee: side });
  };

  it('is found below a service that asks for it twice in turn, by means alone', () => {
    const { verdict } = saidOf([
      // Some of what the gateway asks goes no further than the storefront.
      slow('istio-ingressgateway', 'storefront', 1.9, 0.08),
      slow('storefront', 'checkout', 3.15, 0.12),
      slow('checkout', 'inventory', 1.54, 0.03),
      slow('checkout', 'payments', 1.55, 0.05),
      slow('payments-v1', 'bank', 1.52, 0.025),
      slow('inventory-v1', 'bank', 1.52, 0.025),
    ]);
    expect(verdict?.rule).toBe('slow-dependency');
    expect(verdict === null ? '' : edgeTitle(verdict.at)).toMatch(/^(payments|inventory)-v1 → bank$/);
    expect(verdict?.firstCheck.object).toBe('Deployment shop/bank-v1');
  });
});
