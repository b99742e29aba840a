import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ambient } from '../src/dialects/ambient.ts';
import { istio } from '../src/dialects/istio.ts';
import { linkerd } from '../src/dialects/linkerd.ts';
import type { Dialect } from '../src/domain/dialect.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { SloReading } from '../src/domain/slo/reading.ts';
import { standingOf } from '../src/domain/slo/standing.ts';
import { type Sli, type Slo, windowMark } from '../src/domain/slo.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { MetricsSource } from '../src/ports.ts';
import { countSlo, type SloWorld } from '../src/read-slo.ts';
import { engineFor } from './support/engine.ts';
import { type SeededPrometheus, seededPrometheus } from './support/seeded-prometheus.ts';
import { type Happened, happenedIn, seededCounter } from './support/seeded-slo.ts';

const atMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 3_600_000 + 1_380_000;
const hours = 120;
const end = hours * 60;
const fromMs = atMs - hours * 3_600_000;
const window = 72 * 60;
const world: SloWorld = { days: { known: async () => [], keep: async () => undefined } };

type Labels = Readonly<Record<string, string>>;
type Seed = Partial<{ readonly resets: readonly number[]; readonly bornAt: number; readonly scraped: (m: number) => boolean }>;
const seed = (metric: string, labels: Labels, happened: Happened, { scraped, resets, bornAt = 0 }: Seed = {}) =>
  seededCounter(
    { metric, labels, happened, bornAt, ...(resets === undefined ? {} : { resets }) },
    { fromMs, minutes: end, ...(scraped === undefined ? {} : { isScraped: scraped }) },
  );

const mesh = (service: string, more: Labels = {}): Labels => ({
  reporter: 'destination',
  source_workload: 'web',
  source_workload_namespace: 'shop',
  destination_service_namespace: 'shop',
  destination_service_name: service,
  destination_workload: service,
  destination_version: 'v1',
  response_code: '200',
  response_flags: '-',
  request_protocol: 'http',
  pod: `${service}-1`,
  ...more,
});

const ten: Happened = () => 10;
const one: Happened = () => 1;
const isPaused = (minute: number): boolean => minute > end - 1500 && minute <= end - 1320;
const upgrade = end - 2000;
const late = end - 30 * 60;
const quiet: Happened = () => 0;
const requests = 'istio_requests_total';
const histogram = (metric: string, labels: Labels, counts: Readonly<Record<string, Happened>>, all: Happened) => [
  ...Object.entries(counts).map(([le, happened]) => seed(`${metric}_bucket`, { ...labels, le }, happened)),
  seed(`${metric}_bucket`, { ...labels, le: '+Inf' }, all),
  seed(`${metric}_count`, labels, all),
];
const millis = 'istio_request_duration_milliseconds';
/** The counter goes on, and from the upgrade of Prometheus on it is kept under another name of its bucket. */
const renamed = (labels: Labels, happened: Happened) => [
  seed(`${millis}_bucket`, { ...labels, le: '250' }, happened, { scraped: (m) => m < upgrade }),
  seed(`${millis}_bucket`, { ...labels, le: '250.0' }, happened, { scraped: (m) => m >= upgrade }),
];

const all = [
  ...histogram(millis, mesh('slow'), { '250': () => 8, '500': () => 9 }, ten),
  ...renamed(mesh('moved'), () => 9),
  seed(`${millis}_count`, mesh('moved'), ten),
  seed(requests, mesh('pay'), ten),
  seed(requests, mesh('pay', { response_code: '503' }), one),
  seed(requests, mesh('pay', { response_code: '403', response_flags: 'UAEX' }), () => 2),
  seed(requests, mesh('pay', { response_code: '404' }), () => 3),
  seed(requests, mesh('pay', { reporter: 'source', pod: 'web-1' }), ten),
  seed(requests, mesh('pay', { reporter: 'source', response_code: '503', pod: 'web-1' }), one),
  seed(requests, mesh('pay', { reporter: 'source', response_code: '503', response_flags: 'UF', pod: 'web-1' }), () => 4),
  seed(requests, mesh('pay', { reporter: 'source', source_workload: 'batch', pod: 'batch-1' }), () => 5),
  seed(requests, mesh('way', { reporter: 'waypoint', pod: 'waypoint-1' }), () => 9),
  seed(requests, mesh('way', { reporter: 'waypoint', response_code: '503', pod: 'waypoint-1' }), one),
  seed(requests, mesh('paused'), ten, { scraped: (m) => !isPaused(m) }),
  seed(requests, mesh('paused', { response_code: '500' }), (m) => (m < end - 5000 || isPaused(m) ? 50 : 0), {
    scraped: (m) => !isPaused(m),
  }),
  seed(requests, mesh('young'), (m) => (m > late ? 10 : 0), { bornAt: late }),
  seed(requests, mesh('young', { response_code: '500' }), (m) => (m > late ? 1 : 0), { bornAt: late }),
  seed(requests, mesh('idle'), quiet),
  seed(requests, mesh('down', { response_code: '503' }), ten),
  ...['success', 'failure'].map((classification) =>
    seed(
      'response_total',
      {
        direction: 'inbound',
        namespace: 'shop',
        deployment: 'pay',
        client_id: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
        classification,
        status_code: '200',
        grpc_status: classification === 'success' ? '0' : '14',
        pod: 'pay-1',
      },
      classification === 'success' ? () => 19 : one,
    ),
  ),
  ...histogram(
    'response_latency_ms',
    { direction: 'inbound', namespace: 'shop', deployment: 'pay', status_code: '200', pod: 'pay-1' },
    { '300': () => 18 },
    () => 20,
  ),
];

