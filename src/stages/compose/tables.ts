import { calleeName, callerName, type Edge } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { clockText, span } from './dates.ts';
import { gapLines } from './footer.ts';
import { joined, type Mrkdwn, mrkdwn } from './mrkdwn.ts';

/** A row of a table about edges: the cells behind its caller and callee. */
export type EdgeRow = { readonly edge: Edge; readonly cells: readonly string[] };

/** What a `/mesh` command lists, ready for people. */
export type EdgeTable = {
  readonly title: string;
  /** Behind From and To. */
  readonly columns: readonly string[];
  /** Columns of figures, counted from the first of `columns`. */
  readonly figures: readonly number[];
  readonly rows: readonly EdgeRow[];
  /** Rows that are not shown. */
  readonly more: number;
  /** What is said where there is no row: "no edge with requests". */
  readonly none: string;
  readonly atMs: EpochMs;
  readonly windowSeconds: number;
  /** What the figures are: who counted, what counts as failed. */
  readonly facts: readonly string[];
  readonly gaps: readonly Gap[];
  /** One row for those who hear it. */
  readonly spoken: (row: EdgeRow) => string;
};

/** Rows for one screen. */
export const maxRows = 30;

const footer = ({ atMs, windowSeconds, facts, more, gaps }: EdgeTable, zone: string): Mrkdwn =>
  joined([
    joined(
      [
        mrkdwn`as of ${clockText(atMs, zone)}`,
        mrkdwn`over ${span(windowSeconds * 1000)}`,
        ...facts.map((fact) => mrkdwn`${fact}`),
        more > 0 ? mrkdwn`${counted(more, 'more row')}` : null,
      ],
      ' · ',
    ),
    ...gapLines(gaps),
  ]);

const cellsOf = ({ edge, cells }: EdgeRow): readonly string[] => [callerName(edge), calleeName(edge), ...cells];

/** A table block; the text carries the first rows for screen readers. */
export const tableMessage = (answer: EdgeTable, zone: string): Message => {
  const { title, columns, figures, rows, none, windowSeconds } = answer;
  const hasRows = rows.length > 0;
  const blocks: Block[] = [
    section(hasRows ? mrkdwn`*${title}*` : mrkdwn`*${title}*: ${none} in the last ${span(windowSeconds * 1000)}`),
    ...(hasRows
      ? [
          table(
            [['From', 'To', ...columns], ...rows.map(cellsOf)],
            figures.map((column) => column + 2),
          ),
        ]
      : []),
    context(footer(answer, zone)),
  ];
  const spoken = rows.slice(0, 3).map((row) => mrkdwn`${callerName(row.edge)} → ${calleeName(row.edge)}: ${answer.spoken(row)}`);
  return { text: joined([mrkdwn`${title}`, ...spoken]), blocks };
};
