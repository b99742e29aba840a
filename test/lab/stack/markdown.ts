import { againText, intervalText, saidText, tallyText } from './board.ts';
import { edgeText } from './grade.ts';
import type { FaultResult, LabRun, SimulatedMeshes } from './result.ts';
import { marksFor, missesOf, type Reliability, type Score, scoreOf } from './score.ts';

/** docs/truth.md: what the bot says of faults whose truth is known. */

/** What the page is made of. The parts about another Envoy and about simulated meshes are left out where there are no figures. */
type TruthPage = {
  readonly run: LabRun;
  readonly otherEnvoy: LabRun | null;
  readonly simulated: SimulatedMeshes | null;
};

/** Text of the bot in a cell of a table: no pipe, no line, no mark may break it. */
const cell = (text: string): string =>
  text
    .replace(/[\\|`*_<>[\]]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): readonly string[] => [
  `| ${heads.join(' | ')} |`,
  `|${heads.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
];

const sign = (mark: boolean | null): string => (mark === null ? '·' : mark ? '✓' : '✗');

const day = (at: string): string => at.slice(0, 10);

const totals = (score: Score): readonly string[] =>
  table(
    ['', 'right'],
    [
      ['faults of which every message is wholly right', intervalText(score.faults)],
      ['edge', intervalText(score.edge)],
      ['cause: by one of the rules that are right', intervalText(score.cause)],
      ['the expected rule itself, in the first verdict that was told', intervalText(score.expected)],
      ['side to blame', intervalText(score.side)],
      ['first check', intervalText(score.check)],
      ['quiet cases in which nobody is blamed, and who asks is told that nothing is wrong', intervalText(score.quiet)],
      ['the same in messages, which hang together', tallyText(score.quietMessages)],
      ['quiet cases in which no alert fired and was told', intervalText(score.silent)],
      ['thin cases: edge and counts, and nothing more than “possible”', intervalText(score.thin)],
    ],
  );

const reliabilityRow = (word: string, { messages, faults }: Reliability): readonly string[] =>
  messages.total === 0 ? [word, 'never said', ''] : [word, tallyText(messages), intervalText(faults)];

const reliability = ({ words }: Score): readonly string[] =>
  table(
    ['the bot says', 'edge and cause were right, in verdicts', 'in faults'],
    words.flatMap(({ word, reliability: all, inside }) => [
      reliabilityRow(word, all),
      ...inside.map((one) => reliabilityRow(`… ${one.word} inside`, one.reliability)),
    ]),
  );

const confusion = ({ confusion: rows }: Score): readonly string[] =>
  table(
    ['expected', 'said, in messages'],
    [...rows].map(([expected, row]) => [expected, [...row].map(([said, count]) => `${said} ${count}`).join(', ')]),
  );

const faultRow = (result: FaultResult): readonly string[] => {
  const { edge, cause, side, check, expected } = marksFor(result);
  return [
    result.name,
    result.says,
    edgeText(result.expected.edge),
    result.kind === 'fault' ? (result.expected.rule ?? 'no verdict') : result.kind,
    [edge, cause, side, check, expected].map(sign).join(' '),
    result.errors.length > 0 ? `error: ${result.errors[0]}` : saidText(result),
  ];
};

const misses = (results: readonly FaultResult[]): readonly string[] => {
  const rows = missesOf(results).map(({ result, message, why }) => [
    result.name,
    message === null ? 'all together' : message.said.way === 'asked' ? `asked: ${message.said.about}` : message.said.about,
    message?.said.header ?? '',
    why.join('; '),
  ]);
  return rows.length === 0 ? ['None.'] : table(['fault', 'alert', 'the message', 'what is wrong'], rows);
};

const programs = (run: LabRun): string => {
  const { envoy, prometheus, alertmanager, edgewise } = run.versions;
  const again = againText(run);
  return `Run on ${day(run.at)} in ${run.minutes.toFixed(0)} minutes with Envoy ${envoy}, Prometheus ${prometheus}, Alertmanager ${alertmanager} and Edgewise ${edgewise}.${again === null ? '' : ` ${again}`}`;
};

const otherPart = (other: LabRun | null): readonly string[] => {
  if (other === null) return [];
  const score = scoreOf(other.results);
  const rows = missesOf(other.results);
  return [
    '',
    `## Another Envoy: ${other.versions.envoy}`,
    '',
    `The same faults under another version, whose response flags and counters differ. ${programs(other)}`,
    '',
    ...totals(score),
    '',
    ...reliability(score),
    ...(rows.length === 0 ? [] : ['', ...misses(other.results)]),
  ];
};

const simulatedPart = (simulated: SimulatedMeshes | null): readonly string[] =>
  simulated === null
    ? []
    : [
        '',
        '## Simulated meshes',
        '',
        `${simulated.says} Run on ${day(simulated.at)}.`,
        '',
        ...table(
          ['', 'right'],
          simulated.rows.map((row) => [row.what, intervalText(row)]),
        ),
      ];

/** How the figures come about, and what they rest on. */
const introduction = `A small mesh of real Envoy sidecars is broken at one place; what was done is written down before the bot is asked. The bot that is
shipped runs beside a real Prometheus and Alertmanager, and every message that it posts, or answers to a question, is compared with the truth:
the edge, the cause, the side to blame, the first check (the object, and the command that looks at it), and nothing that is false. Where several
alerts fire along the path every one of their messages must be right, and of a message that is edited what it told first counts as much as what
it tells at last. A wrong verdict is a miss, however unsure it says it is; a message without a verdict yet is neither, once one has come. Where
nothing may be blamed an alert that fires is a miss too, and so is an answer that does not say that nothing is wrong.

What the figures rest on:

- Alerts fire by the shipped rules at the lab's pace: scrapes every 5 s instead of 15 s or 30 s, with shorter windows and waits. Expressions,
  thresholds and labels are the shipped ones.
- The proxies show all counters that \`manifests/istio/proxy-stats-matcher.yaml\` makes them show. Istio shows few of them by itself: without
  them fewer verdicts are sure, and some faces of a flag cannot be told from another.
- The \`istio_*\` metrics are made of Envoy's access logs, with the labels of Istio's own telemetry: no istiod and no Istio filter takes part.
- The past (the last hours, yesterday, last week) is drawn from what the healthy mesh did just before: it has the rhythm of days, and none of
  their accidents. The proxies' own counters have none.`;

/** The whole page. */
export const truthPage = ({ run, otherEnvoy, simulated }: TruthPage): string => {
  const score = scoreOf(run.results);
  return [
    '# What is true',
    '',
    '<!-- made by `npm run lab` -->',
    '',
    introduction,
    '',
    programs(run),
    '',
    ...totals(score),
    '',
    'The messages of one fault are right or wrong together, so that a fault is one try of each; the intervals are Wilson’s.',
    '',
    '## How far its words can be trusted',
    '',
    'Verdicts by the word that is printed, those included that an edit replaced. “Clear” is printed as “likely” until it is proven: the rows below a',
    'word are the words inside. A word that was never said has nothing to show. The interval counts faults: one is right only if every verdict of it',
    'with this word is.',
    '',
    ...reliability(score),
    '',
    '## Expected and said',
    '',
    'Expected is the first of the answers that were written down as right: where another is listed beside it, it was not always a mistake.',
    '',
    ...confusion(score),
    '',
    '## Every fault',
    '',
    'Marks: edge, cause, side, first check, and whether the first verdict is by the expected rule itself, which is the first of those that are right;',
    '· where it is not asked.',
    '',
    ...table(['fault', 'what was done', 'sick edge', 'expected', 'marks', 'said'], run.results.map(faultRow)),
    '',
    '## Every miss',
    '',
    ...misses(run.results),
    ...otherPart(otherEnvoy),
    ...simulatedPart(simulated),
    '',
  ].join('\n');
};
