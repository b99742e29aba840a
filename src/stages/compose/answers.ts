import { calleeName, callerName, type Edge } from '../../domain/edge.ts';
import type { Gap } from '../../domain/gathered.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section, table } from './blocks.ts';
import { clockText, span } from './dates.ts';
import { gapLines } from './footer.ts';
import { joined, type Mrkdwn, mrkdwn, ours } from './mrkdwn.ts';

/** One row of `/mesh stat`, ready for people. */
export type StatRow = {
  readonly edge: Edge;
  readonly successRate: string;
  readonly requestRate: string;
  readonly p50: string;
  readonly p95: string;
  readonly p99: string;
  readonly refused: string;
};

/** What `/mesh stat` found. */
type StatAnswer = {
  readonly title: string;
  readonly rows: readonly StatRow[];
  readonly more: number;
  readonly atMs: EpochMs;
  readonly windowSeconds: number;
  /** Who counted: the caller's proxies wherever they report. */
  readonly reporter: string;
  /** What counts as failed there. */
  readonly failed: string;
  /** Rows of bare TCP are among them. */
  readonly hasConnections: boolean;
  readonly gaps: readonly Gap[];
};

/** As `linkerd viz stat` has them, and what was refused. */
const columns = ['From', 'To', 'Success', 'RPS', 'p50', 'p95', 'p99', 'Refused'];

const statFooter = (answer: StatAnswer, zone: string): Mrkdwn =>
  joined([
    joined(
      [
        mrkdwn`as of ${clockText(answer.atMs, zone)}`,
        mrkdwn`over ${span(answer.windowSeconds * 1000)}`,
        mrkdwn`counted by ${answer.reporter}`,
        mrkdwn`${answer.failed}`,
        answer.hasConnections ? mrkdwn`TCP: connections that ended, whole where no flag says otherwise` : null,
        answer.more > 0 ? mrkdwn`${counted(answer.more, 'more edge')}` : null,
      ],
      ' · ',
    ),
    ...gapLines(answer.gaps),
  ]);

/** `/mesh stat` as a table block; the text carries the first rows for screen readers. */
export const statMessage = (answer: StatAnswer, zone: string): Message => {
  const rows = answer.rows.map((row) => [
    callerName(row.edge),
    calleeName(row.edge),
    row.successRate,
    row.requestRate,
    row.p50,
    row.p95,
    row.p99,
    row.refused,
  ]);
  const blocks: Block[] = [
    section(
      rows.length > 0
        ? mrkdwn`*${answer.title}*`
        : mrkdwn`*${answer.title}*: no edge with requests in the last ${span(answer.windowSeconds * 1000)}`,
    ),
    ...(rows.length > 0 ? [table([columns, ...rows], [2, 3, 4, 5, 6, 7])] : []),
    context(statFooter(answer, zone)),
  ];
  const spoken = answer.rows
    .slice(0, 3)
    .map(
      (row) =>
        mrkdwn`${callerName(row.edge)} → ${calleeName(row.edge)}: ${row.successRate} ok, ${row.requestRate}, p99 ${row.p99}`,
    );
  return { text: joined([mrkdwn`${answer.title}`, ...spoken]), blocks };
};

/** A plain answer to a person: an error with what is expected, a "did you mean". */
export const plainAnswer = (lines: readonly string[]): Message => {
  const text = joined(lines.map((line) => mrkdwn`${line}`)) || ours('–');
  return { text, blocks: [section(text)] };
};

const helpLines: readonly (readonly [string, string])[] = [
  ['/mesh why checkout → payments', 'triage this edge now, without an alert; `/mesh why payments` takes its worst caller'],
  ['/mesh stat payments', 'success, requests per second, latency of the edges into and out of a workload'],
  ['/mesh stat', 'the busiest edges of the cluster'],
  ['/mesh stat checkout → payments --window 10m', 'one edge, another window'],
  [
    '/mesh trace worst checkout → payments',
    'its worst request and whose time that was; `/mesh trace 4bf92f3577b34da6` explains one trace',
  ],
  ['/mesh help', 'this page'],
];

/** `/mesh help` */
export const helpMessage = (): Message => {
  const lines = helpLines.map(([usage, what]) => joined([ours(`\`${usage}\``), ours(what)], '\n      '));
  const options = ours(
    '`--cluster NAME`  `--namespace NS`  `--window 5m` (1m to 1d, of stat); names as `workload` or `namespace/workload`; an edge with `→` or `to`. Answers are seen only by you.',
  );
  return {
    text: 'Edgewise: /mesh why, /mesh stat, /mesh trace, /mesh help',
    blocks: [section(joined([ours('*What Edgewise answers*'), ...lines])), context(options)],
  };
};
