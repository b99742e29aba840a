import type { Chosen } from '../../domain/graph/chosen.ts';
import { layersOf } from '../../domain/graph/layers.ts';
import { isSick } from '../../domain/graph.ts';
import type { PictureSpec, ShapeSpec, TextSpec } from '../../domain/message.ts';
import { colours } from './charts.ts';
import { graphAltText, graphSentence, leftOutText } from './graph/captions.ts';
import { columnsOf } from './graph/columns.ts';
import { type Layout, layoutOf, page } from './graph/layout.ts';
import { arrowShapes, lanesPx } from './graph/lines.ts';
import { words } from './waterfall/labels.ts';
import { box, frame } from './waterfall/marks.ts';
import { fitted, wrapped } from './waterfall/widths.ts';

export { leftOutText } from './graph/captions.ts';

type Card = Layout['cards'] extends ReadonlyMap<string, infer One> ? One : never;

const [ground, edgeInk, sickGround] = ['#F6F6F7', '#B9B9C0', '#FBE9DC'];

const cardShapes = (
  { xPx, yPx, heightPx, ports, node }: Card,
  { boxPx }: Layout,
  focus: Chosen['focus'],
): readonly ShapeSpec[] => [
  box(xPx, yPx, boxPx, heightPx, ground),
  ...ports.filter(({ arrow }) => isSick(arrow)).map((port) => box(xPx, port.yPx - 2, boxPx, port.heightPx - 2, sickGround)),
  focus.has(node.key) ? frame(xPx, yPx, boxPx, heightPx, colours.ink, 2, 2) : frame(xPx, yPx, boxPx, heightPx, edgeInk, 1, 2),
];

const cardTexts = ({ xPx, yPx, title, ports, node }: Card, { boxPx }: Layout, focus: Chosen['focus']): readonly TextSpec[] => [
  words(fitted(title, boxPx - 14, page.namePx, 600), xPx + 8, yPx + 18, {
    sizePx: page.namePx,
    weight: focus.has(node.key) ? 700 : 600,
  }),
  ...ports.flatMap(({ arrow, lines, yPx: topPx }) =>
    lines.map((text, index) => {
      const isFailing = text.endsWith('failing');
      return words(fitted(text, boxPx - 12, page.textPx, isFailing ? 600 : 400), xPx + 8, topPx + 11 + index * page.linePx, {
        sizePx: page.textPx,
        weight: isFailing && isSick(arrow) ? 600 : 400,
        colour: isSick(arrow) ? (isFailing ? colours.bad : colours.ink) : colours.mute,
      });
    }),
  ),
];

const small = { sizePx: page.textPx, colour: colours.mute };

/** Title above, and what it is about. */
const headTexts = (sentence: string, where: string, widthPx: number): readonly TextSpec[] => {
  const innerPx = widthPx - 2 * page.marginPx;
  const title = wrapped(sentence, innerPx, page.titlePx, 700, 2).map((text, index) =>
    words(text, page.marginPx, 28 + index * 21, { sizePx: page.titlePx, weight: 700 }),
  );
  const under = 28 + title.length * 21 - 2;
  return [...title, words(fitted(where, innerPx, page.textPx, 400), page.marginPx, under, small)];
};

const footTexts = (chosen: Chosen, widthPx: number, topPx: number): readonly TextSpec[] => {
  const innerPx = widthPx - 2 * page.marginPx;
  const legend = 'where an arrow ends: its failing share, requests a second, p95; orange from 1 % failing';
  const leftOut = leftOutText(chosen);
  return [...wrapped(legend, innerPx, page.textPx, 400, 2), ...(leftOut === null ? [] : [leftOut])].map((text, index) =>
    words(fitted(text, innerPx, page.textPx, 400), page.marginPx, topPx + index * 17, small),
  );
};

/**
 * Who calls whom, from left to right. Every arrow ends at a row of its callee's box that holds its figures: no figure stands between
 * lines, and none can cover another. `where`: what it is a picture of, and of when.
 */
export const graphPicture = (chosen: Chosen, where: string, seconds: number): PictureSpec | null => {
  if (chosen.arrows.length === 0) return null;
  const layers = layersOf(chosen.nodes, chosen.arrows);
  const columns = columnsOf(chosen.nodes, layers);
  const sentence = graphSentence(chosen);
  const lines = wrapped(sentence, page.widthPx - 2 * page.marginPx, page.titlePx, 700, 2).length;
  const layout = layoutOf(columns, layers, chosen.arrows, 44 + lines * 21, seconds);
  const footPx = layout.bottomPx + lanesPx(layers.back) + 28;
  const foot = footTexts(chosen, layout.widthPx, footPx);
  const cards = [...layout.cards.values()];
  return {
    name: 'graph',
    widthPx: Math.ceil(layout.widthPx),
    heightPx: Math.ceil(footPx + (foot.length - 1) * 17 + 14),
    panels: [],
    shapes: [
      ...cards.flatMap((card) => cardShapes(card, layout, chosen.focus)),
      ...arrowShapes(layout, columns.routes, layers.back),
    ],
    texts: [
      ...headTexts(sentence, where, layout.widthPx),
      ...cards.flatMap((card) => cardTexts(card, layout, chosen.focus)),
      ...foot,
    ],
    altText: graphAltText(chosen, where, seconds),
  };
};
