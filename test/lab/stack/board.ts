import { confidenceWord } from '../../../src/domain/diagnosis.ts';
import { edgeText } from './grade.ts';
import { busyMs, type FaultResult, isRight, type LabRun, tellingsOf } from './result.ts';
import { marksFor, missesOf, type Reliability, type Score, scoreOf, type Tally, wilson } from './score.ts';

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

/** "verdicts 24/25 (96.0 %); faults 9/10 (90.0 %), 95 % interval 59.6 % to 98.2 %". */
const reliabilityText = ({ messages, faults }: Reliability): string =>
  messages.total === 0 ? 'never said' : `verdicts ${tallyText(messages)}; faults ${intervalText(faults)}`;

/** How many faults the machine was too busy for at first; null where nobody counted them. */
export const againText = ({ again }: LabRun): string | null =>
  again === undefined
    ? null
    : again.length === 0
      ? 'No fault was run again: the machine was never too busy.'
      : `Run again, since the machine was too busy the first time: ${again.length} (${again.join(', ')}).`;

const sign = (mark: boolean | null): string => (mark === null ? '·' : mark ? 'ok' : 'NO');

/** "upstream-timeout (likely)", of all that was told. */
export const saidText = ({ messages }: FaultResult): string =>
  messages.length === 0
    ? 'no message'
    : [
        ...new Set(
          messages
            .flatMap(tellingsOf)
            .map(({ said: { verdict, edge } }) =>
              verdict === null ? 'no verdict' : `${verdict.rule} at ${edgeText(edge)} (${confidenceWord(verdict.confidence)})`,
            ),
        ),
      ].join('; ');

const wrongText = (result: FaultResult): string => {
  const marks = marksFor(result);
  const unmet = (result.unmet ?? []).map((why) => `; ${why}`).join('');
  return `edge ${sign(marks.edge)}, cause ${sign(marks.cause)}, side ${sign(marks.side)}, first check ${sign(marks.check)}: ${saidText(result)}${unmet}`;
};

/** One line of progress, as soon as a fault is done. */
export const progressLine = (result: FaultResult, done: number, total: number): string => {
  const what = isRight(result)
    ? `right: ${saidText(result)}`
    : result.errors.length > 0
      ? `ERROR: ${result.errors[0]}`
      : wrongText(result);
  const busy = result.lagMs > busyMs ? `  (the machine was busy: timers ${result.lagMs} ms late)` : '';
  return `${`${done}/${total}`.padStart(6)}  ${result.name.padEnd(34)} ${result.seconds.toFixed(0).padStart(4)} s  ${what}${busy}`;
};

const confusionLines = ({ confusion }: Score): readonly string[] =>
  [...confusion].flatMap(([expected, row]) =>
    [...row].map(([said, count]) => `  ${expected.padEnd(24)} ${said === expected ? '=' : '→'} ${said.padEnd(24)} ${count}`),
  );

const wordLines = ({ words }: Score): readonly string[] =>
  words.flatMap(({ word, reliability, inside }) => [
    `  ${word.padEnd(20)}${reliabilityText(reliability)}`,
    ...inside.map((one) => `    inside ${one.word.padEnd(11)}${reliabilityText(one.reliability)}`),
  ]);

const missLines = (results: readonly FaultResult[]): readonly string[] =>
  missesOf(results).flatMap(({ result, message, why }) => [
    `  ${result.name}: ${result.says}`,
    ...(message === null
      ? []
      : [`      ${message.said.way === 'asked' ? `asked "${message.said.about}"` : message.said.about}: ${message.said.header}`]),
    ...why.map((one) => `      ${one}`),
  ]);

/** In how many faults the worst trace of the edge was found, of those in which it was looked for; it is not graded. */
const traceLines = (results: readonly FaultResult[]): readonly string[] => {
  const asked = results.flatMap(({ trace }) => trace ?? []);
  const found = asked.filter(({ isFound }) => isFound).length;
  return asked.length === 0 ? [] : [`worst trace found     ${tallyText({ right: found, total: asked.length })}, not graded`];
};

/** Everything that a run showed. */
export const boardText = (run: LabRun): string => {
  const { results, versions, minutes } = run;
  const score = scoreOf(results);
  const errors = results.flatMap(({ name, errors: own }) => own.map((error) => `  ${name}: ${error}`));
  const misses = missLines(results);
  const again = againText(run);
  return [
    '',
    `Envoy ${versions.envoy}, Prometheus ${versions.prometheus}, Alertmanager ${versions.alertmanager}, Edgewise ${versions.edgewise}; ${minutes.toFixed(0)} min`,
    ...(again === null ? [] : [again]),
    '',
    `faults wholly right   ${intervalText(score.faults)}`,
    `  edge                ${intervalText(score.edge)}`,
    `  cause               ${intervalText(score.cause)}`,
    `    the expected rule ${intervalText(score.expected)}, in the first verdict`,
    `  side                ${intervalText(score.side)}`,
    `  first check         ${intervalText(score.check)}`,
    `quiet cases blameless ${intervalText(score.quiet)}, messages ${tallyText(score.quietMessages)}`,
    `  without an alert    ${intervalText(score.silent)}`,
    `thin cases modest     ${intervalText(score.thin)}`,
    ...traceLines(results),
    '',
    'When the bot says',
    ...wordLines(score),
    '',
    'Expected (the first of the answers that are right) and said, in messages',
    ...confusionLines(score),
    ...(misses.length === 0 ? [] : ['', 'Misses', ...misses]),
    ...(errors.length === 0 ? [] : ['', 'Errors of the lab', ...errors]),
    '',
  ].join('\n');
};
