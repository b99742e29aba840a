import { edgeText } from './grade.ts';
import { busyMs, type FaultResult, isRight, type LabRun } from './result.ts';
import { confidences, marksFor, missesOf, type Reliability, type Score, scoreOf, type Tally, wilson } from './score.ts';

/** The scoreboard, for a terminal. */

const percent = (share: number): string => `${(100 * share).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;

/** "55/60 (91.7 %)"; "none" where nothing was asked. */
export const tallyText = ({ right, total }: Tally): string =>
  total === 0 ? 'none' : `${right}/${total} (${percent(right / total)})`;

/** "58/60 (96.7 %), 95 % interval 88.6 % to 99.1 %": of tries that do not hang together. */
export const intervalText = (tally: Tally): string => {
  if (tally.total === 0) return 'none';
  const [low, high] = wilson(tally);
  return `${tallyText(tally)}, 95 % interval ${percent(low)} to ${percent(high)}`;
};

/** "messages 24/25 (96.0 %); faults 9/10 (90.0 %), 95 % interval 59.6 % to 98.2 %". */
const reliabilityText = ({ messages, faults }: Reliability): string =>
  messages.total === 0 ? 'never said' : `messages ${tallyText(messages)}; faults ${intervalText(faults)}`;

const sign = (mark: boolean | null): string => (mark === null ? '·' : mark ? 'ok' : 'NO');

/** "upstream-timeout (likely)", of all messages. */
export const saidText = ({ messages }: FaultResult): string =>
  messages.length === 0
    ? 'no message'
    : [
        ...new Set(
          messages.map(({ said: { verdict, edge } }) =>
            verdict === null ? 'no verdict' : `${verdict.rule} at ${edgeText(edge)} (${verdict.confidence})`,
          ),
        ),
      ].join('; ');

/** One line of progress, as soon as a fault is done. */
export const progressLine = (result: FaultResult, done: number, total: number): string => {
  const marks = marksFor(result);
  const what = isRight(result)
    ? `right: ${saidText(result)}`
    : result.errors.length > 0
      ? `ERROR: ${result.errors[0]}`
      : `edge ${sign(marks.edge)}, cause ${sign(marks.cause)}, side ${sign(marks.side)}, first check ${sign(marks.check)}: ${saidText(result)}`;
  const busy = result.lagMs > busyMs ? `  (the machine was busy: timers ${result.lagMs} ms late)` : '';
  return `${`${done}/${total}`.padStart(6)}  ${result.name.padEnd(34)} ${result.seconds.toFixed(0).padStart(4)} s  ${what}${busy}`;
};

const confusionLines = ({ confusion }: Score): readonly string[] =>
  [...confusion].flatMap(([expected, row]) =>
    [...row].map(([said, count]) => `  ${expected.padEnd(24)} ${said === expected ? '=' : '→'} ${said.padEnd(24)} ${count}`),
  );

const missLines = (results: readonly FaultResult[]): readonly string[] =>
  missesOf(results).flatMap(({ result, message: { said, grade } }) => [
    `  ${result.name}: ${result.says}`,
    `      ${said.way === 'asked' ? `asked "${said.about}"` : said.about}: ${said.header}`,
    ...grade.why.map((why) => `      ${why}`),
  ]);

/** Everything that a run showed. */
export const boardText = ({ results, versions, minutes }: LabRun): string => {
  const score = scoreOf(results);
  const errors = results.flatMap(({ name, errors: own }) => own.map((error) => `  ${name}: ${error}`));
  const misses = missLines(results);
  return [
    '',
    `Envoy ${versions.envoy}, Prometheus ${versions.prometheus}, Alertmanager ${versions.alertmanager}, Edgewise ${versions.edgewise}; ${minutes.toFixed(0)} min`,
    '',
    `faults wholly right   ${tallyText(score.faults)}`,
    `  edge                ${tallyText(score.edge)}`,
    `  cause               ${tallyText(score.cause)}`,
    `  side                ${tallyText(score.side)}`,
    `  first check         ${tallyText(score.check)}`,
    `quiet cases silent    ${tallyText(score.quiet)}, messages ${tallyText(score.quietMessages)}`,
    `thin cases modest     ${tallyText(score.thin)}`,
    '',
    'When the bot says',
    ...confidences.map((word) => `  ${word.padEnd(20)}${reliabilityText(score.reliability[word])}`),
    '',
    'Expected and said, in messages',
    ...confusionLines(score),
    ...(misses.length === 0 ? [] : ['', 'Misses', ...misses]),
    ...(errors.length === 0 ? [] : ['', 'Errors of the lab', ...errors]),
    '',
  ].join('\n');
};
