import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vegaRenderer } from '../../../src/adapters/vega/renderer.ts';
import { labelsOf } from '../../../src/domain/alert.ts';
import { got } from '../../../src/domain/gathered.ts';
import type { Curve, PictureSeries } from '../../../src/domain/signals.ts';
import type { ChartRenderer } from '../../../src/ports.ts';
import { hero } from '../../../src/stages/draw/hero.ts';
import { sizeOf } from '../../support/png.ts';
import { alertWith, edgeNamed, nowMs, reportOf } from '../../support/report.ts';

const startMs = nowMs - 3_600_000;
const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e308, -1e308, 5e-324),
  fc.double({ min: 0, max: 1000 }),
);
const curve = fc
  .array(number, { maxLength: 40 })
  .map((values): Curve => values.map((value, index) => [startMs + index * 60_000, value] as const));
const series: fc.Arbitrary<PictureSeries> = fc.record({
  startMs: fc.constant(startMs),
  endMs: fc.constantFrom(nowMs, startMs),
  stepSeconds: fc.constant(60),
  reporter: fc.constant('caller' as const),
  traffic: fc.record({ now: curve, usual: curve }),
  errors: fc.record({ failed: curve, refused: curve, usual: curve }),
  latency: fc.record({ p50: curve, p90: curve, p99: curve, usualP99: curve, clipSeconds: fc.constantFrom(null, 10, 3600) }),
  saturation: fc.constantFrom(null).chain(() =>
    fc.oneof(
      fc.constant(null),
      fc.record({
        label: fc.string({ maxLength: 200 }),
        unit: fc.constantFrom(
          'ratio' as const,
          'requests/s' as const,
          'connections' as const,
          'cores' as const,
          'bytes' as const,
        ),
        now: curve,
        limit: fc.oneof(fc.constant(null), number),
      }),
    ),
  ),
});

const specOf = (picture: PictureSeries, name = 'payments') =>
  hero(reportOf(edgeNamed('checkout', name), [alertWith()], { picture: got(picture) }), 'Europe/Berlin');

const numbersIn = (value: unknown): readonly number[] =>
  typeof value === 'number'
    ? [value]
    : Array.isArray(value)
      ? value.flatMap(numbersIn)
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(numbersIn)
        : [];

const flat = (values: readonly number[]): Curve => values.map((value, index) => [startMs + index * 60_000, value] as const);
const same = (values: readonly number[]): PictureSeries => ({
  startMs,
  endMs: nowMs,
  stepSeconds: 60,
  reporter: 'caller',
  traffic: { now: flat(values), usual: flat(values) },
  errors: { failed: flat(values), refused: flat([]), usual: flat(values) },
  latency: { p50: flat(values), p90: flat(values), p99: flat(values), usualP99: flat(values), clipSeconds: null },
  saturation: null,
});

