import { expect, it } from 'vitest';
import { istio } from '../../src/dialects/istio.ts';
import { recentEvidence } from '../../src/episodes/recent.ts';
import type { MetricsSource } from '../../src/ports.ts';
import { askedFor } from '../../src/triage.ts';
import { call, holding } from '../support/metrics.ts';
import { alertWith, edgeNamed, nowMs } from '../support/report.ts';

const counted = () => {
  const inner = holding(call('checkout', 'payments', { 200: 700, 503: 300 }));
  let calls = 0;
  const metrics: MetricsSource = {
    ...inner,
    instant: (...given) => {
      calls += 1;
      return inner.instant(...given);
    },
    range: (...given) => {
      calls += 1;
      return inner.range(...given);
    },
  };
  return { cluster: { name: 'prod', dialect: istio, metrics, rules: null, deadlineMs: 1000 }, calls: () => calls };
};

it('forty deliveries about one edge cost the calls of one, each with its own alerts; ten seconds later it is measured anew', async () => {
  const { cluster, calls } = counted();
  let told = 0;
  const { measured } = recentEvidence(() => {
    told += 1;
  });
  const found = askedFor(edgeNamed());
  const ask = (index: number, atMs: number) =>
    measured(cluster, 'edge', found, [{ ...alertWith(), fingerprint: `f${index}` }], atMs);
  const evidences = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index, nowMs + index)));
  const once = calls();
  expect(once).toBeLessThanOrEqual(14);
  expect(evidences.map(({ alerts }) => alerts[0]?.fingerprint)).toEqual(Array.from({ length: 40 }, (_, index) => `f${index}`));
  await ask(40, nowMs + 9000);
  expect(calls()).toBe(once);
  await measured(cluster, 'another', found, [alertWith()], nowMs);
  await ask(41, nowMs + 11_000);
  expect(calls()).toBe(3 * once);
  expect(told).toBe(3);
});
