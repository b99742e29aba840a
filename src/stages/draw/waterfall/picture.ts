import type { PictureSpec } from '../../../domain/message.ts';
import type { Trace, TraceAnalysis } from '../../../domain/trace.ts';
import { colours } from '../charts.ts';
import { type Axis, axisOf } from './axis.ts';
import { barShapes } from './bars.ts';
import { errorDetail, footerLines, traceCaption, waterfallAltText } from './captions.ts';
import { axisPart, legendPart, type Part, tornShapes } from './frame.ts';
import { cutsOf } from './gaps.ts';
import { huesOf } from './hues.ts';
import { lateLabel, nameMark, rowTexts, treeLines, words } from './labels.ts';
import { type Layout, layoutOf } from './layout.ts';
import { box } from './marks.ts';
import { minimap } from './minimap.ts';
import { inRow, page } from './page.ts';
import { type WaterfallRows, waterfallRows } from './rows.ts';
import { type Tree, treeOf } from './tree.ts';
import { fitted, wrapped } from './widths.ts';

type Waterfall = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  /** What the trace says, in one sentence: the picture's title. */
  readonly sentence: string;
  /** Name of the trace store: "Tempo". */
  readonly store: string;
};

type Hue = (service: string) => string;
const innerPx = page.widthPx - 2 * page.marginPx;
const titleLinePx = 21;

const titlePart = (sentence: string): Part & { readonly bottomPx: number } => {
  const lines = wrapped(sentence, innerPx, page.titlePx, 700, 4);
  const texts = lines.map((text, index) =>
    words(text, page.marginPx, 28 + index * titleLinePx, { sizePx: page.titlePx, weight: 700 }),
  );
  return { shapes: [], texts, bottomPx: 34 + Math.max(0, lines.length - 1) * titleLinePx };
};

/** The whole trace in small, where the rows are not all of it. */
const mapPart = (tree: Tree, rows: WaterfallRows, hue: Hue, topPx: number): Part & { readonly bottomPx: number } => {
  if (rows.folded + rows.outside === 0) return { shapes: [], texts: [], bottomPx: topPx };
  const { shapes, heightPx } = minimap(tree, hue, topPx + 24);
  const caption = { sizePx: page.smallPx, colour: colours.mute };
  return {
    shapes,
    texts: [
      words(traceCaption(tree.trace), page.marginPx, topPx + 14, caption),
      words('in the box: the rows below', page.widthPx - page.marginPx, topPx + 14, { ...caption, anchor: 'end' }),
    ],
    bottomPx: topPx + 24 + heightPx + 8,
  };
};

const rowsPart = (layout: Layout, axis: Axis, wholeMicros: number, hue: Hue): Part => {
  const { placed, topPx, bottomPx } = layout;
  const frame = axisPart(axis, topPx, bottomPx);
  const late = placed.map((one) => lateLabel(one, axis));
  const lit = placed.filter(({ row }) => row.isCulprit || row.isErrorOrigin);
  const band = (yPx: number, heightPx: number) => box(page.marginPx - 6, yPx, innerPx + 12, heightPx, '#F3F3F5');
  return {
    shapes: [
      ...lit.map((one) => band(one.topPx, inRow.heightPx)),
      ...frame.shapes,
      ...lit.map((one) => band(one.topPx + inRow.heightPx, one.notes.length * inRow.noteHeightPx)),
      ...treeLines(layout),
      ...placed.flatMap((one) => nameMark(one, hue(one.row.name.service))),
      ...placed.flatMap((one) => barShapes(one, axis, wholeMicros, hue(one.row.name.service))),
      ...tornShapes(axis, topPx, bottomPx),
      ...late.flatMap(({ shapes }) => shapes),
    ],
    texts: [...frame.texts, ...placed.flatMap((one) => rowTexts(one, layout)), ...late.flatMap(({ texts }) => texts)],
  };
};

const footerPart = ({ trace, store }: Waterfall, rows: WaterfallRows, isTorn: boolean, topPx: number): Part => {
  const legend = legendPart(rows.rows, isTorn, topPx + 22);
  const texts = footerLines(trace, store, rows).map((text, index) =>
    words(fitted(text, innerPx, page.smallPx, 400), page.marginPx, topPx + 44 + index * 17, {
      sizePx: page.smallPx,
      colour: colours.mute,
    }),
  );
  return { shapes: legend.shapes, texts: [...legend.texts, ...texts] };
};

/**
 * The waterfall of one trace, from its focus down. It is laid out here to the pixel and handed over as shapes, without a template of
 * Vega's: its axis has cuts, its rows have no scale, its hatching no mark there; every mark of such a template would be a rectangle at
 * given pixels, and Vega the longer way to write it. Renderer, fonts, colours and size are those of the charts.
 */
export const waterfallPicture = (given: Waterfall): PictureSpec => {
  const { trace, analysis, sentence } = given;
  const tree = treeOf(trace, analysis);
  const culprit = analysis.culprit?.spans ?? [];
  const rows = waterfallRows(tree, culprit);
  const hue = huesOf(rows.rows);
  const title = titlePart(sentence);
  const map = mapPart(tree, rows, hue, title.bottomPx);
  const layout = layoutOf(rows.rows, analysis, errorDetail(trace, analysis), map.bottomPx + 24);
  const axis = axisOf(rows.wholeMicros, cutsOf(tree, culprit), layout.bars.leftPx, layout.bars.rightPx);
  const parts = [
    title,
    map,
    rowsPart(layout, axis, rows.wholeMicros, hue),
    footerPart(given, rows, axis.torn.length > 0, layout.bottomPx),
  ];
  return {
    name: 'waterfall',
    widthPx: page.widthPx,
    heightPx: Math.ceil(layout.bottomPx + 74),
    panels: [],
    shapes: parts.flatMap(({ shapes }) => shapes),
    texts: parts.flatMap(({ texts }) => texts),
    altText: waterfallAltText(sentence, rows),
  };
};
