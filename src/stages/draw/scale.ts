import type { Curve } from '../../domain/signals.ts';

/** Smallest of 1, 2, 2.5, 5 × 10ⁿ that is at least `raw`. */
const niceStep = (raw: number): number => {
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 2.5 ? 2.5 : lead <= 5 ? 5 : 10) * power;
};

/** An axis from 0 to a round number at or above `max`, with about `count` ticks. Never empty, never infinite. */
export const niceAxis = (
  max: number,
  count: number,
  smallest: number,
): { readonly max: number; readonly ticks: readonly number[] } => {
  const top = Number.isFinite(max) ? Math.min(Math.max(max, smallest), 1e15) : smallest;
  const step = niceStep(top / count);
  const steps = Math.max(1, Math.ceil(top / step - 1e-9));
  return { max: steps * step, ticks: Array.from({ length: steps + 1 }, (_, index) => index * step) };
};

/** The largest finite value, or 0. A loop, since a spread of a huge series overflows the stack. */
export const maxOf = (...curves: readonly Curve[]): number => {
  let max = 0;
  for (const curve of curves) for (const [, value] of curve) if (Number.isFinite(value) && value > max) max = value;
  return max;
};

/** The last finite value of a curve, or null. */
export const lastOf = (curve: Curve): number | null => {
  for (let index = curve.length - 1; index >= 0; index -= 1) {
    const value = curve[index]?.[1];
    if (value !== undefined && Number.isFinite(value)) return Math.min(Math.max(value, -1e15), 1e15);
  }
  return null;
};

const niceMinutes = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440];

/** About `count` round moments of the reader's day between two moments. */
export const timeTicks = (startMs: number, endMs: number, count: number): readonly number[] => {
  const minutes = (endMs - startMs) / 60_000;
  const step = (niceMinutes.find((candidate) => candidate >= minutes / count) ?? 1440) * 60_000;
  const first = Math.ceil(startMs / step) * step;
  const ticks: number[] = [];
  for (let tick = first; tick <= endMs && ticks.length < 24; tick += step) ticks.push(tick);
  return ticks;
};

/** A direct label at the end of a line: where it wants to stand, and what it says. */
type Label = { readonly text: string; readonly yPx: number; readonly colour: string };

/** Spreads labels so that none covers another: first down from the top, then up from the bottom. */
export const dodge = (labels: readonly Label[], gapPx: number, topPx: number, bottomPx: number): readonly Label[] => {
  const sorted = [...labels].sort((a, b) => a.yPx - b.yPx || (a.text < b.text ? -1 : 1));
  const down: Label[] = [];
  for (const label of sorted) down.push({ ...label, yPx: Math.max(label.yPx, (down.at(-1)?.yPx ?? topPx - gapPx) + gapPx) });
  const up: Label[] = [];
  for (const label of down.reverse())
    up.unshift({ ...label, yPx: Math.min(label.yPx, (up[0]?.yPx ?? bottomPx + gapPx) - gapPx) });
  return up;
};
