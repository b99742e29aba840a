import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { istio } from '../../../src/dialects/istio.ts';
import { gatherQueries } from '../../../src/gather.ts';
import { rowsOf } from '../../../src/inquiry.ts';
import { planCounts } from '../../../src/stages/measure/count-plan.ts';
import { readCounts } from '../../../src/stages/measure/counts.ts';
import { planLatency, readLatency } from '../../../src/stages/measure/latency.ts';
import { planWindows } from '../../../src/stages/measure/windows.ts';
import { engineFor } from '../../support/engine.ts';
import { edgeNamed, nowMs } from '../../support/report.ts';
import { scrapesOf } from '../../support/seeded-mesh.ts';
import { type SeededPrometheus, type SeededSeries, seededPrometheus } from '../../support/seeded-prometheus.ts';

const engine = await engineFor('prometheus');
const windowSeconds = 300;
const scrapes = scrapesOf({ everySeconds: 15, fromMs: nowMs - 180 * 60_000, toMs: nowMs, phaseMs: 7000 });
/** The end of the window that lies `n` windows before now, and a scrape in its middle. */
const windowEnd = (n: number): number => nowMs - n * windowSeconds * 1000;
const within = (n: number): number => scrapes.find((atMs) => atMs >= windowEnd(n) - 150_000) ?? 0;

const [resetIn, bornIn, regainedIn] = [8, 12, 16];

/** Seconds from a scrape to the last one before `atMs`. */
const elapsed = (fromMs: number, atMs: number): number => Math.max(0, (atMs - fromMs) / 1000);
const origin = scrapes[0] ?? 0;

/** Requests of four pods, by the second: 2/s all along; 2/s, restarted; 2/s, born; 2/s, restarted and busier afterwards than ever before. */
const totals: Readonly<Record<string, (atMs: number) => number | null>> = {
  steady: (atMs) => 2 * elapsed(origin, atMs),
  reset: (atMs) => (atMs < within(resetIn) ? 100_000 + 2 * elapsed(origin, atMs) : 2 * elapsed(within(resetIn), atMs)),
  born: (atMs) => (atMs < within(bornIn) ? null : 2 * elapsed(within(bornIn), atMs)),
  regained: (atMs) => (atMs < within(regainedIn) ? 150 : 4 * elapsed(within(regainedIn), atMs)),
};

/** Half of the requests take up to 10 ms, all up to 100 ms; after its restart the last pod is slow: all above 100 ms. */
const shareBelow = (pod: string, le: string, atMs: number): number =>
  le === '+Inf' || (le === '1000' && pod !== '')
    ? 1
    : pod === 'regained' && atMs >= within(regainedIn)
      ? 0
      : le === '10'
        ? 0.5
        : 1;

const seriesOf = (pod: string): readonly SeededSeries[] => {
  const total = totals[pod] ?? (() => null);
  const series = (name: string, value: (atMs: number, count: number) => number, more = {}): SeededSeries => ({
    labels: {
      __name__: name,
      reporter: 'source',
      source_workload: 'checkout',
      source_workload_namespace: 'shop',
      destination_workload: 'payments-v1',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
      response_code: '200',
      response_flags: '-',
      pod,
      ...more,
    },
    samples: scrapes.flatMap((atMs) => {
      const count = total(atMs);
      return count === null ? [] : [[atMs, value(atMs, count)] as const];
    }),
  });
  return [
    series('istio_requests_total', (_, count) => count),
    series('istio_request_duration_milliseconds_count', (_, count) => count),
    series('istio_request_duration_milliseconds_sum', (_, count) => 40 * count),
    ...['10', '100', '1000', '+Inf'].map((le) =>
      series('istio_request_duration_milliseconds_bucket', (atMs, count) => count * shareBelow(pod, le, atMs), { le }),
    ),
  ];
};

describe.skipIf(engine.path === '')(`the past read from the ends of its windows, by a real Prometheus${engine.skipped}`, () => {
  let source: SeededPrometheus;
  const read = async (pods: readonly string[]) => {
    source = await seededPrometheus(engine.path, pods.flatMap(seriesOf));
    const plan = planWindows(nowMs, null, windowSeconds);
    const budget = { records: [], maxCalls: 20, deadlineMs: 30_000 };
    const counts = await gatherQueries(source.metrics, planCounts(istio, edgeNamed(), plan), budget);
    const readings = readCounts(
      istio,
      'prod',
      { range: rowsOf(counts, 'counts'), older: [], base: rowsOf(counts, 'counts-base') },
      plan,
    );
    const asked = await gatherQueries(source.metrics, planLatency(istio, [edgeNamed()], plan), budget);
    const [reading] = readLatency(istio, 'prod', rowsOf(asked, 'latency'), rowsOf(asked, 'latency-base'), plan, readings);
    await source.stop();
    return reading?.caller ?? null;
  };
  let caller: Awaited<ReturnType<typeof read>>;
  beforeAll(async () => {
    caller = await read(['steady', 'reset', 'born', 'regained']);
  }, 60_000);
  afterAll(async () => source?.stop());

  /** Oldest first: the last of the 24 is two windows before now. */
  const place = (n: number): number => 25 - n;
  const latencyAt = (n: number) => caller?.latency?.local[place(n)]?.counts;

  it('gives every window what the pods counted in it, to the request', () => {
    // Three pods at 2/s and one at 4/s in the youngest windows: 300 s × 10.
    expect(latencyAt(2)).toEqual([900, 900, 1200, 0]);
    expect(caller?.duration?.local[place(2)]).toEqual({ requests: 3000, totalSeconds: 120 });
    expect(caller?.latency?.now.counts.reduce((sum, value) => sum + value, 0)).toBeCloseTo(3000, 6);
  });

  it('leaves a pod that was restarted out of that window, and of no other', () => {
    expect(latencyAt(resetIn)).toEqual([600, 600, 1200, 0]);
    expect(caller?.duration?.local[place(resetIn)]).toEqual({ requests: 2400, totalSeconds: 96 });
    expect(latencyAt(resetIn - 1)).toEqual([900, 900, 1200, 0]);
    expect(latencyAt(resetIn + 1)).toEqual([900, 900, 1200, 0]);
  });

  it('leaves a pod that was born out of that window, and of no other', () => {
    expect(latencyAt(bornIn)).toEqual([600, 600, 1200, 0]);
    expect(latencyAt(bornIn - 1)).toEqual([900, 900, 1200, 0]);
    expect(latencyAt(bornIn + 1)).toEqual([600, 600, 1200, 0]);
  });

  it('counts requests in full all the same: restarts are made good, as `increase` does', () => {
    const requests = caller?.counts.local.map((counts) => counts.requests) ?? [];
    expect(requests).toHaveLength(24);
    expect(requests[place(2)]).toBeCloseTo(3000, 6);
    // One sample's growth is lost at the restart itself, and `increase` starts a born series at its first sample.
    expect(requests[place(resetIn)]).toBeGreaterThan(2950);
    expect(requests[place(resetIn)]).toBeLessThanOrEqual(3000);
    expect(requests[place(bornIn)]).toBeGreaterThan(2400);
  });

  it('takes no distribution from a restart that some buckets have made up for and others have not', async () => {
    const alone = await read(['regained']);
    // Ten milliseconds and a hundred have fewer than before the restart, a second and more have more.
    expect(alone?.latency?.local).toHaveLength(23);
    expect(alone?.latency?.local.at(-1)?.counts).toEqual([0, 0, 1200, 0]);
  }, 60_000);
});
