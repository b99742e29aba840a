import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/adapters/vega/svg.ts';
import { labelsOf } from '../../../src/domain/alert.ts';
import type { RankedChange } from '../../../src/domain/diagnosis.ts';
import { got } from '../../../src/domain/gathered.ts';
import type { Curve, PictureSeries } from '../../../src/domain/signals.ts';
import type { TracedRequest } from '../../../src/domain/tracing.ts';
import { hero } from '../../../src/stages/draw/hero.ts';
import { alertWith, edgeNamed, nowMs, reportOf } from '../../support/report.ts';
import { tracingOf } from '../../support/worst-trace.ts';

const startMs = nowMs - 3_600_000;
const curve = (...values: readonly number[]): Curve => values.map((value, index) => [startMs + index * 60_000, value] as const);

/** A latency of 1 s at most; or none. */
const seriesOf = (seconds: readonly number[]): PictureSeries => ({
  startMs,
  endMs: nowMs,
  stepSeconds: 60,
  reporter: 'caller',
  traffic: { now: curve(8, 9), usual: curve(8) },
  errors: { failed: curve(0.1, 0.2), refused: [], usual: [] },
  latency: { p50: [], p90: [], p99: curve(...seconds), usualP99: [], clipSeconds: null },
  saturation: null,
});

const at = (minutesBefore: number, latencySeconds: number): TracedRequest => ({
  atMs: nowMs - minutesBefore * 60_000,
  latencySeconds,
  isError: false,
});

type Given = {
  readonly moved?: 'latency' | 'errors';
  readonly seconds?: readonly number[];
  readonly limitMs?: number;
  readonly changes?: readonly RankedChange[];
};

const pictureOf = (requests: readonly TracedRequest[] | null, given: Given = {}) => {
  const { moved = 'latency', seconds = [0.2, 1], limitMs, changes = [] } = given;
  const signals = reportOf().diagnosis.signals.map((line) => ({ ...line, moved: line.signal === moved }));
  const expression = `histogram_quantile(0.99, sum by (le) (rate(istio_request_duration_milliseconds_bucket[5m]))) > ${limitMs}`;
  const rule = limitMs === undefined ? null : { name: 'Slow', expression, forSeconds: null, labels: labelsOf([]) };
  const tracing = requests === null ? {} : { tracing: tracingOf(null, { requests }) };
  const evidence = { picture: got(seriesOf(seconds)), rule, ...tracing };
  const spec = hero(reportOf(edgeNamed(), [alertWith()], evidence, { signals, changes }), 'UTC');
  if (spec === null) throw new Error('no picture');
  return spec;
};
type Spec = ReturnType<typeof pictureOf>;

const panelOf = ({ panels }: Spec) => panels.find(({ template }) => template === 'latency');
const topOf = (spec: Spec) => panelOf(spec)?.signals['y1'];
const dotsOf = (spec: Spec) => panelOf(spec)?.data['dots']?.map(({ v, shape }) => `${shape} ${v}`);
const textOf = (spec: Spec, text: string) => spec.texts.find((one) => one.text === text);

const rollout = (minutesBefore: number, workload: string): RankedChange => ({
  kind: 'rollout',
  what: `${workload} rolled out`,
  object: null,
  namespace: 'shop',
  workload,
  relation: 'coincides',
  atMs: nowMs - minutesBefore * 60_000,
});

