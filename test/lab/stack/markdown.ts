import { intervalText, saidText, tallyText } from './board.ts';
import { edgeText } from './grade.ts';
import type { FaultResult, LabRun, SimulatedMeshes } from './result.ts';
import { confidences, marksFor, missesOf, type Score, scoreOf } from './score.ts';

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
      ['faults of which every message is wholly right', tallyText(score.faults)],
      ['edge', tallyText(score.edge)],
      ['cause', tallyText(score.cause)],
      ['side to blame', tallyText(score.side)],
      ['first check', tallyText(score.check)],
      ['quiet cases in which nobody is blamed', tallyText(score.quiet)],
      ['messages of quiet cases that blame nobody', tallyText(score.quietMessages)],
      ['thin cases: edge and counts, and nothing more than “possible”', tallyText(score.thin)],
    ],
  );

const reliability = (score: Score): readonly string[] =>
  table(
    ['the bot says', 'edge and cause were right, in messages', 'in faults'],
    confidences.map((word) => {
      const { messages, faults } = score.reliability[word];
      return messages.total === 0 ? [word, 'never said', ''] : [word, tallyText(messages), intervalText(faults)];
    }),
  );

const confusion = ({ confusion: rows }: Score): readonly string[] =>
  table(
    ['expected', 'said, in messages'],
    [...rows].map(([expected, row]) => [expected, [...row].map(([said, count]) => `${said} ${count}`).join(', ')]),
  );

const faultRow = (result: FaultResult): readonly string[] => {
  const { edge, cause, side, check } = marksFor(result);
  return [
    result.name,
    result.says,
    edgeText(result.expected.edge),
    result.kind === 'fault' ? (result.expected.rule ?? 'no verdict') : result.kind,
    [edge, cause, side, check].map(sign).join(' '),
    result.errors.length > 0 ? `error: ${result.errors[0]}` : saidText(result),
  ];
};

const misses = (results: readonly FaultResult[]): readonly string[] => {
  const rows = missesOf(results).map(({ result, message: { said, grade } }) => [
    result.name,
    said.way === 'asked' ? `asked: ${said.about}` : said.about,
    said.header,
    grade.why.join('; '),
  ]);
  return rows.length === 0 ? ['None.'] : table(['fault', 'alert', 'the message', 'what is wrong'], rows);
};

const programs = ({ versions: { envoy, prometheus, alertmanager, edgewise }, at, minutes }: LabRun): string =>
  `Run on ${day(at)} in ${minutes.toFixed(0)} minutes with Envoy ${envoy}, Prometheus ${prometheus}, Alertmanager ${alertmanager} and Edgewise ${edgewise}.`;

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

/** The whole page. */
export const truthPage = ({ run, otherEnvoy, simulated }: TruthPage): string => {
  const score = scoreOf(run.results);
  return [
    '# What is true',
    '',
    '<!-- made by `npm run lab` -->',
    '',
    'A small mesh of real Envoy sidecars is broken at one place; what was done is written down before the bot is asked. The bot that is',
    'shipped runs beside a real Prometheus and Alertmanager with the shipped rules, and every message that it posts, or answers to a question, is',
    'compared with the truth: the edge, the cause, the side to blame, the first check, and nothing that is false. Where several alerts fire along the',
    'path every one of their messages must be right. A wrong verdict is a miss, however unsure it says it is.',
    '',
    programs(run),
    '',
    ...totals(score),
    '',
    '## How far its words can be trusted',
    '',
    'Verdicts by their confidence word; a word that was never said has nothing to show. The messages of one fault are right or wrong together,',
    'so that the interval counts faults: one is right only if every message of it with this word is.',
    '',
    ...reliability(score),
    '',
    '## Expected and said',
    '',
    ...confusion(score),
    '',
    '## Every fault',
    '',
    'Marks: edge, cause, side, first check; · where it is not asked.',
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
