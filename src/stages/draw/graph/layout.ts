import type { Layers } from '../../../domain/graph/layers.ts';
import type { Arrow, GraphNode } from '../../../domain/graph.ts';
import { textWidth } from '../waterfall/widths.ts';
import type { Columns, Slot } from './columns.ts';
import { figureLines, titlesOf } from './labels.ts';

/** As wide as the other pictures, so that a phone shows their texts alike; wider where it is deep. */
export const page = {
  widthPx: 560,
  marginPx: 14,
  textPx: 12,
  namePx: 13.5,
  titlePx: 16,
  headPx: 26,
  linePx: 15,
  rowGapPx: 7,
} as const;
const [leastBoxPx, longestBoxPx, leastGapPx, padPx] = [92, 112, 30, 8];
const [apartPx, wayPx] = [14, 12];
/** From so many columns on boxes are narrow: a figure a line. */
const manyColumns = 4;

/** An arrow where it ends: a row of its callee's box. */
type Port = { readonly arrow: Arrow; readonly lines: readonly string[]; readonly yPx: number; readonly heightPx: number };
type Card = {
  readonly node: GraphNode;
  readonly title: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly heightPx: number;
  readonly ports: readonly Port[];
};

export type Layout = {
  readonly widthPx: number;
  readonly boxPx: number;
  readonly gapPx: number;
  readonly bottomPx: number;
  readonly cards: ReadonlyMap<string, Card>;
  /** Where the way of an arrow crosses a column: its left end. */
  readonly ways: ReadonlyMap<string, readonly [xPx: number, yPx: number]>;
};

/** The lines that stand where an arrow ends. */
type LinesOf = (arrow: Arrow) => readonly string[];

type Size = Pick<Layout, 'widthPx' | 'boxPx' | 'gapPx'>;

/** Boxes as wide as their texts; what is left of the page lies between them. */
const sizeOf = (texts: readonly (readonly [text: string, sizePx: number])[], columns: number, sidePx: number): Size => {
  const widest = Math.max(...texts.map(([text, sizePx]) => textWidth(text, sizePx, 600)));
  // Long names are cut before the page grows, but for that every figure is whole.
  const mostBoxPx = Math.max(longestBoxPx, (page.widthPx - 2 * sidePx - (columns - 1) * leastGapPx) / columns);
  const boxPx = Math.floor(Math.min(mostBoxPx, 190, Math.max(leastBoxPx, widest + 2 * padPx)));
  const widthPx = Math.max(page.widthPx, 2 * sidePx + columns * boxPx + (columns - 1) * leastGapPx);
  const gapPx = columns === 1 ? 0 : (widthPx - 2 * sidePx - columns * boxPx) / (columns - 1);
  return { widthPx, boxPx, gapPx };
};

/** How far beside the boxes the arrows run that go back. */
export const asidePx = (index: number): number => 7 + Math.min(index, 3) * 5;

const heightOf = (lines: readonly string[]): number => lines.length * page.linePx + page.rowGapPx;

/** In the order in which their callers stand, so that arrows into one box do not cross. */
const portsOf = (
  arrows: readonly Arrow[],
  placeOf: (arrow: Arrow) => number,
  topPx: number,
  linesOf: LinesOf,
): readonly Port[] => {
  let yPx = topPx + page.headPx;
  return [...arrows]
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((arrow) => {
      const lines = linesOf(arrow);
      const port = { arrow, lines, yPx, heightPx: heightOf(lines) };
      yPx += port.heightPx;
      return port;
    });
};

const intoOf = (slot: Slot, arrows: readonly Arrow[]): readonly Arrow[] =>
  slot.kind === 'node' ? arrows.filter(({ to }) => to.key === slot.id) : [];

const slotHeight = (slot: Slot, arrows: readonly Arrow[], linesOf: LinesOf): number =>
  slot.kind === 'way' ? wayPx : page.headPx + intoOf(slot, arrows).reduce((sum, arrow) => sum + heightOf(linesOf(arrow)), 0) + 2;

/** Boxes column by column, each column in the middle of the tallest. */
export const layoutOf = (
  { columns, routes }: Columns,
  { forth, back }: Layers,
  arrows: readonly Arrow[],
  topPx: number,
  seconds: number,
): Layout => {
  const nodes = columns.flat().flatMap((slot) => (slot.kind === 'node' ? [slot.node] : []));
  const titles = titlesOf(nodes);
  const linesOf: LinesOf = (arrow) => figureLines(arrow, seconds, columns.length >= manyColumns);
  const texts = [
    ...[...titles.values()].map((title) => [title, page.namePx] as const),
    ...arrows.flatMap((arrow) => linesOf(arrow).map((text) => [text, page.textPx] as const)),
  ];
  const sidePx = page.marginPx + (back.length > 0 ? asidePx(back.length) : 0);
  const size = sizeOf(texts, columns.length, sidePx);
  const height = (slot: Slot): number => slotHeight(slot, arrows, linesOf);
  const total = (column: readonly Slot[]): number => column.reduce((sum, slot) => sum + height(slot) + apartPx, -apartPx);
  const tallest = Math.max(...columns.map(total));
  const [cards, ways, middles] = [
    new Map<string, Card>(),
    new Map<string, readonly [number, number]>(),
    new Map<string, number>(),
  ];
  const lastOf = new Map(routes.map(({ arrow, slots }) => [arrow, slots.at(-2) ?? '']));
  // Arrows that go back come from below.
  const placeOf = (arrow: Arrow): number =>
    forth.includes(arrow) ? (middles.get(lastOf.get(arrow) ?? '') ?? 0) : Number.POSITIVE_INFINITY;
  for (const [index, column] of columns.entries()) {
    const xPx = sidePx + index * (size.boxPx + size.gapPx);
    let yPx = topPx + (tallest - total(column)) / 2;
    for (const slot of column) {
      middles.set(slot.id, yPx + height(slot) / 2);
      if (slot.kind === 'way') ways.set(slot.id, [xPx, yPx + wayPx / 2]);
      else {
        const ports = portsOf(intoOf(slot, arrows), placeOf, yPx, linesOf);
        const { node } = slot;
        cards.set(slot.id, { node, title: titles.get(slot.id) ?? node.name, xPx, yPx, heightPx: height(slot), ports });
      }
      yPx += height(slot) + apartPx;
    }
  }
  return { ...size, bottomPx: topPx + tallest, cards, ways };
};
