import type { PictureSeries } from '../../domain/signals.ts';
import type { TracedRequest } from '../../domain/tracing.ts';

/** A traced request in a chart; the worst is the one whose trace the message tells. */
export type Dot = TracedRequest & { readonly isWorst: boolean };

/** Those of the drawn time. The first that is given is the worst, whether it is of that time or not. */
export const dotsIn = ({ startMs, endMs }: PictureSeries, requests: readonly TracedRequest[]): readonly Dot[] =>
  requests.map((request, index) => ({ ...request, isWorst: index === 0 })).filter(({ atMs }) => atMs >= startMs && atMs <= endMs);

/** So many times the highest line may a single request stretch the axis; what is beyond stands at its top. */
const mostStretch = 2;

/** How far an axis reaches that shows lines up to `highest`, and the dots as far as they do not press the lines flat. */
export const stretched = (highest: number, dots: readonly Dot[]): number => {
  const longest = dots.reduce((most, { latencySeconds }) => Math.max(most, latencySeconds), 0);
  return highest === 0 ? longest : Math.max(highest, Math.min(longest, mostStretch * highest));
};

/** Where an arrow stands that points beyond the axis, as a share of it. */
const arrowAt = 0.965;

/** How high a dot stands on an axis up to `top`, as a share of it. */
export const heightOf = ({ latencySeconds }: Dot, top: number): number => (latencySeconds > top ? arrowAt : latencySeconds / top);

/** Dots as rows of the template, the worst last and so above the others, in the colour of what is bad. Those beyond the axis are arrows at its top. */
export const dotRows = (dots: readonly Dot[], top: number) =>
  dots
    .map((dot) => ({
      t: dot.atMs,
      v: heightOf(dot, top) * top,
      shape: dot.latencySeconds > top ? 'triangle-up' : 'circle',
      fill: dot.isWorst ? '#D55E00' : '#ffffff',
      stroke: dot.isWorst ? '#ffffff' : '#1d1c1d',
      size: dot.isWorst ? 84 : 26,
    }))
    .toReversed();
