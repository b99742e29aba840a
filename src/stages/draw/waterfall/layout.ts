import type { TraceAnalysis } from '../../../domain/trace.ts';
import { percent } from '../figures.ts';
import type { Name } from './names.ts';
import { inRow, page } from './page.ts';
import type { WaterfallRow } from './row.ts';
import { sumMicros } from './stretches.ts';
import { took } from './took.ts';
import { textWidth } from './widths.ts';

const column = { leastPx: 110, mostPx: 238, gapPx: 10, figurePx: 62 } as const;
const indent = { mostPx: 9, allPx: 72 } as const;
/** The colour of a service, or the cross of a failure, before its name. */
const markPx = 11;

/** A line beneath a row that says why it matters. */
type Note = { readonly text: string; readonly isBad: boolean };

/** A row at its place. */
export type Placed = {
  readonly row: WaterfallRow;
  /** Without the service where it is that of the row it hangs under: the room is the operation's. */
  readonly name: Name;
  readonly topPx: number;
  /** Where its name's mark stands. */
  readonly leftPx: number;
  readonly notes: readonly Note[];
};

export type Layout = {
  readonly placed: readonly Placed[];
  readonly topPx: number;
  readonly bottomPx: number;
  /** Of the names: their right end. */
  readonly namesPx: number;
  readonly bars: { readonly leftPx: number; readonly rightPx: number };
};

/** Room before a name: its mark. */
export const nameLeft = (leftPx: number): number => leftPx + markPx;

const shortName = ({ name, parent }: WaterfallRow, rows: readonly WaterfallRow[]): Name => {
  const above = parent === null ? undefined : rows[parent];
  const isSame = above?.kind !== 'context' && above?.name.service === name.service && name.operation !== '';
  return isSame ? { service: '', operation: name.operation } : name;
};

const naturalWidth = ({ service, operation }: Name, suffix: string): number => {
  const parts = [
    [service, 600],
    [operation, 400],
    [suffix, 600],
  ] as const;
  return parts.reduce((sum, [text, weight]) => sum + (text === '' ? 0 : textWidth(text, page.textPx, weight) + 5), 0);
};

const kinds = {
  own: () => 'of its own time',
  between: () => 'between the two ends of this call',
  peer: (service: string) => `waiting for ${service}`,
} as const;

const culpritNote = ({ culprit }: TraceAnalysis): readonly Note[] => {
  if (culprit === null) return [];
  const { time, service, selfMicros, share, usualMicros, calls } = culprit;
  const usual = usualMicros === null ? '' : `, usually ${took(usualMicros)}`;
  const many = calls > 1 ? ` in ${calls} calls` : '';
  return [{ text: `Culprit: ${took(selfMicros)} ${kinds[time](service)}${many}, ${percent(share)}${usual}`, isBad: false }];
};

/** Why rows matter: the culprit at the row that holds most of it, the error where it starts. */
const notesOf = (
  rows: readonly WaterfallRow[],
  analysis: TraceAnalysis,
  why: string,
): ((row: WaterfallRow) => readonly Note[]) => {
  const [named] = rows.filter(({ isCulprit }) => isCulprit).toSorted((a, b) => sumMicros(b.path) - sumMicros(a.path));
  return (row) => [
    ...(row === named ? culpritNote(analysis) : []),
    ...(row.isErrorOrigin ? [{ text: `The error starts here${why}`, isBad: true }] : []),
  ];
};

/** Gives each row its place below `topPx`. `why` is what is known of the error. */
export const layoutOf = (rows: readonly WaterfallRow[], analysis: TraceAnalysis, why: string, topPx: number): Layout => {
  const deepest = rows.reduce((most, { depth }) => Math.max(most, depth), 1);
  const step = Math.min(indent.mostPx, indent.allPx / deepest);
  const left = ({ depth }: WaterfallRow): number => page.marginPx + depth * step;
  const names = rows.map((row) => shortName(row, rows));
  const widths = rows.map((row, index) => left(row) + markPx + naturalWidth(names[index] ?? row.name, row.suffix));
  const widest = widths.reduce((most, width) => Math.max(most, width - page.marginPx), 0);
  const namesPx = page.marginPx + Math.min(Math.max(widest, column.leastPx), column.mostPx);
  const notes = notesOf(rows, analysis, why);
  const placed: Placed[] = [];
  let nextPx = topPx;
  for (const [index, row] of rows.entries()) {
    const one = { row, name: names[index] ?? row.name, topPx: nextPx, leftPx: left(row), notes: notes(row) };
    placed.push(one);
    nextPx += inRow.heightPx + one.notes.length * inRow.noteHeightPx;
  }
  const rightPx = page.widthPx - page.marginPx - column.figurePx;
  return { placed, topPx, bottomPx: nextPx, namesPx, bars: { leftPx: namesPx + column.gapPx, rightPx: rightPx - 4 } };
};
