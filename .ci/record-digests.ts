/**
 * Records test/scenarios/digest from a real Prometheus: `node .ci/record-digests.ts`. Each folder holds what was read of every objective
 * at one moment, what the channel was told before, and the digest that came of it; the test composes it anew.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { httpSource } from '../src/adapters/http/client.ts';
import { prometheus } from '../src/adapters/prometheus/metrics-source.ts';
import { freePort } from '../src/demo/engine-process.ts';
import { istio } from '../src/dialects/istio.ts';
import { hourMs } from '../src/domain/time.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { MetricsSource } from '../src/ports.ts';
import { readObjectives } from '../src/read-objectives.ts';
import { objectivesIn } from '../test/support/recorded-answers.ts';
import { memoryOf, type RecordedDigest, writeDigest } from '../test/support/recorded-digests.ts';
import { failedBeforeMs, seededPast, shopSlos } from './slo-past.ts';

/** A fixed moment, so that a new recording differs only by what changed in the program. */
const endMs = Date.parse('2026-11-24T07:15:00Z');
const dayMs = 24 * hourMs;

const world = objectivesIn(shopSlos, { name: 'demo', mesh: 'istio' });
const calm = { ...world, slos: world.slos.filter(({ name }) => name === 'checkout-payments') };

const clusterOf = (metrics: MetricsSource): Cluster => ({
  name: 'demo',
  dialect: istio,
  metrics,
  rules: null,
  deadlineMs: 20_000,
});

const readAt = async (metrics: MetricsSource, atMs: number, of = world): Promise<RecordedDigest['readings']> =>
  (await readObjectives(of, [clusterOf(metrics)], of.slos, atMs, 60_000)).map(({ reading }) => reading);

const write = (name: string, told: RecordedDigest): void => {
  const folder = join('test/scenarios/digest', name);
  mkdirSync(folder, { recursive: true });
  writeDigest(folder, told);
  process.stdout.write(`recorded ${name}: ${told.readings.length} readings\n`);
};

const past = await seededPast(endMs);
try {
  const before = endMs - failedBeforeMs - 2 * hourMs;
  const readings = await readAt(past.metrics, endMs);
  const [edge] = readings.filter(({ slo }) => slo.name === 'checkout-payments');
  const openedAtMs = endMs - failedBeforeMs + 3 * 60_000;
  const incident = { id: 'i-1', title: 'checkout → payments', openedAtMs, closedAtMs: openedAtMs + hourMs };
  const incidents = [{ ...incident, edge: edge?.slo.about.kind === 'edge' ? edge.slo.about.edge : null }];
  const first = { atMs: endMs, lastAtMs: null, rhythm: 'daily', memory: [], incidents } as const;
  write('first', { ...first, readings });
  const earlier = memoryOf(await readAt(past.metrics, before));
  write('changed', { ...first, lastAtMs: before, memory: earlier, readings });
  const yesterday = { atMs: endMs, lastAtMs: endMs - dayMs, rhythm: 'daily', incidents: [] } as const;
  const calmBefore = memoryOf(await readAt(past.metrics, endMs - dayMs, calm));
  write('quiet', { ...yesterday, memory: calmBefore, readings: await readAt(past.metrics, endMs, calm) });
  // Years before the first sample.
  const noneMs = Date.parse('2024-11-24T07:15:00Z');
  write('no-data', {
    ...yesterday,
    atMs: noneMs,
    lastAtMs: noneMs - dayMs,
    memory: earlier,
    readings: await readAt(past.metrics, noneMs),
  });
  const http = httpSource({ name: 'Prometheus', url: `http://127.0.0.1:${await freePort()}` });
  const options = { pinned: [], concurrency: 4, maxSeries: 50_000, queryTimeoutSeconds: 30, onQuery: () => undefined };
  write('source-down', { ...yesterday, memory: earlier, readings: await readAt(prometheus(http, options), endMs) });
  await http.close();
} finally {
  await past.stop();
}
