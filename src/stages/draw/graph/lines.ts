import { type Arrow, isSick } from '../../../domain/graph.ts';
import type { ShapeSpec } from '../../../domain/message.ts';
import { line } from '../waterfall/marks.ts';
import type { Route } from './columns.ts';
import { asidePx, type Layout, page } from './layout.ts';

type Point = readonly [xPx: number, yPx: number];

/** Okabe–Ito's vermillion is for what is sick; every other line is grey. */
const [sickInk, quietInk] = ['#D55E00', '#8D8D94'];
const steps = 36;
const headPx = 8;

/** From the right of one to the left of another, level at both ends. */
const curve = ([x0, y0]: Point, [x1, y1]: Point): readonly Point[] => {
  const bend = (x1 - x0) * 0.5;
  return Array.from({ length: steps + 1 }, (_, index): Point => {
    const t = index / steps;
    const u = 1 - t;
    const at = (p0: number, p1: number, p2: number, p3: number): number =>
      u ** 3 * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t ** 3 * p3;
    return [at(x0, x0 + bend, x1 - bend, x1), at(y0, y0, y1, y1)];
  });
};

const headed = (arrow: Arrow, points: readonly Point[], [xPx, yPx]: Point): readonly ShapeSpec[] => {
  const [ink, widthPx] = isSick(arrow) ? [sickInk, 2.8] : [quietInk, 1.5];
  const head: readonly Point[] = [
    [xPx - headPx, yPx - 4.5],
    [xPx, yPx],
    [xPx - headPx, yPx + 4.5],
  ];
  return [line(ink, widthPx, ...points, [xPx - 1, yPx]), line(ink, widthPx, ...head)];
};

const portOf = ({ cards }: Layout, arrow: Arrow): Point | null => {
  const card = cards.get(arrow.to.key);
  const port = card?.ports.find((one) => one.arrow === arrow);
  return card === undefined || port === undefined ? null : [card.xPx, port.yPx + (port.heightPx - page.rowGapPx) / 2];
};

const exitOf = ({ cards, boxPx }: Layout, arrow: Arrow): Point | null => {
  const card = cards.get(arrow.from.key);
  return card === undefined ? null : [card.xPx + boxPx, card.yPx + page.headPx / 2];
};

const forthLine = (layout: Layout, { arrow, slots }: Route): readonly ShapeSpec[] => {
  const [exit, port] = [exitOf(layout, arrow), portOf(layout, arrow)];
  if (exit === null || port === null) return [];
  const points: Point[] = [];
  let at = exit;
  for (const id of slots.slice(1, -1)) {
    const way = layout.ways.get(id);
    if (way === undefined) continue;
    points.push(...curve(at, way));
    at = [way[0] + layout.boxPx, way[1]];
  }
  return headed(arrow, [...points, ...curve(at, [port[0] - headPx, port[1]])], port);
};

const lanePx = 9;

/** Back under all boxes, one lane each. */
const backLine = (layout: Layout, arrow: Arrow, index: number): readonly ShapeSpec[] => {
  const [exit, port] = [exitOf(layout, arrow), portOf(layout, arrow)];
  if (exit === null || port === null) return [];
  const aside = asidePx(index);
  const yPx = layout.bottomPx + 10 + index * lanePx;
  const [right, left] = [exit[0] + aside, port[0] - headPx - aside + 4];
  return headed(arrow, [exit, [right, exit[1]], [right, yPx], [left, yPx], [left, port[1]]], port);
};

/** Room under the boxes for arrows that go back. */
export const lanesPx = (back: readonly Arrow[]): number => (back.length === 0 ? 0 : 10 + back.length * lanePx);

/** All arrows; the sick ones above the others. */
export const arrowShapes = (layout: Layout, routes: readonly Route[], back: readonly Arrow[]): readonly ShapeSpec[] => {
  const drawn = [
    ...routes.map((route) => ({ arrow: route.arrow, shapes: forthLine(layout, route) })),
    ...back.map((arrow, index) => ({ arrow, shapes: backLine(layout, arrow, index) })),
  ];
  return [...drawn.filter(({ arrow }) => !isSick(arrow)), ...drawn.filter(({ arrow }) => isSick(arrow))].flatMap(
    ({ shapes }) => shapes,
  );
};
