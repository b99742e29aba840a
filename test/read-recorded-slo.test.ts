import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { standingOf } from '../src/domain/slo/standing.ts';
import { type Slo, windowMark } from '../src/domain/slo.ts';
import type { Cluster } from '../src/inquiry.ts';
import { readRecorded } from '../src/read-recorded-slo.ts';
import { countSlo, type SloWorld } from '../src/read-slo.ts';
import { readSlos } from '../src/read-slos.ts';
import type { RecordedSlo } from '../src/stages/budget/recorded.ts';
import { engineFor } from './support/engine.ts';
import { type SeededPrometheus, type SeededSeries, seededPrometheus } from './support/seeded-prometheus.ts';
import { type Happened, happenedIn, seededCounter } from './support/seeded-slo.ts';

const dayMinutes = 1440;
/** On a slot of five minutes: the slots that rules are asked for stand on multiples of them. */
const lastMs = Math.floor(Date.now() / 300_000) * 300_000;
const days = 34;
const fromMs = lastMs - days * dayMinutes * 60_000;
const end = days * dayMinutes;
const written = end + 8;
const ago = (daysAgo: number, minutes = 0): number => Math.round(end - daysAgo * dayMinutes + minutes);

/** Busy days without a failure, nights of one request a minute of which some fail: a mean over time and one over events part. */
const isNight = (minute: number): boolean => minute % dayMinutes < 360;
const isQuiet = (minute: number): boolean => minute > ago(6) && minute <= ago(6, 20);
const good: Happened = (minute) => (isQuiet(minute) ? 0 : isNight(minute) ? 9 : 600);
const bad: Happened = (minute) => (isQuiet(minute) || !isNight(minute) || minute % 2 === 0 ? 0 : 1);

const counter = (metric: string, labels: Readonly<Record<string, string>>, happened: Happened): SeededSeries =>
  seededCounter({ metric, labels, happened, bornAt: 0 }, { fromMs, minutes: written });

const raw: readonly SeededSeries[] = [
  counter('http_request_duration_seconds_count', { job: 'myservice', code: '200' }, good),
  counter('http_request_duration_seconds_count', { job: 'myservice', code: '503' }, bad),
  counter('http_requests_total', { job: 'thanos-receive-default', code: '200' }, good),
  counter('http_requests_total', { job: 'thanos-receive-default', code: '503' }, bad),
  counter('http_request_duration_seconds_count', { job: 'metrics-service-thanos-receive-default', code: '200' }, good),
  counter('http_request_duration_seconds_bucket', { job: 'metrics-service-thanos-receive-default', code: '200', le: '1' }, (m) =>
    Math.max(0, good(m) - bad(m)),
  ),
];

/** What is said in one number every five minutes, as rules write it. */
const recorded = (name: string, labels: Readonly<Record<string, string>>, value: (minute: number) => number): SeededSeries => ({
  labels: { __name__: name, ...labels },
  samples: Array.from({ length: Math.floor(written / 5) + 1 }, (_, slot) => [fromMs + slot * 300_000, value(slot * 5)] as const),
});

const sloth = { sloth_id: 'edge-latency', sloth_service: 'edge', sloth_slo: 'latency', team: 'edge' };
const cart = { sloth_id: 'cart-availability', sloth_service: 'cart', sloth_slo: 'availability' };
const uuid = { grafana_slo_uuid: 'u1', grafana_slo_name: 'Checkout works', grafana_slo_service: 'checkout' };
const meta = (labels: Readonly<Record<string, string>>, objective: string, periodDays: number): readonly SeededSeries[] => [
  recorded('slo:objective:ratio', labels, () => Number(objective) / 100),
  recorded('slo:time_period:days', labels, () => periodDays),
  recorded('sloth_slo_info', { ...labels, sloth_objective: objective, sloth_mode: 'k8s', sloth_version: 'v0.12.0' }, () => 1),
];
const already: readonly SeededSeries[] = [
  ...meta(sloth, '99.5', 28),
  ...['api', 'web'].flatMap((host) => [
    recorded('slo:sli_error:ratio_rate5m', { ...sloth, sloth_window: '5m', host }, () => (host === 'api' ? 0.001 : 0.02)),
    recorded('slo:sli_error:ratio_rate4w', { ...sloth, sloth_window: '4w', host }, () => (host === 'api' ? 0.001 : 0.02)),
  ]),
  ...meta(cart, '99.9', 30),
  recorded('grafana_slo_info', uuid, () => 1),
  recorded('grafana_slo_objective', uuid, () => 0.995),
  recorded('grafana_slo_objective_window_seconds', uuid, () => 28 * 86_400),
  recorded('grafana_slo_total_rate_5m', uuid, (minute) => (isQuiet(minute) ? Number.NaN : isNight(minute) ? 1 : 100)),
  recorded('grafana_slo_success_rate_5m', uuid, (minute) => (isQuiet(minute) ? Number.NaN : isNight(minute) ? 0.5 : 100)),
];

