import { niceAxis } from '../scale.ts';
import type { Cut } from './gaps.ts';
import { page } from './page.ts';
import { lengthMicros, type Stretch, sumMicros } from './stretches.ts';
import { took } from './took.ts';
import { textWidth } from './widths.ts';

type Tick = { readonly xPx: number; readonly text: string };
/** Where time was cut out: its two edges in the picture, and the time. */
type Torn = { readonly fromPx: number; readonly toPx: number; readonly labelPx: number; readonly text: string };

/** Time of the focus laid out over a width. */
export type Axis = {
  readonly leftPx: number;
  readonly rightPx: number;
  /** Never outside the axis. */
  readonly at: (micros: number) => number;
  /** Round times; the last is the end of the focus. */
  readonly ticks: readonly Tick[];
  readonly torn: readonly Torn[];
};

/** Pieces of the axis from left to right, each linear. */
type Piece = Stretch & { readonly fromPx: number; readonly toPx: number };

const pxIn = (piece: Piece, micros: number): number =>
  piece.fromPx + ((micros - piece.fromMicros) / Math.max(1, lengthMicros(piece))) * (piece.toPx - piece.fromPx);

const piecesOf = (wholeMicros: number, cuts: readonly Cut[], leftPx: number, rightPx: number): readonly Piece[] => {
  const whole = Math.max(1, wholeMicros);
  const width = rightPx - leftPx;
  const cutPx = cuts.reduce((sum, { widthShare }) => sum + widthShare * width, 0);
  const perMicro = (width - cutPx) / Math.max(1, whole - sumMicros(cuts));
  const bounds = [0, ...cuts.flatMap(({ fromMicros, toMicros }) => [fromMicros, toMicros]), whole];
  let fromPx = leftPx;
  return bounds.slice(1).map((toMicros, index) => {
    const fromMicros = bounds[index] ?? 0;
    const cut = index % 2 === 1 ? cuts[(index - 1) / 2] : undefined;
    const toPx = fromPx + (cut === undefined ? (toMicros - fromMicros) * perMicro : cut.widthShare * width);
    const piece = { fromMicros, toMicros, fromPx, toPx };
    fromPx = toPx;
    return piece;
  });
};

/** Room between two texts; room that a tick's text needs, and the text of a cut. */
const apartPx = 9;
const tickRoomPx = 50;
const cutRoomPx = 72;

const tickWidth = (micros: number): number => textWidth(took(micros), page.textPx, 400);

/** The finest round step whose texts keep apart, of the time that is not cut out. */
const stepOf = (pieces: readonly Piece[]): number => {
  const linear = pieces.filter((_, index) => index % 2 === 0);
  const micros = Math.max(1, sumMicros(linear));
  const perMicro = linear.reduce((sum, { fromPx, toPx }) => sum + toPx - fromPx, 0) / micros;
  const steps = [8, 7, 6, 5, 4, 3, 2, 1].map((count) => niceAxis(micros, count, 1).ticks[1] ?? micros);
  const fits = (step: number): boolean =>
    Array.from({ length: Math.floor(micros / step) }, (_, index) => (index + 1) * step).every(
      (tick) => (tickWidth(tick) + tickWidth(tick + step)) / 2 + apartPx <= step * perMicro,
    );
  return steps.find(fits) ?? micros;
};

const ticksOf = (wholeMicros: number, pieces: readonly Piece[], torn: readonly Torn[], rightPx: number): readonly Tick[] => {
  const step = stepOf(pieces);
  const end = { xPx: rightPx, text: took(wholeMicros) };
  const endPx = rightPx - textWidth(end.text, page.textPx, 600) - 6;
  const isFree = ({ xPx, text }: Tick): boolean =>
    xPx + (text === '0' ? 1 : 0.5) * textWidth(text, page.textPx, 400) <= endPx &&
    torn.every(({ labelPx }) => Math.abs(xPx - labelPx) > (cutRoomPx + tickRoomPx) / 2);
  const round = pieces.flatMap((piece, index) => {
    if (index % 2 === 1) return [];
    const first = Math.ceil(piece.fromMicros / step);
    const count = Math.floor(piece.toMicros / step) - first + 1;
    return Array.from({ length: Math.max(0, count) }, (_, more) => {
      const micros = (first + more) * step;
      return { xPx: pxIn(piece, micros), text: micros === 0 ? '0' : took(micros) };
    });
  });
  return [...round.filter(isFree), end];
};

/** A linear axis from 0 to the end of the focus, less what is cut out of it. */
export const axisOf = (wholeMicros: number, cuts: readonly Cut[], leftPx: number, rightPx: number): Axis => {
  const pieces = piecesOf(wholeMicros, cuts, leftPx, rightPx);
  const at = (micros: number): number => {
    const time = Math.min(Math.max(0, micros), Math.max(1, wholeMicros));
    const piece = pieces.find(({ toMicros }) => time <= toMicros) ?? pieces.at(-1);
    if (piece === undefined) return leftPx;
    return pxIn(piece, time);
  };
  const torn = pieces
    .filter((_, index) => index % 2 === 1)
    .map(({ fromPx, toPx, ...stretch }) => {
      const middle = (fromPx + toPx) / 2;
      // The end of the axis is always named.
      const labelPx = Math.min(Math.max(middle, leftPx + cutRoomPx / 2), rightPx - tickRoomPx - cutRoomPx / 2);
      return { fromPx, toPx, labelPx, text: `${took(lengthMicros(stretch))} cut` };
    });
  return { leftPx, rightPx, at, ticks: ticksOf(wholeMicros, pieces, torn, rightPx), torn };
};