describe('the hero picture as numbers', () => {
  it('never holds a non-finite number, whatever the series', () => {
    fc.assert(
      fc.property(series, (picture) => {
        const spec = specOf(picture);
        expect(numbersIn(spec).every(Number.isFinite)).toBe(true);
        expect(spec?.altText.length).toBeGreaterThan(20);
      }),
      { numRuns: 300 },
    );
  });

  it('thins out a huge series and keeps its spike', () => {
    const huge = Array.from({ length: 50_000 }, (_, index) => (index === 33_333 ? 0.9 : 0.01));
    const picture = {
      ...same([]),
      errors: { failed: huge.map((value, index) => [startMs + index, value] as const), refused: [], usual: [] },
    };
    const spec = specOf(picture);
    const rows = spec?.panels[0]?.data['rows'] ?? [];
    expect(rows.length).toBeLessThanOrEqual(400);
    expect(Math.max(...rows.map((row) => Number(row['failed1'] ?? 0)))).toBe(0.9);
  });

  it('bridges single missing moments of what is usual, never of now, and never a longer gap', () => {
    const holes = [1, Number.NaN, 3, Number.NaN, Number.NaN, 6];
    const spec = specOf({ ...same([]), traffic: { now: flat(holes), usual: flat(holes) } });
    const rows = spec?.panels.find(({ template }) => template === 'traffic')?.data['rows'] ?? [];
    expect(rows.map(({ usual }) => usual)).toEqual([1, 2, 3, null, null, 6]);
    expect(rows.map(({ now }) => now)).toEqual([1, null, 3, null, null, 6]);
  });

  it('draws and names the threshold of the rule in the panel it is about', () => {
    const rule = {
      name: 'MeshEdgeLatencyHigh',
      expression: 'histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m]))) > 1000',
      forSeconds: null,
      labels: labelsOf([]),
    };
    const diagnosis = { signals: reportOf().diagnosis.signals.map((line) => ({ ...line, moved: line.signal === 'latency' })) };
    const report = reportOf(edgeNamed(), [alertWith()], { picture: got(same([0.2, 0.3])), rule }, diagnosis);
    const spec = hero(report, 'UTC');
    expect(spec?.panels.map(({ template, data }) => [template, data['threshold']])).toEqual([
      ['latency', [{ v: 1 }]],
      ['traffic', []],
      ['errors', []],
      ['saturation', []],
    ]);
    expect(spec?.texts.map(({ text }) => text)).toContain('alert above 1 s');
  });

  it('says why a panel is empty, labels what changed, and tells now and usual as the message does', () => {
    const texts = specOf(same([0.05, 0.053]))?.texts.map(({ text }) => text) ?? [];
    expect(texts).toContain('Errors 5.3 %  ·  usually 0.1 %');
    // Of the message, not of the curve, whose last point of 53 ms is of another window.
    expect(texts).toContain('Latency p99 120 ms');
    expect(texts).toContain('Traffic 10/s');
    expect(texts).toContain('usually 118 ms');
    expect(texts).toContain('rollout payments');
    expect(texts.join(' ')).toContain('the proxy hides these statistics');
    const empty = specOf(same([]));
    expect(empty?.texts.filter(({ text }) => text.startsWith('no samples')).length).toBe(3);
    expect(empty?.panels.every(({ data }) => data['band']?.length === 0)).toBe(true);
  });

  it('carries the numbers in its alt text', () => {
    expect(specOf(same([0.05, 0.053]))?.altText).toMatch(/checkout → payments.*firing since.*Errors 5\.3 %.*Latency p99 120 ms/s);
  });
});

describe('the hero picture as a PNG', () => {
  let charts: ChartRenderer;
  beforeAll(async () => {
    charts = await vegaRenderer({ environment: process.env, deadlineMs: 15_000 });
  }, 30_000);
  afterAll(() => charts.close());
  const draw = async (picture: PictureSeries, name?: string) => {
    const spec = specOf(picture, name);
    if (spec === null) throw new Error('no picture');
    return charts.draw(spec);
  };
  it.each([
    ['no samples', same([])],
    ['a single sample', same([0.5])],
    ['only gaps', same([Number.NaN, Number.NaN])],
    ['absurd values', same([1e308, -1e308, Number.POSITIVE_INFINITY])],
    ['a healthy hour', same(Array.from({ length: 60 }, (_, index) => 0.01 + index / 10_000))],
  ])('is drawn at its full size from %s', async (_what, picture) => {
    const { png, widthPx, heightPx } = await draw(picture);
    expect(sizeOf(png)).toEqual([1120, 768]);
    expect([widthPx, heightPx]).toEqual([1120, 768]);
  });

  it('is drawn with hostile names', async () => {
    for (const name of [
      '<svg onload=alert(1)>',
      '"\'&<>\u0000\u0007\ufffe',
      '\ud83d',
      '‮evil',
      'x'.repeat(4000),
      '日本語のサービス',
    ])
      expect(sizeOf((await draw(same([0.1, 0.2]), name)).png)).toEqual([1120, 768]);
  });

  it('never mixes two pictures that are drawn at the same time', async () => {
    const pictures = Array.from({ length: 8 }, (_, index) => same([0.1 * index, 0.05 * index, 0.02 * index]));
    const alone = [];
    for (const picture of pictures) alone.push(Buffer.from((await draw(picture)).png).toString('base64'));
    const together = await Promise.all(pictures.map((picture) => draw(picture)));
    expect(together.map(({ png }) => Buffer.from(png).toString('base64'))).toEqual(alone);
  });
});
