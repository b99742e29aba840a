import { describe, expect, it } from 'vitest';
import type { PictureSpec } from '../../src/domain/message.ts';
import type { MetricsSource } from '../../src/ports.ts';
import { alertOf, episodes } from '../support/episodes.ts';
import { call, holding } from '../support/metrics.ts';

const { clock, ahead, worldOn, hear } = episodes('how-it-went');
const hourMs = 3_600_000;
const well = holding(call('checkout', 'payments', { 200: 1000 }));
const sick = holding(call('checkout', 'payments', { 200: 700, 503: 300 }));

/** What is drawn at the end of an incident of so many hours, and the ranges that were asked for it. */
const endAfter = async (hours: number, callee: string) => {
  const rename = (metrics: MetricsSource): MetricsSource => ({
    ...metrics,
    instant: (promql, ...more) => metrics.instant(promql.replaceAll(callee, 'payments'), ...more),
    range: (promql, ...more) => metrics.range(promql.replaceAll(callee, 'payments'), ...more),
  });
  const drawn: PictureSpec[] = [];
  const ranges: { readonly startMs: number; readonly endMs: number; readonly stepSeconds: number }[] = [];
  const spied: MetricsSource = {
    ...rename(well),
    range: (promql, range, ask) => {
      ranges.push(range);
      return rename(well).range(promql, range, ask);
    },
  };
  const charts = {
    draw: async (spec: PictureSpec) => {
      drawn.push(spec);
      return { name: spec.name, png: new Uint8Array([1]), widthPx: 1, heightPx: 1, altText: spec.altText };
    },
    close: async () => undefined,
  };
  const startsAtMs = clock.nowMs() - 60_000;
  await hear(worldOn(rename(sick)), alertOf('checkout', callee, { startsAtMs }));
  ahead(hours * hourMs);
  const told = await hear({ ...worldOn(spied), charts }, alertOf('checkout', callee, { startsAtMs, status: 'resolved' }));
  // What the picture shows, and nothing else, is asked with so many points.
  const shown = ranges.filter(({ startMs, endMs, stepSeconds }) => Math.round((endMs - startMs) / stepSeconds / 1000) === 72);
  return { startsAtMs, told, shown, altText: drawn[0]?.altText ?? '', texts: drawn[0]?.texts.map(({ text }) => text).join('\n') };
};

describe('the picture of how it went', () => {
  it.each([1, 5, 9])('shows an incident of %i h from before its first alert until its end', async (hours) => {
    const { startsAtMs, told, shown, altText } = await endAfter(hours, `whole${hours}`);
    expect(told.some(({ purpose }) => purpose === 'picture')).toBe(true);
    expect(shown.length).toBeGreaterThan(0);
    for (const { startMs, endMs } of shown) {
      expect(startMs).toBeLessThan(startsAtMs);
      expect(startsAtMs - startMs).toBeLessThan(hours * 0.25 * hourMs + 30 * 60_000);
      expect(endMs).toBeGreaterThan(startsAtMs + hours * hourMs);
    }
    expect(altText).toMatch(/^Charts of checkout → whole/);
    expect(altText).not.toContain('its last');
  });

  it('shows of two days the last half, and says so', async () => {
    const { shown, altText, texts } = await endAfter(48, 'long');
    for (const { startMs, endMs } of shown) expect(endMs - startMs).toBe(12 * hourMs);
    expect(altText).toMatch(/firing since \d\d:\d\d, of which its last 12 h are drawn\./);
    expect(texts).toMatch(/its last 12 h {2}· {2}\d\d:\d\d–\d\d:\d\d/);
  });
});
