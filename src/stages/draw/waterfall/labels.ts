import type { ShapeSpec, TextSpec } from '../../../domain/message.ts';
import { colours } from '../charts.ts';
import type { Axis } from './axis.ts';
import { type Layout, nameLeft, type Placed } from './layout.ts';
import { box, cross, line } from './marks.ts';
import { inRow, page } from './page.ts';
import type { WaterfallRow } from './row.ts';
import { took } from './took.ts';
import { fitted, textWidth } from './widths.ts';

export const words = (text: string, xPx: number, yPx: number, rest: Partial<TextSpec> = {}): TextSpec => ({
  text,
  xPx,
  yPx,
  sizePx: page.textPx,
  weight: 400,
  colour: colours.ink,
  anchor: 'start',
  ...rest,
});

const gapPx = 5;
/** An operation of which less would be left is not worth its room. */
const leastOperationPx = 34;

/** Service, operation and number beside each other, in the room there is: the number whole, the service before the operation. */
const nameTexts = ({ row, name, topPx, leftPx }: Placed, namesPx: number): readonly TextSpec[] => {
  const size = page.textPx;
  const isQuiet = row.kind === 'context' || row.kind === 'rest' || row.kind === 'way';
  const service = row.errors > 0 ? colours.bad : isQuiet ? colours.mute : colours.ink;
  const { suffix } = row;
  let xPx = nameLeft(leftPx);
  const room = namesPx - xPx - (suffix === '' ? 0 : textWidth(suffix, size, 600) + gapPx);
  const natural = name.service === '' ? 0 : textWidth(name.service, size, 600);
  // Whom the caller was called by says more than what of it was called.
  const wanted =
    name.operation === '' || row.kind === 'context' ? 0 : Math.min(textWidth(name.operation, size, 400) + gapPx, room * 0.45);
  const first = fitted(name.service, Math.max(room - wanted, 0), size, 600);
  const used = natural === 0 ? 0 : textWidth(first, size, 600) + gapPx;
  const left = room - used;
  const second = name.operation === '' || left < leastOperationPx ? '' : fitted(name.operation, left, size, 400);
  const parts = [
    [natural === 0 ? '' : first, 600, service],
    [second, 400, natural > 0 || (isQuiet && row.errors === 0) ? colours.mute : service],
    [suffix, 600, service],
  ] as const;
  return parts.flatMap(([text, weight, colour]) => {
    if (text === '') return [];
    const one = words(text, xPx, topPx + inRow.baselinePx, { weight, colour });
    xPx += textWidth(text, size, weight) + gapPx;
    return [one];
  });
};

const figures: Readonly<Record<WaterfallRow['kind'], (micros: number) => string>> = {
  context: took,
  call: took,
  like: (micros) => `Σ ${took(micros)}`,
  way: took,
  rest: (micros) => `≤ ${took(micros)}`,
};

const figureText = ({ row, topPx }: Placed): TextSpec =>
  words(figures[row.kind](row.tookMicros), page.widthPx - page.marginPx, topPx + inRow.baselinePx, {
    anchor: 'end',
    digits: 'tabular',
    weight: row.isCulprit ? 700 : 400,
    colour: row.kind === 'context' || row.kind === 'rest' ? colours.mute : colours.ink,
  });

const noteTexts = ({ topPx, leftPx, notes }: Placed): readonly TextSpec[] =>
  notes.map(({ text, isBad }, index) => {
    const xPx = nameLeft(leftPx);
    const yPx = topPx + inRow.heightPx + index * inRow.noteHeightPx + 12;
    const colour = isBad ? colours.bad : colours.ink;
    return words(fitted(text, page.widthPx - page.marginPx - xPx, page.textPx, 700), xPx, yPx, { weight: 700, colour });
  });

export const rowTexts = (placed: Placed, { namesPx }: Layout): readonly TextSpec[] => [
  ...nameTexts(placed, namesPx),
  figureText(placed),
  ...noteTexts(placed),
];

/** "continues 649 ms" beside the arrow of a call that nobody waits for, on a plate of its own. */
export const lateLabel = (
  { row, topPx }: Placed,
  axis: Axis,
): { readonly shapes: readonly ShapeSpec[]; readonly texts: readonly TextSpec[] } => {
  if (row.lateMicros === 0 || row.kind === 'context') return { shapes: [], texts: [] };
  const text = `continues ${took(row.lateMicros)}`;
  const widthPx = textWidth(text, page.smallPx, 600) + 8;
  const first = Math.min(...[...row.asked, ...row.answered].map(({ fromMicros }) => axis.at(fromMicros)));
  const rightPx = first - axis.leftPx > widthPx ? first - 3 : axis.rightPx - 8;
  return {
    shapes: [box(rightPx - widthPx, topPx + 2, widthPx, inRow.barHeightPx + 4, '#ffffff')],
    texts: [
      words(text, rightPx - 4, topPx + inRow.baselinePx - 1, {
        anchor: 'end',
        sizePx: page.smallPx,
        weight: 600,
        colour: colours.mute,
      }),
    ],
  };
};

/** Before a name: the colour of its service, or a cross where something failed. */
export const nameMark = ({ row, topPx, leftPx }: Placed, hue: string): readonly ShapeSpec[] => {
  if (row.errors > 0) return cross(leftPx, topPx + 6.5, 7, colours.bad);
  return row.kind !== 'call' && row.kind !== 'like' ? [] : [box(leftPx + 1, topPx + inRow.barPx, 4, inRow.barHeightPx, hue)];
};

/** Lines from each caller down to what it called. */
export const treeLines = ({ placed }: Layout): readonly ShapeSpec[] =>
  placed.flatMap(({ row, topPx, leftPx }) => {
    const parent = row.parent === null ? undefined : placed[row.parent];
    if (parent === undefined) return [];
    const xPx = parent.leftPx + 3;
    const yPx = topPx + inRow.heightPx / 2;
    return [line('#C9C9CE', 1, [xPx, parent.topPx + inRow.heightPx - 3], [xPx, yPx], [leftPx - 1, yPx])];
  });
