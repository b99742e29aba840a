import { describe, expect, it } from 'vitest';
import { istio } from '../../../src/dialects/istio.ts';
import { tagLabel } from '../../../src/domain/promql/union.ts';
import type { Counts, Duration, EdgeReading, Windows } from '../../../src/domain/signals.ts';
import { diagnose } from '../../../src/stages/diagnose/index.ts';
import { begunOf } from '../../../src/stages/measure/begun.ts';
import { readCounts } from '../../../src/stages/measure/counts.ts';
import type { CountRow } from '../../../src/stages/measure/rows.ts';
import { planWindows } from '../../../src/stages/measure/windows.ts';
import { edgeNamed, nowMs, readingOf, reportOf } from '../../support/report.ts';

const plan = planWindows(nowMs, null, 300);
const counts = (requests: number, failed: number): Counts => ({ requests, failed, refused: 0, clientLeft: 0, clientError: 0 });
const minutesAgo = (minutes: number): number => nowMs - minutes * 60_000;

/** An edge with 24 windows of its past, of which the last `bad` are bad, the one before now, and both halves of now. */
const edge = (
  bad: number,
  previous: number,
  halves: readonly [number, number],
  meanSeconds?: readonly [number, number],
): EdgeReading => {
  const reading = readingOf(edgeNamed());
  const { caller } = reading;
  if (caller === null) return reading;
  const window = (share: number, requests = 3000): Counts => counts(requests, requests * share);
  const duration = ([usual, now]: readonly [number, number]): Windows<Duration> => ({
    now: { requests: 3000, totalSeconds: 3000 * now },
    halves: null,
    previous: { requests: 3000, totalSeconds: 3000 * usual },
    local: Array.from({ length: 24 }, (_, index) => ({ requests: 3000, totalSeconds: 3000 * usual * (index % 2 ? 1.05 : 1) })),
    base: [],
  });
  return {
    ...reading,
    caller: {
      ...caller,
      counts: {
        now: window((halves[0] + halves[1]) / 2),
        halves: [window(halves[0], 1500), window(halves[1], 1500)],
        previous: window(previous),
        local: Array.from({ length: 24 }, (_, index) => window(index >= 24 - bad ? 0.3 : 0.003)),
        base: [{ ago: '1d', value: window(0.003) }],
      },
      duration: meanSeconds === undefined ? null : duration(meanSeconds),
    },
  };
};

/** 3000 requests in every window, 50 ms each and 400 ms in the last `slow`; the past of the mean is answered apart from now's. */
const answersOf = (slow: number) => {
  const ends = Array.from({ length: 26 }, (_, index) => nowMs - index * plan.seconds * 1000);
  const row = (tag: string | null, points: CountRow['points']): CountRow => ({
    labels: {
      reporter: 'source',
      source_workload: 'checkout',
      source_workload_namespace: 'shop',
      destination_workload: 'payments-v1',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
      ...(tag === null ? { response_code: '200', response_flags: '-' } : { [tagLabel]: tag }),
    },
    points,
  });
  const sums = ends.map((atMs, index) => [atMs, 3000 * (index < slow ? 400 : 50)] as const);
  const counted = ends.map((atMs) => [atMs, 3000] as const);
  return {
    range: [row(null, counted), row('sum-past', sums.slice(1)), row('count-past', counted.slice(1))],
    older: [],
    base: [row('sum', sums.slice(0, 1)), row('count', counted.slice(0, 1))],
  };
};

describe('when the trouble that a person asks about began', () => {
  it('finds what began minutes ago, and takes a window that it fills', () => {
    expect(begunOf(edge(0, 0.003, [0.003, 0.5]), plan)).toEqual({ onsetMs: minutesAgo(2.5), seconds: 60 });
    expect(begunOf(edge(0, 0.003, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
  });

  it('finds what began long ago, so that it does not count as the past', () => {
    expect(begunOf(edge(0, 0.3, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(10), seconds: 300 });
    expect(begunOf(edge(10, 0.3, [0.3, 0.3]), plan)).toEqual({ onsetMs: minutesAgo(60), seconds: 300 });
  });

  it('finds clients that began to leave, which is no failure of anybody', () => {
    const { caller, ...reading } = edge(0, 0.003, [0.003, 0.003]);
    if (caller === null) throw new Error('no caller');
    const halves = caller.counts.halves?.map((half, index) => ({ ...half, clientLeft: index * 700 })) as unknown as [
      Counts,
      Counts,
    ];
    expect(begunOf({ ...reading, caller: { ...caller, counts: { ...caller.counts, halves } } }, plan)).toEqual({
      onsetMs: minutesAgo(2.5),
      seconds: 60,
    });
  });

  it('finds slowness too, and nothing where nothing stands out', () => {
    expect(begunOf(edge(0, 0.003, [0.003, 0.003], [0.05, 0.4]), plan)).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
    expect(begunOf(edge(0, 0.003, [0.003, 0.003], [0.05, 0.05]), plan)).toBeNull();
    expect(begunOf({ ...edge(0, 0, [0, 0]), caller: null }, plan)).toBeNull();
  });

  it('finds traffic that surged or vanished, and not that of a busier hour', () => {
    const flows = (before: number, previous: number, halves: readonly [number, number]) => {
      const { caller, ...reading } = edge(0, 0, [0, 0]);
      if (caller === null) throw new Error('no caller');
      const [first, second] = [counts(halves[0] / 2, 0), counts(halves[1] / 2, 0)];
      const local = caller.counts.local.map((_, index) => counts(before * (index % 2 ? 1.1 : 0.9), 0));
      const now = counts(first.requests + second.requests, 0);
      const flow = { ...caller.counts, local, previous: counts(previous, 0), halves: [first, second] as const, now };
      return begunOf({ ...reading, caller: { ...caller, counts: flow } }, plan);
    };
    expect(flows(3000, 3000, [3000, 24_000])).toEqual({ onsetMs: minutesAgo(2.5), seconds: 60 });
    expect(flows(3000, 3000, [24_000, 24_000])).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
    expect(flows(3000, 24_000, [24_000, 24_000])).toEqual({ onsetMs: minutesAgo(10), seconds: 300 });
    expect(flows(3000, 0, [0, 0])).toEqual({ onsetMs: minutesAgo(10), seconds: 300 });
    expect(flows(3000, 5000, [6000, 6000])).toBeNull();
    expect(flows(2, 0, [0, 0])).toBeNull();
  });

  it('finds slowness in what Prometheus answers, the window before now included', () => {
    const slowFor = (windows: number) => {
      const [reading] = readCounts(istio, 'prod', answersOf(windows), plan);
      return reading === undefined ? null : begunOf(reading, plan);
    };
    expect(slowFor(0)).toBeNull();
    expect(slowFor(1)).toEqual({ onsetMs: minutesAgo(5), seconds: 60 });
    expect(slowFor(2)).toEqual({ onsetMs: minutesAgo(10), seconds: 300 });
    expect(slowFor(6)).toEqual({ onsetMs: minutesAgo(30), seconds: 300 });
  });
});

describe('a share of failures that is high in one half of the window only', () => {
  const reading = edge(0, 0.003, [0.003, 0.6]);
  const { evidence } = reportOf(edgeNamed(), [], { readings: [reading], path: [reading.edge] });
  it('is neither moved nor as usual, and the summary says why', () => {
    const { signals, summary, verdict } = diagnose(evidence);
    expect(verdict).toBeNull();
    expect(summary).toContain('more than usual, but only in a part of this window');
    expect(signals.find(({ signal }) => signal === 'errors')).toMatchObject({ moved: null, now: '30 %', usual: '0.3 %' });
  });
});
