import type { ShapeSpec } from '../../../domain/message.ts';
import { colours } from '../charts.ts';
import type { Axis } from './axis.ts';
import { grey } from './hues.ts';
import type { Placed } from './layout.ts';
import { box, frame, line } from './marks.ts';
import { inRow } from './page.ts';
import type { WaterfallRow } from './row.ts';
import { joined, type Stretch } from './stretches.ts';

/** Fill of the bar where an error starts. */
export const vermillion = '#D55E00';
export const pathInk = colours.ink;
const paleGrey = '#D5D5D9';
const restGrey = '#B0B0B6';

/** What is shorter would not be seen. */
const leastPx = 2;
/** A lone bar that is narrower has no room for stripes. */
const stripedPx = 5;

type Bar = { readonly fromPx: number; readonly toPx: number };

/** Stretches in the picture: clipped to the axis, wide enough to be seen, what would run together joined. */
const barsOf = (stretches: readonly Stretch[], axis: Axis, wholeMicros: number, least = leastPx): readonly Bar[] => {
  const bars: { fromPx: number; toPx: number }[] = [];
  for (const { fromMicros, toMicros } of joined(stretches)) {
    if (toMicros < 0 || fromMicros > wholeMicros) continue;
    const fromPx = Math.min(axis.at(fromMicros), axis.rightPx - least);
    const toPx = Math.max(axis.at(toMicros), fromPx + least);
    const last = bars.at(-1);
    if (last !== undefined && fromPx - last.toPx < 1) last.toPx = Math.max(last.toPx, toPx);
    else bars.push({ fromPx, toPx });
  }
  return bars;
};

/** White cuts where one call of many ends and the next begins, as far as they can be told apart. */
const segmentCuts = (starts: readonly number[], axis: Axis, yPx: number, heightPx: number): readonly ShapeSpec[] => {
  const cuts: ShapeSpec[] = [];
  let lastPx = Number.NEGATIVE_INFINITY;
  for (const start of starts.toSorted((a, b) => a - b)) {
    const xPx = axis.at(start);
    if (xPx - lastPx < 3.5) continue;
    if (lastPx > Number.NEGATIVE_INFINITY) cuts.push(box(xPx - 0.6, yPx, 1.2, heightPx, '#ffffff'));
    lastPx = xPx;
  }
  return cuts;
};

/** A chevron at an end where a bar goes on beyond the axis. */
const beyond = (xPx: number, yPx: number, side: 1 | -1, colour: string): ShapeSpec =>
  line(colour, 2, [xPx, yPx - 4], [xPx + side * 4, yPx], [xPx, yPx + 4]);

const sizes: Readonly<Record<WaterfallRow['kind'], { readonly heightPx: number }>> = {
  context: { heightPx: 5 },
  call: { heightPx: inRow.barHeightPx },
  like: { heightPx: inRow.barHeightPx },
  way: { heightPx: 7 },
  rest: { heightPx: 5 },
};

const colourOf = ({ kind, isErrorOrigin }: WaterfallRow, hue: string): string => {
  if (isErrorOrigin) return vermillion;
  if (kind === 'context') return paleGrey;
  return kind === 'rest' ? restGrey : kind === 'way' ? grey : hue;
};

const outline = (bars: readonly Bar[], yPx: number): readonly ShapeSpec[] => {
  const [first, last] = [bars[0], bars.at(-1)];
  if (first === undefined || last === undefined) return [];
  const height = inRow.barHeightPx + 3;
  return [frame(first.fromPx - 1.5, yPx - 1.5, last.toPx - first.fromPx + 3, height, pathInk, 1.8, 2)];
};

/** The bar of one row: the caller's view hatched, the callee's solid on it, the critical path a dark line beneath. */
export const barShapes = ({ row, topPx }: Placed, axis: Axis, wholeMicros: number, hue: string): readonly ShapeSpec[] => {
  const { heightPx } = sizes[row.kind];
  const yPx = topPx + inRow.barPx + (inRow.barHeightPx - heightPx) / 2;
  const colour = colourOf(row, hue);
  const asked = barsOf(row.asked, axis, wholeMicros);
  const answered = barsOf(row.answered, axis, wholeMicros);
  const draw = (bars: readonly Bar[], pattern: 'solid' | 'hatched'): readonly ShapeSpec[] =>
    bars.map(({ fromPx, toPx }) => {
      const isNarrow = row.kind === 'call' && toPx - fromPx < stripedPx;
      return box(fromPx, yPx, toPx - fromPx, heightPx, colour, isNarrow ? 'solid' : pattern);
    });
  const starts = (row.asked.length > 0 ? row.asked : row.answered).map(({ fromMicros }) => fromMicros);
  // A few microseconds are the noise of clocks.
  const isBefore = [...row.asked, ...row.answered].some(({ fromMicros }) => fromMicros < -wholeMicros / 100);
  const middle = topPx + inRow.barPx + inRow.barHeightPx / 2;
  return [
    ...draw(asked, 'hatched'),
    ...draw(answered, 'solid'),
    ...(row.kind === 'like' ? segmentCuts(starts, axis, yPx, heightPx) : []),
    ...barsOf(row.path, axis, wholeMicros, 1.5).map(({ fromPx, toPx }) =>
      box(fromPx, topPx + inRow.pathPx, toPx - fromPx, 2.5, pathInk),
    ),
    ...(row.isCulprit ? outline(barsOf([...row.asked, ...row.answered], axis, wholeMicros), topPx + inRow.barPx) : []),
    ...(isBefore ? [beyond(axis.leftPx, middle, -1, grey)] : []),
    ...(row.lateMicros > 0 ? [beyond(axis.rightPx, middle, 1, colours.mute)] : []),
  ];
};
