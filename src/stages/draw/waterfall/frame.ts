import type { ShapeSpec, TextSpec } from '../../../domain/message.ts';
import { colours } from '../charts.ts';
import type { Axis } from './axis.ts';
import { pathInk } from './bars.ts';
import { words } from './labels.ts';
import { box, line } from './marks.ts';
import { page } from './page.ts';
import type { WaterfallRow } from './row.ts';
import { textWidth } from './widths.ts';

export type Part = { readonly shapes: readonly ShapeSpec[]; readonly texts: readonly TextSpec[] };

const gridInk = '#E4E4E7';

/** Times above the rows, and a thin line down from each. */
export const axisPart = ({ ticks, torn }: Axis, topPx: number, bottomPx: number): Part => ({
  shapes: ticks.map(({ xPx }) => line(gridInk, 1, [xPx, topPx], [xPx, bottomPx])),
  texts: [
    ...ticks.map(({ xPx, text }, index) =>
      words(text, xPx, topPx - 5, {
        anchor: index === ticks.length - 1 ? 'end' : text === '0' ? 'start' : 'middle',
        digits: 'tabular',
        weight: index === ticks.length - 1 ? 600 : 400,
        colour: colours.mute,
      }),
    ),
    ...torn.map(({ labelPx, text }) =>
      words(text, labelPx, topPx - 5, { anchor: 'middle', digits: 'tabular', weight: 600, colour: colours.ink }),
    ),
  ],
});

const toothPx = 6;

/** A torn strip through all rows where time was cut out: white between two zig-zag edges. */
export const tornShapes = ({ torn }: Axis, topPx: number, bottomPx: number): readonly ShapeSpec[] =>
  torn.flatMap(({ fromPx, toPx }) => {
    const middle = (fromPx + toPx) / 2;
    const teeth = Math.ceil((bottomPx - topPx) / toothPx);
    const edge = (xPx: number) =>
      Array.from(
        { length: teeth + 1 },
        (_, index) => [xPx + (index % 2 === 0 ? -2.5 : 2.5), Math.min(bottomPx, topPx + index * toothPx)] as const,
      );
    return [
      line('#ffffff', 9, ...edge(middle)),
      line('#8D8D94', 1.2, ...edge(middle - 4.5)),
      line('#8D8D94', 1.2, ...edge(middle + 4.5)),
    ];
  });

/** What the marks mean, as far as they are in the picture. */
export const legendPart = (rows: readonly WaterfallRow[], isTorn: boolean, baselinePx: number): Part => {
  const hue = '#616061';
  const hasAsked = rows.some(({ asked }) => asked.length > 0);
  const entries = [
    { isShown: true, text: 'critical path', marks: (x: number) => [box(x, baselinePx - 5.5, 20, 2.5, pathInk)] },
    { isShown: true, text: 'its own span', marks: (x: number) => [box(x, baselinePx - 9, 20, 9, hue)] },
    { isShown: hasAsked, text: 'seen by its caller only', marks: (x: number) => [box(x, baselinePx - 9, 20, 9, hue, 'hatched')] },
    {
      isShown: isTorn,
      text: 'time cut out',
      marks: (x: number) => [
        line(hue, 1.2, [x + 8, baselinePx - 10], [x + 12, baselinePx - 6], [x + 8, baselinePx - 2], [x + 12, baselinePx + 2]),
      ],
    },
  ].filter(({ isShown }) => isShown);
  let xPx: number = page.marginPx;
  const parts = entries.map(({ text, marks }): Part => {
    const at = xPx;
    xPx += 26 + textWidth(text, page.smallPx, 400) + 18;
    return { shapes: marks(at), texts: [words(text, at + 26, baselinePx, { sizePx: page.smallPx, colour: colours.mute })] };
  });
  return { shapes: parts.flatMap(({ shapes }) => shapes), texts: parts.flatMap(({ texts }) => texts) };
};