describe('traced requests in the hero picture', () => {
  it('are dots in the latency panel, the worst filled and on top, named beside it and in the alt text', () => {
    const spec = pictureOf([at(2, 1.6), at(1, 0.4)]);
    expect(dotsOf(spec)).toEqual(['circle 0.4', 'circle 1.6']);
    expect(panelOf(spec)?.data['dots']?.map(({ fill }) => fill)).toEqual(['#ffffff', '#D55E00']);
    expect(textOf(spec, 'worst trace 1.6 s')).toBeDefined();
    expect(spec.altText).toContain('worst trace 1.6 s');
    expect(pictureOf([at(2, 1.6), at(1, 0.4)])).toEqual(spec);
  });

  it('are none where no trace was read in time, and where there is no trace store', () => {
    for (const spec of [pictureOf([]), pictureOf(null)]) {
      expect(dotsOf(spec)).toEqual([]);
      expect(spec.altText).not.toContain('trace');
    }
  });

  it('stretch the axis twofold at most, so that they press no line flat: what is beyond is an arrow at its top', () => {
    expect(topOf(pictureOf([]))).toBe(1.5);
    expect(topOf(pictureOf([at(2, 1.6)]))).toBe(2);
    const far = pictureOf([at(2, 40), at(1, 30), at(1, 0.4)]);
    expect(topOf(far)).toBe(3);
    expect(dotsOf(far)).toEqual(['circle 0.4', `triangle-up ${3 * 0.965}`, `triangle-up ${3 * 0.965}`]);
    expect(textOf(far, 'worst trace 40 s')).toBeDefined();
  });

  it('set the axis where there is no line', () => {
    const spec = pictureOf([at(2, 8.1)], { seconds: [] });
    expect(topOf(spec)).toBe(10);
    expect(dotsOf(spec)).toEqual(['circle 8.1']);
  });

  it('of another time are not drawn, and none is called the worst in the place of one that is not', () => {
    expect(dotsOf(pictureOf([at(61, 1.6), at(-1, 0.4)]))).toEqual([]);
    const spec = pictureOf([at(61, 1.6), at(2, 0.4)]);
    expect(dotsOf(spec)).toEqual(['circle 0.4']);
    expect(panelOf(spec)?.data['dots']?.map(({ fill }) => fill)).toEqual(['#ffffff']);
    expect(spec.altText).not.toContain('worst trace');
  });

  it('are only the worst where the panel is small, told above it', () => {
    const spec = pictureOf([at(2, 1.6), at(1, 0.4)], { moved: 'errors' });
    expect(dotsOf(spec)).toEqual(['circle 1.6']);
    expect(textOf(spec, 'trace 1.6 s')).toMatchObject({ anchor: 'end', yPx: textOf(spec, 'usually 118 ms')?.yPx });
    expect(spec.altText).toContain('worst trace 1.6 s');
  });
});

describe('the name of the worst trace', () => {
  it('stands on a white rim, on the side with more room, above the lines of quiet times', () => {
    expect(textOf(pictureOf([at(2, 1.6)]), 'worst trace 1.6 s')).toMatchObject({ rim: 'white', anchor: 'end' });
    expect(textOf(pictureOf([at(58, 1.6)]), 'worst trace 1.6 s')).toMatchObject({ rim: 'white', anchor: 'start' });
    const low = textOf(pictureOf([at(2, 0.001)]), 'worst trace 1 ms')?.yPx ?? 0;
    // The plot of the large panel ends at 250.
    expect(low).toBe(238);
    expect(compose(pictureOf([at(2, 1.6)]), [])).toMatch(/paint-order="stroke"[^>]*>worst trace 1\.6 s</);
  });

  it('leaves the threshold its own end of the line', () => {
    const limit = (minutesBefore: number) =>
      textOf(pictureOf([at(minutesBefore, 0.81)], { limitMs: 800 }), 'alert above 800 ms')?.anchor;
    expect([limit(2), limit(58)]).toEqual(['start', 'end']);
  });

  it('stands on no line that tells what changed', () => {
    const spec = pictureOf([at(2, 40)], { changes: [rollout(5, 'payments'), rollout(4, 'ledger')] });
    const rows = ['worst trace 40 s', 'rollout payments', 'rollout ledger'].map((text) => textOf(spec, text)?.yPx ?? 0);
    const [first = 0, second = 0, third = 0] = rows.toSorted((a, b) => a - b);
    expect(second - first).toBeGreaterThanOrEqual(13);
    expect(third - second).toBeGreaterThanOrEqual(13);
  });
});
