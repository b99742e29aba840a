import { describe, expect, it } from 'vitest';
import { random } from '../../../support/random.ts';
import { labelBytes, snappyLiterals, writeRequest } from '../../../support/remote-write.ts';
import { smallSnapshots, smallTargets } from '../small-mesh.ts';
import { measuredFrom } from './measured.ts';
import { pastMoments } from './moments.ts';
import { seriesLabels } from './send.ts';
import { binomial, busyness, deal } from './traffic.ts';
import { type PastSeries, writePast } from './write.ts';

const endMs = Date.parse('2026-11-24T07:15:20Z');
const minute = 60_000;
const measured = measuredFrom(...smallSnapshots);
const everyFiveSeconds = Array.from({ length: 721 }, (_, index) => endMs - (720 - index) * 5000);
const past = writePast(measured, everyFiveSeconds, 7);

const totalOf = (matches: (series: PastSeries) => boolean): readonly number[] =>
  everyFiveSeconds.map((_, index) => past.series.filter(matches).reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
const requestsOf = (reporter: string, callee: string, code?: string) =>
  totalOf(
    ({ name, labels }) =>
      name === 'istio_requests_total' &&
      labels['reporter'] === reporter &&
      labels['destination_service_name'] === callee &&
      (code === undefined || labels['response_code'] === code),
  );
const steps = (values: readonly number[]): readonly number[] =>
  values.slice(1).map((value, index) => value - (values[index] ?? 0));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2));

describe('the moments of a past', () => {
  it('rise, end now, and are close together where windows lie', () => {
    const moments = pastMoments(endMs, 20);
    expect(moments.at(-1)).toBe(endMs);
    expect(steps(moments).every((step) => step > 0)).toBe(true);
    const gapAt = (agoMs: number): number => {
      const index = moments.findIndex((atMs) => atMs >= endMs - agoMs);
      return (moments[index + 1] ?? 0) - (moments[index] ?? 0);
    };
    expect([gapAt(5 * minute), gapAt(100 * minute), gapAt(24 * 60 * minute), gapAt(7 * 24 * 60 * minute)]).toEqual([
      5000, 15_000, 15_000, 15_000,
    ]);
    expect(moments.some((atMs) => atMs > endMs - 20 * 60 * minute && atMs < endMs - 3 * 60 * minute)).toBe(false);
  });

  it('reach 27 windows of an hour back where requests are few', () => {
    const moments = pastMoments(endMs, 1).filter((atMs) => atMs > endMs - 27.5 * 60 * minute);
    expect(Math.max(...steps(moments))).toBeLessThanOrEqual(minute);
  });
});

describe('chance', () => {
  it('gives a binomial its mean and its spread, from few tries to many', () => {
    const source = random(3);
    for (const [n, p] of [
      [12, 0.1],
      [400, 0.02],
      [400, 0.7],
    ] as const) {
      const drawn = Array.from({ length: 4000 }, () => binomial(source, n, p));
      expect(mean(drawn)).toBeCloseTo(n * p, 0);
      expect(variance(drawn) / (n * p * (1 - p))).toBeGreaterThan(0.9);
      expect(variance(drawn) / (n * p * (1 - p))).toBeLessThan(1.1);
      expect(drawn.every((found) => found >= 0 && found <= n)).toBe(true);
    }
  });

  it('deals out everything and nothing more', () => {
    const source = random(4);
    for (let n = 0; n < 300; n += 7) expect(deal(source, n, [0.2, 0, 5, 1]).reduce((sum, one) => sum + one, 0)).toBe(n);
    expect(deal(source, 50, [1, 0, 1])[1]).toBe(0);
  });

  it('makes traffic slow to change, the same at the same hour, and as measured at the end', () => {
    const moments = pastMoments(endMs, 20);
    const factors = busyness(moments, random(5));
    expect(factors.at(-1)).toBe(1);
    const close = factors.slice(-100);
    expect(Math.max(...steps(close).map(Math.abs))).toBeLessThan(0.05);
    expect(mean(factors.slice(0, 100))).toBeGreaterThan(0.75);
    expect(mean(factors.slice(0, 100))).toBeLessThan(1.3);
  });
});

