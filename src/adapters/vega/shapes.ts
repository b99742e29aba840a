import type { ShapeSpec } from '../../domain/message.ts';

type Box = Extract<ShapeSpec, { readonly kind: 'box' }>;
type Frame = Extract<ShapeSpec, { readonly kind: 'frame' }>;
type Line = Extract<ShapeSpec, { readonly kind: 'line' }>;

/** No picture is so large. */
const farPx = 10_000;

/** A hundredth of a logical pixel is finer than the output. Anything but a number would be markup from outside. */
const px = (value: number): string => {
  if (typeof value !== 'number' || !(Math.abs(value) <= farPx)) throw new RangeError('a shape stands at no number of pixels');
  return String(Math.round(value * 100) / 100);
};

const colourOf = (text: string): string => {
  if (!/^#[0-9a-f]{6}$/i.test(text)) throw new RangeError('a shape has no colour of the form #rrggbb');
  return text;
};

/** Three tenths of a colour on white: the ground that its stripes stand on. */
const pale = (colour: string): string =>
  `#${[1, 3, 5].map((at) => Math.round(255 - (255 - Number.parseInt(colour.slice(at, at + 2), 16)) * 0.3).toString(16)).join('')}`;

const rectangle = ({ xPx, yPx, widthPx, heightPx }: Box): string =>
  `M${px(xPx)} ${px(yPx)}h${px(widthPx)}v${px(heightPx)}h${px(-widthPx)}z`;

/** Where x + y is a multiple of this, so that the stripes of neighbours meet. */
const stripePx = 5.6;

/** Their width, and how far the corners of an end reach beyond it. */
const strokePx = 1.5;
const reachPx = strokePx / 2 / Math.SQRT2;

/** Stripes from the lower left to the upper right, each ended so that its corners touch the edge of the box. */
const stripes = (box: Box): string => {
  const [xPx, yPx] = [box.xPx + reachPx, box.yPx + reachPx];
  const [widthPx, heightPx] = [box.widthPx - 2 * reachPx, box.heightPx - 2 * reachPx];
  const last = xPx + widthPx + yPx + heightPx;
  let d = '';
  for (let sum = Math.ceil((xPx + yPx) / stripePx) * stripePx; sum < last; sum += stripePx) {
    const left = Math.max(xPx, sum - yPx - heightPx);
    const right = Math.min(xPx + widthPx, sum - yPx);
    if (right > left) d += `M${px(left)} ${px(sum - left)}L${px(right)} ${px(sum - right)}`;
  }
  return d;
};

/**
 * Boxes of one paint that follow each other, as one path: fewer elements are faster. Stripes are lines of their own, since an SVG pattern
 * takes librsvg a third of the whole picture's time.
 */
const boxesElement = (boxes: readonly Box[]): string => {
  const [first] = boxes;
  if (first === undefined) return '';
  const colour = colourOf(first.colour);
  const d = boxes.map(rectangle).join('');
  if (first.pattern === 'solid') return `<path d="${d}" fill="${colour}"/>`;
  const lines = boxes.map(stripes).join('');
  return `<path d="${d}" fill="${pale(colour)}"/><path d="${lines}" fill="none" stroke="${colour}" stroke-width="${strokePx}"/>`;
};

const frameElement = ({ xPx, yPx, widthPx, heightPx, radiusPx, colour, edgePx }: Frame): string =>
  `<rect x="${px(xPx)}" y="${px(yPx)}" width="${px(widthPx)}" height="${px(heightPx)}" rx="${px(radiusPx)}"` +
  ` fill="none" stroke="${colourOf(colour)}" stroke-width="${px(edgePx)}"/>`;

const lineElement = ({ points, colour, widthPx }: Line): string =>
  `<polyline points="${points.map(([x, y]) => `${px(x)},${px(y)}`).join(' ')}" fill="none" stroke="${colourOf(colour)}" stroke-width="${px(widthPx)}"/>`;

/** Shapes as SVG, in their order. */
export const shapesSvg = (shapes: readonly ShapeSpec[]): string => {
  const drawn: string[] = [];
  let run: Box[] = [];
  for (const shape of shapes) {
    const [first] = run;
    const goesOn = shape.kind === 'box' && first?.colour === shape.colour && first.pattern === shape.pattern;
    if (!goesOn) {
      drawn.push(boxesElement(run));
      run = [];
    }
    if (shape.kind === 'box') run.push(shape);
    else drawn.push(shape.kind === 'frame' ? frameElement(shape) : lineElement(shape));
  }
  drawn.push(boxesElement(run));
  return shapes.length === 0 ? '' : `<g>${drawn.join('')}</g>`;
};