type FixtureRule = {
  readonly test: string;
  readonly case: string;
  readonly kind: 'record' | 'alert';
  readonly name: string;
  readonly expr: string | null;
  readonly labels: Readonly<Record<string, string>>;
};

/** Pyrra's own expected rules as a file of Prometheus; the objective of the grouped one gets a name of its own, both share one there. */
const pyrraGroups = (rules: readonly FixtureRule[]) => {
  const of = (name: string, slo: string, wanted: (rule: FixtureRule) => boolean) => ({
    name,
    rules: rules
      .filter((rule) => rule.case === name && wanted(rule))
      .map(({ kind, name: record, expr, labels }) => ({ [kind]: record, expr: expr ?? '2419200', labels: { ...labels, slo } })),
  });
  const isGeneric = ({ test }: FixtureRule): boolean => test === 'TestObjective_GrafanaRules';
  return {
    groups: [
      of('http-ratio', 'monitoring-http-errors', () => true),
      of('http-latency', 'monitoring-http-latency', (rule) => !isGeneric(rule)),
      of('http-ratio-grouping', 'grouped-errors', (rule) => !isGeneric(rule)),
    ],
  };
};

/** As Sloth writes them with `--disable-optimized-rules`, and Pyrra with `performanceOverAccuracy` and generic rules. */
const otherWays = () => {
  const labels = { sloth_id: 'exact', sloth_service: 'exact', sloth_slo: 'requests' };
  const ofSloth = (window: string): string =>
    ['code=~"(5..|429)",', '']
      .map((more) => `sum(rate(http_request_duration_seconds_count{${more}job="myservice"}[${window}]))`)
      .join(' / ');
  const share = (window: string) => ({
    record: `slo:sli_error:ratio_rate${window}`,
    expr: ofSloth(window),
    labels: { ...labels, sloth_window: window },
  });
  const period = 'sum by (code) (sum_over_time(http_requests:increase5m{job="thanos-receive-default"}[4w:5m]))';
  const slo = { slo: 'fast' };
  const events = (more: string): string => `sum(http_requests:increase4w{${more}slo="fast"})`;
  return {
    groups: [
      {
        name: 'exact',
        rules: [
          ...['5m', '3d', '30d'].map(share),
          { record: 'slo:objective:ratio', expr: 'vector(0.9990000000000001)', labels },
          { record: 'slo:time_period:days', expr: 'vector(30)', labels },
          { record: 'sloth_slo_info', expr: 'vector(1)', labels: { ...labels, sloth_objective: '99.9' } },
        ],
      },
      {
        name: 'fast',
        rules: [
          {
            record: 'http_requests:increase5m',
            expr: 'sum by (code) (increase(http_requests_total{job="thanos-receive-default"}[5m]))',
            labels: { ...slo, job: 'thanos-receive-default' },
          },
          { record: 'http_requests:increase4w', expr: period, labels: { ...slo, job: 'thanos-receive-default' } },
          { record: 'pyrra_objective', expr: '0.99', labels: slo },
          { record: 'pyrra_window', expr: '2419200', labels: slo },
          { record: 'pyrra_availability', expr: `1 - ${events('code=~"5..",')} / ${events('')}`, labels: slo },
          { record: 'pyrra_requests:rate5m', expr: 'sum(rate(http_requests_total[5m]))', labels: slo },
        ],
      },
    ],
  };
};

const fixtures = process.env['EDGEWISE_FIXTURES'] ?? '';
const golden = join(fixtures, 'slo/sloth/expected/getting-started.yml');
const { path, skipped } = await engineFor('prometheus');
const world: SloWorld = { days: { known: async () => [], keep: async () => undefined } };

/** Means over slots of five minutes and over events of a stretch that ends now, by hand. */
const truth = (minutes: number) => {
  let [sum, slots] = [0, 0];
  for (let to = end - minutes + 5; to <= end; to += 5) {
    const [failed, fine] = [bad, good].map((kind) => happenedIn(kind, to - 5, to));
    const all = (failed ?? 0) + (fine ?? 0);
    if (all > 0) [sum, slots] = [sum + (failed ?? 0) / all, slots + 1];
  }
  const [failed, fine] = [bad, good].map((kind) => happenedIn(kind, end - minutes, end));
  return { byTime: sum / slots, byEvents: (failed ?? 0) / ((failed ?? 0) + (fine ?? 0)) };
};