const slo = (service: string, sli: Partial<Sli> = {}, more: Partial<Slo> = {}): Slo => ({
  name: service,
  about: { kind: 'service', callee: { namespace: 'shop', workload: null, service } },
  sli: { kind: 'availability', bad: 'failed', reporter: 'destination', ...sli } as Sli,
  objectivePpm: 990_000,
  window: { kind: 'rolling', days: 3 },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  ...more,
});
const within = (thresholdSeconds: number, offEdge: 'refuse' | 'pessimistic' = 'refuse'): Partial<Sli> => ({
  kind: 'latency',
  thresholdSeconds,
  offEdge,
});

const { path, skipped } = await engineFor('prometheus');

describe.skipIf(path === '')(`An objective counted from a real Prometheus${skipped}`, () => {
  let seeded: SeededPrometheus;
  beforeAll(async () => {
    seeded = await seededPrometheus(path, all);
  }, 60_000);
  afterAll(() => seeded?.stop());

  const count = (wanted: Slo, dialect: Dialect = istio, metrics: MetricsSource = seeded.metrics): Promise<SloReading> => {
    const cluster: Cluster = { name: 'prod', dialect, metrics, rules: null, deadlineMs: 20_000 };
    return countSlo(world, cluster, wanted, atMs);
  };
  const ratio = (reading: SloReading): number => reading.whole?.ratio ?? Number.NaN;

  it('takes for slow what is above the threshold, over the whole window and each of its parts', async () => {
    const reading = await count(slo('slow', within(0.25)));
    expect(reading.gaps).toEqual([]);
    expect(ratio(reading)).toBeCloseTo(0.2, 3);
    expect(reading.burnt.get(3600)?.ratio).toBeCloseTo(0.2, 3);
    expect((reading.whole?.events?.total ?? 0) / (10 * window)).toBeCloseTo(1, 2);
    expect(reading.hours.at(5)?.spent[0]).toMatchObject({ ending: 'slower than 250 ms', caller: { workload: 'web' } });
  });

  it('refuses a threshold off the edges of the buckets and names those beside it, or takes all of its bucket for slow', async () => {
    const refused = await count(slo('slow', within(0.3)));
    expect(refused.gaps[0]?.detail).toBe('has no bucket that ends at 300 ms: next to it are 250 ms and 500 ms');
    expect(standingOf(refused).state).toBe('insufficient-data');
    expect(ratio(await count(slo('slow', within(0.3, 'pessimistic'))))).toBeCloseTo(0.2, 3);
  });

  it('goes on counting a bucket that an upgrade of Prometheus prints with another name', async () => {
    const reading = await count(slo('moved', within(0.25)));
    expect(ratio(reading)).toBeCloseTo(0.1, 2);
    const around = reading.hours.filter(({ startMs }) => Math.abs(startMs - (fromMs + upgrade * 60_000)) < 2 * 3_600_000);
    for (const { events } of around) expect(events.bad / events.total).toBeCloseTo(0.1, 1);
  });

  it('counts as bad what its definition says', async () => {
    expect(ratio(await count(slo('pay')))).toBeCloseTo(1 / 16, 3);
    expect(ratio(await count(slo('pay', { bad: 'failed-and-refused' })))).toBeCloseTo(3 / 16, 3);
    expect(ratio(await count(slo('pay', { bad: 'non-2xx' })))).toBeCloseTo(6 / 16, 3);
  });

  it("sees by the callers' proxies what never reached the callee", async () => {
    const reading = await count(slo('pay', { reporter: 'source' }));
    expect(ratio(reading)).toBeCloseTo(5 / 20, 3);
    expect(reading.hours.at(5)?.spent[0]).toMatchObject({ ending: '503 UF' });
    expect(reading.reporter).toBe('source');
  });

  it('counts one caller alone where the objective is about an edge', async () => {
    const [source, destination] = [
      { namespace: 'shop', workload: 'batch', service: null },
      { namespace: 'shop', workload: null, service: 'pay' },
    ];
    const about = { kind: 'edge', edge: { cluster: null, source, destination } } as const;
    const reading = await count(slo('pay', { reporter: 'source' }, { about }));
    expect((reading.whole?.events?.total ?? 0) / (5 * window)).toBeCloseTo(1, 2);
    expect(ratio(reading)).toBe(0);
  });

  it('counts by the waypoints of an ambient mesh, and names neither end for it', async () => {
    const reading = await count(slo('way'), ambient);
    expect(ratio(reading)).toBeCloseTo(0.1, 3);
    expect(reading.reporter).toBeNull();
  });

  it("counts Linkerd's failures by its own word and its latency by its own buckets", async () => {
    const reading = await count(slo('pay'), linkerd);
    expect(ratio(reading)).toBeCloseTo(0.05, 3);
    expect(reading.hours.at(5)?.spent[0]?.caller?.workload).toBe('web');
    expect(ratio(await count(slo('pay', within(0.3)), linkerd))).toBeCloseTo(0.1, 3);
  });

  it('tells of a pause of the scrapes, and takes nothing that was counted before or meanwhile for new after it', async () => {
    const reading = await count(slo('paused'));
    expect(reading.coverage).toBeGreaterThan(0.94);
    expect(reading.coverage).toBeLessThan(0.965);
    const expected = happenedIn(() => 10, end - window, end) - 10 * 180;
    expect((reading.whole?.events?.total ?? 0) / expected).toBeCloseTo(1, 2);
    expect(reading.whole?.events?.bad).toBe(0);
    expect(reading.sinceMs).toBeNull();
  });

  it('judges a service that is new in the window by what there is of it, and says since when', async () => {
    const reading = await count(slo('young'));
    expect(ratio(reading)).toBeCloseTo(1 / 11, 2);
    expect(Math.abs((reading.sinceMs ?? 0) - (fromMs + late * 60_000))).toBeLessThanOrEqual(3_600_000);
    expect(reading.coverage).toBeGreaterThan(0.95);
  });

  it('is neither well nor ill without traffic', async () => {
    const reading = await count(slo('idle'));
    expect(reading.whole).toBeNull();
    expect(standingOf(reading).state).toBe('no-traffic');
    const nobody = await count(slo('nobody'));
    expect(nobody.coverage).toBe(0);
    expect(standingOf(nobody).state).toBe('insufficient-data');
  });

  it('has only failures where the query of good ones finds none', async () => {
    const good = `sum(rate(${requests}{reporter="destination",destination_service_name="down",response_code="200"}[${windowMark}]))`;
    const total = `sum(rate(${requests}{reporter="destination",destination_service_name="down"}[${windowMark}]))`;
    const reading = await count(
      slo('down', {}, { sli: { kind: 'queries', per: 'second', counts: 'good', counted: good, total } }),
    );
    expect(ratio(reading)).toBe(1);
    expect((reading.whole?.events?.total ?? 0) / (10 * window)).toBeCloseTo(1, 2);
  });

  it('is not judged while Prometheus is down', async () => {
    const fail = async (): Promise<never> => {
      throw new SourceError('Prometheus', 'unreachable', 'refused the connection');
    };
    const reading = await count(slo('pay'), istio, { name: 'Prometheus', instant: fail, range: fail });
    expect(reading.whole).toBeNull();
    expect(reading.gaps.map(({ detail }) => detail)).toContain('refused the connection');
    expect(standingOf(reading).state).toBe('insufficient-data');
    expect(reading.burnt.size).toBe(0);
  });

  it('is not judged by the last minutes where its days are too expensive', async () => {
    let days = 0;
    const range = async (): Promise<never> => {
      days += 1;
      throw new SourceError('Prometheus', 'too-expensive', 'refused an expensive query');
    };
    const reading = await count(slo('pay'), istio, { ...seeded.metrics, range });
    expect(days).toBe(2);
    expect(reading.coverage).toBeLessThan(0.05);
    expect(reading.sinceMs).toBeNull();
    expect(standingOf(reading).state).toBe('insufficient-data');
    expect([...reading.burnt.keys()]).toEqual([300, 1800, 3600, 7200]);
    const year = slo('pay', {}, { window: { kind: 'calendar', unit: 'year', zone: 'UTC' } });
    const ofYear = await count(year, istio, { ...seeded.metrics, range });
    expect(ofYear.coverage).toBeLessThan(0.05);
    expect(standingOf(ofYear).state).toBe('insufficient-data');
  });
});