describe('a past of a measured mesh', () => {
  it('measures what grew while it was looked at, and nothing else', () => {
    expect(measured.cells).toHaveLength(11);
    expect(measured.cells[0]?.perSecond).toBeCloseTo(40);
    const [duration] = measured.cells[0]?.histograms ?? [];
    expect(duration?.weights).toEqual([600, 600, 600, 180, 20]);
    expect(duration?.means.reduce((sum, one, index) => sum + one * (duration.weights[index] ?? 0), 0)).toBeCloseTo(12 * 2000);
  });

  it('counts the same requests at both ends of an edge, outcome by outcome', () => {
    expect(requestsOf('destination', 'checkout')).toEqual(requestsOf('source', 'checkout'));
    expect(requestsOf('destination', 'payments')).toEqual(requestsOf('source', 'payments'));
    expect(requestsOf('destination', 'payments', '503')).toEqual(requestsOf('source', 'payments', '503'));
    expect(requestsOf('source', 'payments', '503').at(-1)).toBeGreaterThan(0);
  });

  it('counts the same bare connections at both ends, and what they carried', () => {
    const ended = (reporter: string) =>
      totalOf(({ name, labels }) => name === 'istio_tcp_connections_closed_total' && labels['reporter'] === reporter);
    const sent = totalOf(({ name, labels }) => name === 'istio_tcp_sent_bytes_total' && labels['reporter'] === 'source');
    expect(ended('destination')).toEqual(ended('source'));
    expect(sent).toEqual(ended('source').map((count) => 300 * count));
    expect(ended('source').at(-1)).toBeGreaterThan(3 * 3600 * 0.7);
  });

  it('never counts down, and keeps buckets cumulative up to the count, which is the requests', () => {
    const keyOf = ({ target, labels: { le: _, ...labels } }: PastSeries): string => JSON.stringify([target, labels]);
    for (const { values } of past.series) expect(Math.min(...steps([...values]))).toBeGreaterThanOrEqual(0);
    const requests = new Map(past.series.filter(({ name }) => name === 'istio_requests_total').map((one) => [keyOf(one), one]));
    const buckets = Map.groupBy(
      past.series.filter(({ name }) => name.endsWith('_bucket')),
      keyOf,
    );
    expect(buckets.size).toBe(9);
    for (const [key, series] of buckets) {
      expect(series.map(({ labels }) => labels['le'])).toEqual(['5', '10', '25', '50', '+Inf']);
      for (const index of [0, 300, 720]) {
        const counts = series.map(({ values }) => values[index] ?? 0);
        expect([...counts].sort((a, b) => a - b)).toEqual(counts);
        expect(counts.at(-1)).toBe(requests.get(key)?.values[index]);
      }
    }
  });

  it('has the spread of real traffic: a little more than chance', () => {
    const counts = steps(requestsOf('source', 'payments'));
    expect(mean(counts) / (40 * 5)).toBeGreaterThan(0.7);
    expect(mean(counts) / (40 * 5)).toBeLessThan(1.4);
    const near = steps(counts);
    const dispersion = variance(near) / 2 / mean(counts);
    expect(dispersion).toBeGreaterThan(1);
    expect(dispersion).toBeLessThan(3);
  });

  it('ends at the values that the mesh goes on from, and is the same for the same seed', () => {
    expect(past.end.map(({ value }) => value)).toEqual(past.series.map(({ values }) => values.at(-1)));
    const again = writePast(measured, everyFiveSeconds, 7);
    expect(again.end).toEqual(past.end);
    expect(writePast(measured, everyFiveSeconds, 8).end).not.toEqual(past.end);
  });
});

describe('remote write', () => {
  const labels = { __name__: 'x', job: 'a' };

  it('spells a series as the specification has it', () => {
    const bytes = writeRequest([
      { labels: labelBytes(labels), moments: [1, 1_795_504_520_000], values: Float64Array.of(0, 1.5), from: 1, to: 2 },
    ]);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      ['0a2b', `0a0d0a085f5f6e616d655f5f120178`, `0a080a036a6f62120161`, '1210', '09000000000000f83f', '10c0f6a2e3a034'].join(''),
    );
  });

  it('packs bytes into a Snappy block that says how long they are', () => {
    const bytes = new Uint8Array(70_000).fill(7);
    const block = snappyLiterals(bytes);
    expect([...block.subarray(0, 6)]).toEqual([0xf0, 0xa2, 0x04, 0xf4, 0xff, 0xff]);
    expect([...block.subarray(6 + 65_536, 6 + 65_536 + 3)]).toEqual([
      0xf4,
      (70_000 - 65_536 - 1) & 255,
      (70_000 - 65_536 - 1) >> 8,
    ]);
    expect(block.length).toBe(70_000 + 3 + 3 + 3);
  });

  it('names a series as the scrape will: the target’s labels win, and whole bounds are written as that Prometheus does', () => {
    const counter = { target: 1, name: 'x_bucket', labels: { le: '50', app: 'mine', code: '200' } };
    const common = { __name__: 'x_bucket', job: 'istio', instance: '127.0.0.1:19001', namespace: 'shop', pod: 'checkout-a' };
    expect(seriesLabels(counter, { targets: smallTargets, hasWholeBounds: true })).toEqual({
      ...common,
      app: 'checkout',
      exported_app: 'mine',
      version: 'v1',
      code: '200',
      le: '50',
    });
    expect(seriesLabels(counter, { targets: smallTargets, hasWholeBounds: false })['le']).toBe('50.0');
  });
});