describe.skipIf(path === '' || fixtures === '')(`What rules record of objectives, in a real Prometheus${skipped}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-rules-'));
  let seeded: SeededPrometheus;
  let cluster: Cluster;
  let atMs = lastMs;
  let asked = 0;
  let found: readonly RecordedSlo[] = [];
  const named = (name: string): RecordedSlo | undefined => found.find(({ reading }) => reading.slo.name === name);

  /** What rules of 5 min would have recorded while nobody ran it. */
  const backfill = async (): Promise<void> => {
    const rules = (await seeded.rules.recording({ signal: AbortSignal.timeout(10_000) })).filter(({ name }) =>
      ['slo:sli_error:ratio_rate5m', 'http_requests:increase5m', 'pyrra_requests:rate5m'].includes(name),
    );
    for (const { name, expression, labels } of rules) {
      const range = { startMs: lastMs - 31 * 86_400_000, endMs: lastMs, stepSeconds: 300 };
      const { value } = await seeded.metrics.range(expression, range, { signal: AbortSignal.timeout(60_000) });
      await seeded.write(
        value.map(({ labels: own, points }) => ({ labels: { ...own, ...labels, __name__: name }, samples: points })),
      );
    }
  };
  const isRecorded = async (promql: string): Promise<boolean> =>
    (await seeded.metrics.instant(promql, Date.now(), { signal: AbortSignal.timeout(20_000) })).value.length > 0;

  beforeAll(async () => {
    const file = join(folder, 'pyrra.json');
    const expected = JSON.parse(readFileSync(join(fixtures, 'slo/pyrra/expected-rules.from-rules_test.json'), 'utf8'));
    writeFileSync(file, JSON.stringify(pyrraGroups(expected)));
    const others = join(folder, 'others.json');
    writeFileSync(others, JSON.stringify(otherWays()));
    seeded = await seededPrometheus(path, [...raw, ...already], [golden, file, others]);
    await backfill();
    for (let tries = 0; tries < 60; tries += 1) {
      if (
        (await isRecorded('slo:period_burn_rate:ratio')) &&
        (await isRecorded('pyrra_availability{slo="fast"} > 0')) &&
        (await isRecorded('slo:sli_error:ratio_rate30d{sloth_id="exact"}')) &&
        (await isRecorded('http_request_duration_seconds:increase4w')) &&
        (await isRecorded('http_requests:increase4w{slo="grouped-errors"}'))
      )
        break;
      await wait(1000);
    }
    // Each rule once more, over what those before it have recorded.
    await wait(11_000);
    const metrics: Cluster['metrics'] = {
      ...seeded.metrics,
      instant: (promql, moment, ask) => {
        asked += 1;
        return seeded.metrics.instant(promql, moment, ask);
      },
    };
    cluster = { name: 'prod', dialect: istio, metrics, rules: seeded.rules, deadlineMs: 60_000 };
    atMs = Date.now();
    const read = await readRecorded(cluster, atMs);
    expect(read.gaps).toEqual([]);
    found = read.slos;
  }, 180_000);
  afterAll(async () => {
    await seeded?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('asks twice for every tool, however many objectives it has', () => {
    expect(found.map(({ by }) => by).sort()).toEqual(['Grafana SLO', ...Array(4).fill('Pyrra'), ...Array(5).fill('Sloth')]);
    expect(asked).toBe(6);
  });

  it("is what Sloth's own rules mean by it: a mean over time, read again without the slots that are 0/0", () => {
    const { reading } = named('myservice-requests-availability') ?? {};
    const { byTime, byEvents } = truth(30 * dayMinutes);
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs: 'time' });
    expect(reading?.slo.objectivePpm).toBe(999_000);
    expect(reading?.slo.window).toEqual({ kind: 'rolling', days: 30 });
    // Quiet for 20 min: three slots whose five minutes had no request at all, and the one at its end.
    expect(reading?.dropped?.slots).toBe(4);
    expect(reading?.whole?.ratio).toBeCloseTo(byTime, 4);
    expect(reading?.whole?.events).toBeNull();
    expect(byTime / byEvents).toBeGreaterThan(10);
    expect(reading?.coverage).toBeGreaterThan(0.99);
    expect([...(reading?.burnt.keys() ?? [])]).toEqual([300, 1800, 3600, 7200, 21_600, 86_400, 259_200]);
    const day = (atMs - lastMs) / 60_000;
    expect(day).toBeLessThan(8);
    expect(reading?.burnt.get(259_200)?.ratio).toBeCloseTo(truth(3 * dayMinutes).byEvents, 4);
  });

  it('stands beside our own count of the same history, which weighs events', async () => {
    const slo: Slo = {
      name: 'own',
      about: { kind: 'named', service: 'myservice' },
      sli: {
        kind: 'queries',
        per: 'second',
        counts: 'bad',
        counted: `sum(rate(http_request_duration_seconds_count{job="myservice",code=~"5.."}[${windowMark}]))`,
        total: `sum(rate(http_request_duration_seconds_count{job="myservice"}[${windowMark}]))`,
      },
      objectivePpm: 999_000,
      window: { kind: 'rolling', days: 30 },
      ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'a.yaml' } },
    };
    const { whole } = await countSlo(world, cluster, slo, lastMs);
    expect((whole?.ratio ?? 0) / truth(30 * dayMinutes).byEvents).toBeCloseTo(1, 2);
  }, 120_000);

  it("is what Pyrra's generic rules record, with the events they are made of", () => {
    const { reading } = named('monitoring-http-errors') ?? {};
    const { byEvents } = truth(28 * dayMinutes);
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Pyrra', weighs: 'events' });
    expect(reading?.slo.objectivePpm).toBe(990_000);
    expect(reading?.slo.window).toEqual({ kind: 'rolling', days: 28 });
    expect((reading?.whole?.ratio ?? 0) / byEvents).toBeCloseTo(1, 2);
    const total = happenedIn(good, end - 28 * dayMinutes, end) + happenedIn(bad, end - 28 * dayMinutes, end);
    expect((reading?.whole?.events?.total ?? 0) / total).toBeCloseTo(1, 2);
    expect(reading?.burnt.has(86_400)).toBe(true);
  });

  it('is read of a latency without generic rules: objective and bad events stand in the rules of Pyrra alone', () => {
    const { reading } = named('monitoring-http-latency') ?? {};
    const slow = happenedIn(bad, end - 28 * dayMinutes, end) / happenedIn(good, end - 28 * dayMinutes, end);
    expect(reading?.slo.objectivePpm).toBe(995_000);
    expect((reading?.whole?.ratio ?? 0) / slow).toBeCloseTo(1, 2);
    expect(reading?.gaps).toEqual([]);
  });

  it('weighs events where Sloth reads its whole period, though another of the same history weighs time', () => {
    const { reading } = named('exact') ?? {};
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs: 'events' });
    expect((reading?.whole?.ratio ?? 0) / truth(30 * dayMinutes).byEvents).toBeCloseTo(1, 2);
    expect(reading?.dropped).toBeUndefined();
    expect(reading?.coverage).toBeGreaterThan(0.99);
  });

  it('weighs events nearly where Pyrra sums increases of five minutes', () => {
    const { reading } = named('fast') ?? {};
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Pyrra', weighs: 'nearly-events' });
    expect((reading?.whole?.ratio ?? 0) / truth(28 * dayMinutes).byEvents).toBeCloseTo(1, 1);
    expect(reading?.coverage).toBeGreaterThan(0.99);
    expect(reading && standingOf(reading).state).toBe('healthy');
  });

  it('is one objective for every group of events', () => {
    const { reading } = found.find(({ id }) => id === 'grouped-errors') ?? {};
    expect(reading?.slo.name).toBe('grouped-errors (job=thanos-receive-default)');
    expect((reading?.whole?.ratio ?? 0) / truth(28 * dayMinutes).byEvents).toBeCloseTo(1, 2);
    const [api, web] = ['api', 'web'].map((host) => named(`edge-latency (host=${host})`)?.reading);
    expect(api?.whole?.ratio).toBe(0.001);
    expect(web?.whole?.ratio).toBe(0.02);
    expect(api?.slo.window).toEqual({ kind: 'rolling', days: 28 });
    expect(api?.slo.owner).toBe('edge');
    expect(web && standingOf(web).state).toBe('breached');
    expect(api && standingOf(api).state).toBe('healthy');
  });

  it('does not say what weighs where no rule of it is there to be read', () => {
    expect(named('edge-latency (host=api)')?.reading.method).toEqual({ kind: 'recorded', by: 'Sloth', weighs: 'not-known' });
  });

  it('is no judgement of what Sloth records nothing of since it never failed', () => {
    const { reading } = named('cart-availability') ?? {};
    expect(reading?.whole).toBeNull();
    expect(reading?.gaps[0]?.detail).toContain('never failed');
    expect(reading && standingOf(reading).state).toBe('insufficient-data');
  });

  it('weighs events in what Grafana SLO records, and leaves 0/0 out', () => {
    const { reading } = named('Checkout works') ?? {};
    let [failed, all] = [0, 0];
    for (let to = end - 28 * dayMinutes + 5; to <= end; to += 5) {
      if (isQuiet(to)) continue;
      failed += isNight(to) ? 0.5 : 0;
      all += isNight(to) ? 1 : 100;
    }
    expect(reading?.whole?.ratio).toBeCloseTo(failed / all, 5);
    expect((reading?.whole?.events?.total ?? 0) / (all * 300)).toBeCloseTo(1, 2);
    expect(reading?.method).toEqual({ kind: 'recorded', by: 'Grafana SLO', weighs: 'events' });
  });

  it('gives a definition its figures and nothing else, and adds those that no file defines', async () => {
    const defined: Slo = {
      name: 'myservice-requests-availability',
      about: { kind: 'named', service: 'myservice' },
      sli: { kind: 'queries', per: 'second', counts: 'bad', counted: 'vector(0)', total: 'vector(1)' },
      objectivePpm: 950_000,
      window: { kind: 'rolling', days: 30 },
      ...{ cluster: null, owner: 'payments', channel: '#payments', origin: { format: 'Sloth', file: 'slo.yaml' } },
    };
    const { readings, missing } = await readSlos(world, cluster, [defined], atMs, 120_000);
    const [first] = readings;
    expect(first?.slo).toEqual(defined);
    expect(first?.method.kind).toBe('recorded');
    expect(missing).toEqual([]);
    expect(readings.filter(({ slo }) => slo.name === defined.name).length).toBe(1);
    expect(readings.length).toBe(10);
  }, 120_000);

  it('asks for a ratio over its window at once, by what its query weighs', async () => {
    const errorRatio = ['code=~"5..",', '']
      .map((more) => `sum(rate(http_request_duration_seconds_count{${more}job="myservice"}[${windowMark}]))`)
      .join(' / ');
    const defined: Slo = {
      name: 'raw',
      about: { kind: 'named', service: 'myservice' },
      sli: { kind: 'ratio-query', errorRatio },
      objectivePpm: 999_000,
      window: { kind: 'rolling', days: 7 },
      ...{ cluster: null, owner: null, channel: null, origin: { format: 'Sloth', file: 'slo.yaml' } },
    };
    const mean = {
      ...defined,
      name: 'mean',
      sli: { kind: 'ratio-query', errorRatio: errorRatio.replaceAll(windowMark, '5m') } as const,
    };
    const { readings } = await readSlos(world, cluster, [defined, mean], lastMs, 120_000);
    const { byEvents, byTime } = truth(7 * dayMinutes);
    expect(readings.slice(0, 2).flatMap(({ gaps }) => gaps)).toEqual([]);
    expect((readings[0]?.whole?.ratio ?? 0) / byEvents).toBeCloseTo(1, 2);
    expect(readings[0]?.method).toEqual({ kind: 'asked', weighs: 'events' });
    expect(readings[0]?.coverage).toBeGreaterThan(0.99);
    expect((readings[1]?.whole?.ratio ?? 0) / byTime).toBeCloseTo(1, 2);
    expect(readings[1]?.method).toEqual({ kind: 'asked', weighs: 'time' });
  }, 120_000);

  it('counts a definition over another window than the recorded one', async () => {
    const own = `sum(rate(http_request_duration_seconds_count{job="myservice"}[${windowMark}]))`;
    const defined: Slo = {
      name: 'myservice-requests-availability',
      about: { kind: 'named', service: 'myservice' },
      sli: { kind: 'queries', per: 'second', counts: 'good', counted: own, total: own },
      objectivePpm: 999_000,
      window: { kind: 'rolling', days: 7 },
      ...{ cluster: null, owner: null, channel: null, origin: { format: 'Sloth', file: 'slo.yaml' } },
    };
    const { readings } = await readSlos(world, cluster, [defined], lastMs, 120_000);
    expect(readings[0]?.method.kind).toBe('counted');
    expect(readings[0]?.whole?.ratio).toBe(0);
    expect(readings.filter(({ slo }) => slo.name === defined.name).length).toBe(1);
  }, 120_000);
});
