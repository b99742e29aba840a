import type { Message } from '../../domain/message.ts';
import { context, section } from './blocks.ts';
import { joined, mrkdwn, ours } from './mrkdwn.ts';

/** A plain answer to a person: an error with what is expected, a "did you mean". */
export const plainAnswer = (lines: readonly string[]): Message => {
  const text = joined(lines.map((line) => mrkdwn`${line}`)) || ours('–');
  return { text, blocks: [section(text)] };
};

const helpLines: readonly (readonly [string, string])[] = [
  ['/mesh why checkout → payments', 'triage this edge now, without an alert; `/mesh why payments` takes its worst caller'],
  ['/mesh stat payments', 'success, requests per second, latency of the edges into and out of a workload'],
  ['/mesh stat', 'the busiest edges of the cluster'],
  ['/mesh top payments', 'its worst edges: what fails or is refused most, then what is slowest'],
  ['/mesh flags payments', 'how its requests ended that did not end well: response flags and codes, and what they mean'],
  ['/mesh edges payments', 'which of its edges are secured by mTLS, and between which identities'],
  ['/mesh routes payments', 'success, requests and latency by route, where the mesh counts routes'],
  ['/mesh versions payments', 'the same by version of it, with the share of requests that each gets'],
  ['/mesh pods payments', 'the same by pod, the worst first: whether all fail, or one'],
  ['/mesh graph payments', 'who calls whom around it, as a picture; or around an edge, or in a namespace'],
  ['/mesh stat checkout → payments --window 10m', 'one edge, another window'],
  [
    '/mesh trace worst checkout → payments',
    'its worst request and whose time that was; `/mesh trace 4bf92f3577b34da6` explains one trace',
  ],
  ['/mesh diff payments now..-1h', 'the same edges an hour ago, and what changed by more than chance'],
  [
    '/mesh slo payments',
    'how its objectives (SLOs) stand, how fast their budgets burn, and what spent them; `/mesh slo` for all',
  ],
  ['/mesh incidents', 'what is open now, the loudest first'],
  ['/mesh ack payments', 'you look after its open incident; `/mesh unack` takes it back'],
  ['/mesh silence payments', 'hides its alerts for a while, for who may; `/mesh unsilence` ends that'],
  ['/mesh slo', 'how objectives stand, how fast their budgets burn and what spent them; `/mesh slo payments` of one service'],
  [
    '/mesh digest',
    'what a digest of this channel would say now; `/mesh digest subscribe weekly at 9:00 on monday` sends it, also `unsubscribe`, `list`',
  ],
  ['/mesh doctor', 'whether every source answers, and what to do where one does not'],
  ['/mesh help', 'this page'],
];

/** Each command once. */
const commands = [...new Set(helpLines.map(([usage]) => usage.split(' ').slice(0, 2).join(' ')))];

/** `/mesh help` */
export const helpMessage = (): Message => {
  const lines = helpLines.map(([usage, what]) => joined([ours(`\`${usage}\``), ours(what)], '\n      '));
  const options = ours(
    '`--cluster NAME`  `--namespace NS`  `--window 5m` (1m to 1d, of tables); names as `workload` or `namespace/workload`; an edge with `→` or `to`. Answers are seen only by you.',
  );
  return {
    text: ours(`Edgewise: ${commands.join(', ')}`),
    blocks: [section(joined([ours('*What Edgewise answers*'), ...lines])), context(options)],
  };
};
