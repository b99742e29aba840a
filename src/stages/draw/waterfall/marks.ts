import type { ShapeSpec } from '../../../domain/message.ts';

/** Shapes by a few words. */
export const box = (
  xPx: number,
  yPx: number,
  widthPx: number,
  heightPx: number,
  colour: string,
  pattern: 'solid' | 'hatched' = 'solid',
): ShapeSpec => ({ kind: 'box', xPx, yPx, widthPx, heightPx, colour, pattern });

export const frame = (
  xPx: number,
  yPx: number,
  widthPx: number,
  heightPx: number,
  colour: string,
  edgePx: number,
  radiusPx: number,
): ShapeSpec => ({ kind: 'frame', xPx, yPx, widthPx, heightPx, colour, edgePx, radiusPx });

export const line = (colour: string, widthPx: number, ...points: readonly (readonly [number, number])[]): ShapeSpec => ({
  kind: 'line',
  points,
  colour,
  widthPx,
});

/** A cross for what failed, told by its form as well. */
export const cross = (xPx: number, yPx: number, sizePx: number, colour: string): readonly ShapeSpec[] => [
  line(colour, 2.2, [xPx, yPx], [xPx + sizePx, yPx + sizePx]),
  line(colour, 2.2, [xPx, yPx + sizePx], [xPx + sizePx, yPx]),
];
