import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import type { DayRows } from '../src/domain/slo/reading.ts';
import { standingOf } from '../src/domain/slo/standing.ts';
import type { Slo } from '../src/domain/slo.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { SloDays } from '../src/ports.ts';
import { countSlo } from '../src/read-slo.ts';
import { engineFor } from './support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from './support/seeded-prometheus.ts';
import { type Happened, happenedIn, type SeededCounter, seededCounter } from './support/seeded-slo.ts';

const dayMinutes = 1440;
const atMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000 + 1_380_000;
const days = 33;
const fromMs = atMs - days * dayMinutes * 60_000;
const end = days * dayMinutes;
/** The minute so many days before now. */
const ago = (daysAgo: number, minutes = 0): number => Math.round(end - daysAgo * dayMinutes + minutes);

const base = {
  reporter: 'destination',
  source_workload_namespace: 'shop',
  destination_service_namespace: 'shop',
  destination_service_name: 'payments',
  destination_workload: 'payments-v1',
  destination_version: 'v1',
  request_protocol: 'http',
};

const ok: Happened = (minute) => 60 + (minute % 7);
const burst: Happened = (minute) => (minute > ago(9) && minute <= ago(9, 30) ? 20 : 0);
const single: Happened = (minute) => (minute === ago(3, 17) ? 1 : 0);
const today: Happened = (minute) => (minute > end - 40 ? 5 : 0);
const refusals: Happened = (minute) => (minute % 60 === 0 ? 1 : 0);
const old: Happened = (minute) => (minute > ago(31) && minute <= ago(31, 60) ? 50 : 0);

const counters: readonly SeededCounter[] = [
  {
    happened: ok,
    resets: [ago(14)],
    bornAt: 0,
    labels: { source_workload: 'checkout', response_code: '200', response_flags: '-', pod: 'a' },
  },
  { happened: ok, bornAt: 0, labels: { source_workload: 'storefront', response_code: '200', response_flags: '-', pod: 'b' } },
  { happened: burst, labels: { source_workload: 'checkout', response_code: '503', response_flags: 'UF', pod: 'a' } },
  { happened: single, labels: { source_workload: 'storefront', response_code: '503', response_flags: '-', pod: 'b' } },
  {
    happened: today,
    labels: { source_workload: 'storefront', response_code: '500', response_flags: '-', pod: 'b', destination_version: 'v2' },
  },
  { happened: old, labels: { source_workload: 'checkout', response_code: '500', response_flags: '-', pod: 'a' } },
  {
    happened: refusals,
    bornAt: 0,
    labels: { source_workload: 'checkout', response_code: '403', response_flags: 'UAEX', pod: 'a' },
  },
].map(({ labels, ...rest }) => ({ metric: 'istio_requests_total', labels: { ...base, ...labels }, ...rest }));

const slo = (more: Partial<Slo> = {}): Slo => ({
  name: 'payments-availability',
  about: { kind: 'service', callee: { namespace: 'shop', workload: null, service: 'payments' } },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 30 },
  cluster: null,
  owner: null,
  channel: null,
  origin: { format: 'Edgewise', file: 'slos.yaml' },
  ...more,
});

const remembered = () => {
  const kept = new Map<string, DayRows>();
  const key = (cluster: string, promql: string, day: number): string => JSON.stringify([cluster, promql, day]);
  const store: SloDays = {
    known: async (cluster, promql, wanted) => wanted.flatMap((day) => kept.get(key(cluster, promql, day)) ?? []),
    keep: async (cluster, promql, rows) => {
      kept.set(key(cluster, promql, rows.day), rows);
    },
  };
  return { store, kept };
};

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`An objective counted from a real Prometheus with 33 days of history${skipped}`, () => {
  let seeded: SeededPrometheus;
  let cluster: Cluster;
  let asked: string[] = [];
  beforeAll(async () => {
    const series = counters.map((counter) => seededCounter(counter, { fromMs, minutes: end }));
    seeded = await seededPrometheus(path, series);
    const metrics: Cluster['metrics'] = {
      ...seeded.metrics,
      range: (promql, range, ask) => {
        asked.push(`${promql} ${range.startMs}`);
        return seeded.metrics.range(promql, range, ask);
      },
    };
    cluster = { name: 'prod', dialect: istio, metrics, rules: null, deadlineMs: 30_000 };
  }, 120_000);
  afterAll(() => seeded?.stop());

  const truth = (minutesBack: number, kinds: readonly Happened[]): number =>
    kinds.reduce((sum, kind) => sum + happenedIn(kind, end - minutesBack, end), 0);
  const bad = [burst, single, today, old];
  const all = [ok, ok, ...bad, refusals];

  it('counts what happened, first errors of new series and resets among it, and nothing of before the window', async () => {
    const reading = await countSlo({ days: remembered().store }, cluster, slo(), atMs);
    expect(reading.gaps).toEqual([]);
    const { total = 0, bad: failed = 0 } = reading.whole?.events ?? {};
    expect(failed / truth(30 * dayMinutes, bad)).toBeCloseTo(1, 2);
    expect(total / truth(30 * dayMinutes, all)).toBeCloseTo(1, 3);
    for (const [window, burnt] of reading.burnt) {
      const expected = truth(window / 60, bad) / truth(window / 60, all);
      expect(burnt?.ratio ?? Number.NaN, `over ${window} s`).toBeCloseTo(expected, 3);
    }
    expect(reading.coverage).toBeGreaterThan(0.99);
    const standing = standingOf(reading);
    expect(standing.state).toBe('at-risk');
    expect(standing.burning?.longSeconds).toBe(3600);
    expect(reading.hours.flatMap(({ spent }) => spent).filter(({ version }) => version === 'v2').length).toBeGreaterThan(0);
    expect(standing.left).toBeCloseTo(1 - truth(30 * dayMinutes, bad) / truth(30 * dayMinutes, all) / 0.001, 1);
  }, 60_000);

  it('asks for a finished day once, ever', async () => {
    const { store, kept } = remembered();
    asked = [];
    const first = await countSlo({ days: store }, cluster, slo(), atMs);
    expect(asked.length).toBe(31);
    expect(kept.size).toBeGreaterThanOrEqual(29);
    asked = [];
    const second = await countSlo({ days: store }, cluster, slo(), atMs);
    expect(asked.length).toBe(31 - kept.size);
    expect(second).toEqual(first);
    asked = [];
    await countSlo(
      { days: store },
      cluster,
      slo({ sli: { kind: 'availability', bad: 'failed-and-refused', reporter: 'destination' } }),
      atMs,
    );
    expect(asked.length).toBe(31 - kept.size);
  }, 60_000);
});
