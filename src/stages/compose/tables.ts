import { calleeName, callerName, type Edge } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { clockText, span } from './dates.ts';
import { gapLines } from './footer.ts';
import { joined, type Mrkdwn, mrkdwn } from './mrkdwn.ts';

/** A row of a table about edges, or about something of a callee: routes, versions, pods. The cells stand behind what names it. */
export type TableRow = { readonly cells: readonly string[] } & (
  | { readonly edge: Edge }
  | { readonly heads: readonly string[]; readonly names: readonly string[] }
);

/** What a `/mesh` command lists, ready for people. */
export type AnswerTable = {
  readonly title: string;
  /** What is to be read before the table, where something is: "1 of 12 pods fails: …". */
  readonly lead?: string;
  /** Behind what names a row: From and To, Route and Service, Pod. */
  readonly columns: readonly string[];
  /** Columns of figures, counted from the first of `columns`. */
  readonly figures: readonly number[];
  /** Columns of words that may take several lines, counted alike. */
  readonly wrapped?: readonly number[];
  readonly rows: readonly TableRow[];
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
  readonly spoken: (row: TableRow) => string;
};

/** Rows for one screen. */
export const maxRows = 30;

const footer = ({ atMs, windowSeconds, facts, more, gaps }: AnswerTable, zone: string): Mrkdwn =>
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

const headsOf = (row: TableRow): readonly string[] => ('edge' in row ? ['From', 'To'] : row.heads);

const cellsOf = (row: TableRow): readonly string[] => [
  ...('edge' in row ? [callerName(row.edge), calleeName(row.edge)] : row.names),
  ...row.cells,
];

const nameOf = (row: TableRow): string =>
  'edge' in row ? `${callerName(row.edge)} → ${calleeName(row.edge)}` : row.names.toReversed().join(' ');

/** A table block; the text carries the first rows for screen readers. */
export const tableMessage = (answer: AnswerTable, zone: string): Message => {
  const { title, lead, columns, figures, wrapped = [], rows, none, windowSeconds } = answer;
  const [first] = rows;
  const named = joined([lead === undefined ? null : mrkdwn`*${lead}*`, mrkdwn`*${title}*`]);
  const blocks: Block[] = [
    section(first !== undefined ? named : mrkdwn`*${title}*: ${none} in the last ${span(windowSeconds * 1000)}`),
    ...(first !== undefined
      ? [
          table(
            [[...headsOf(first), ...columns], ...rows.map(cellsOf)],
            figures.map((column) => column + headsOf(first).length),
            wrapped.map((column) => column + headsOf(first).length),
          ),
        ]
      : []),
    context(footer(answer, zone)),
  ];
  const spoken = rows.slice(0, 3).map((row) => mrkdwn`${nameOf(row)}: ${answer.spoken(row)}`);
  return { text: joined([lead === undefined ? null : mrkdwn`${lead}`, mrkdwn`${title}`, ...spoken]), blocks };
};
