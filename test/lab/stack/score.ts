import { type Confidence, confidenceWord } from '../../../src/domain/diagnosis.ts';
import type { Marks } from './grade.ts';
import { type FaultResult, type Graded, isRight, type Telling, tellingsOf } from './result.ts';

/** Right ones of all. */
export type Tally = { readonly right: number; readonly total: number };

/** Wilson's interval of a proportion at 95 % (Wilson 1927): honest for few tries and near 0 or 1. */
export const wilson = ({ right, total }: Tally): readonly [low: number, high: number] => {
  if (total === 0) return [0, 1];
  const z = 1.959964;
  const share = right / total;
  const centre = share + (z * z) / (2 * total);
  const reach = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const whole = 1 + (z * z) / total;
  // At the ends the interval is exact, and floating-point numbers are not.
  return [right === 0 ? 0 : (centre - reach) / whole, right === total ? 1 : (centre + reach) / whole];
};

const tally = (marks: readonly (boolean | null)[]): Tally => {
  const asked = marks.filter((mark) => mark !== null);
  return { right: asked.filter(Boolean).length, total: asked.length };
};

/**
 * How often a confidence word was right, in verdicts that were told and in faults. The messages of one fault are one mesh seen from several
 * edges, so that they are right or wrong together: a fault is one trial of a word, right only if every verdict with this word is.
 */
export type Reliability = { readonly messages: Tally; readonly faults: Tally };

/** A word that readers see, and the words inside that are printed as it. */
type PrintedWord = {
  readonly word: Confidence;
  readonly reliability: Reliability;
  readonly inside: readonly { readonly word: Confidence; readonly reliability: Reliability }[];
};

export type Score = {
  /** Faults of which every message is right. */
  readonly faults: Tally;
  readonly edge: Tally;
  readonly cause: Tally;
  /** Faults whose first verdict is by the rule that was expected, and by none that is right too. */
  readonly expected: Tally;
  readonly side: Tally;
  readonly check: Tally;
  /** Messages of quiet faults that blame nobody; answers among them say that nothing is wrong. */
  readonly quietMessages: Tally;
  /** Quiet faults all of whose messages do. */
  readonly quiet: Tally;
  /** Quiet faults in which no alert fired and was told, but for those that are known to. */
  readonly silent: Tally;
  readonly thin: Tally;
  readonly words: readonly PrintedWord[];
  /** Expected rule → said rule → how many messages. */
  readonly confusion: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly errors: number;
};

const confidences = ['clear', 'likely', 'possible'] as const satisfies readonly Confidence[];

/** A fault's mark is right when all its messages have it right. Without a message it is wrong wherever a message was needed. */
const markOf = (result: FaultResult, mark: keyof Marks): boolean | null => {
  if (result.messages.length === 0) return false;
  const marks = result.messages.map(({ grade }) => grade.marks[mark] ?? null).filter((one) => one !== null);
  return marks.length === 0 ? null : marks.every(Boolean);
};

const marksOf = (results: readonly FaultResult[], mark: keyof Marks): Tally =>
  tally(results.map((result) => markOf(result, mark)));

/** The first verdict that was told is what rang: whether it is by the rule that was expected. Null where no verdict is right. */
const isExpectedFirst = ({ kind, expected, messages }: FaultResult): boolean | null => {
  if (kind !== 'fault' || expected.rule === null) return null;
  const first = messages.flatMap(tellingsOf).find(({ said }) => said.verdict !== null);
  // Results of earlier runs have no mark of it.
  return first === undefined ? false : (first.grade.marks.expected ?? first.said.verdict?.rule === expected.rule);
};

/** A verdict is right when edge and cause are, be it of few requests; where nobody may be blamed, one that does never is. */
const isVerdictRight = ({ kind, expected }: FaultResult, { said, grade }: Telling): boolean => {
  if (kind === 'quiet') return false;
  const cause = kind === 'fault' ? grade.marks.cause === true : said.verdict?.rule === expected.rule;
  return grade.marks.edge !== false && cause;
};

/** "Nothing is wrong" of a quiet mesh is right so often that it would hide the rest; of a fault it is a verdict like any other. */
const isCounted = ({ kind }: FaultResult, { said: { verdict } }: Telling): boolean =>
  verdict !== null && (kind !== 'quiet' || verdict.side !== 'nothing wrong');

const reliabilityOf = (results: readonly FaultResult[], words: readonly Confidence[]): Reliability => {
  const trials = results.map((result) =>
    result.messages
      .flatMap(tellingsOf)
      .filter((telling) => isCounted(result, telling) && words.some((word) => telling.said.verdict?.confidence === word))
      .map((telling) => isVerdictRight(result, telling)),
  );
  return {
    messages: tally(trials.flat()),
    faults: tally(trials.filter(({ length }) => length > 0).map((trial) => trial.every(Boolean))),
  };
};

const wordsOf = (results: readonly FaultResult[]): readonly PrintedWord[] =>
  [...Map.groupBy(confidences, confidenceWord)].map(([word, inside]) => ({
    word,
    reliability: reliabilityOf(results, inside),
    inside: inside.length === 1 ? [] : inside.map((one) => ({ word: one, reliability: reliabilityOf(results, [one]) })),
  }));

const expectedText = ({ kind, expected }: FaultResult): string => (kind === 'fault' ? (expected.rule ?? 'no verdict') : kind);

const confusionOf = (results: readonly FaultResult[]): Score['confusion'] => {
  const rows = new Map<string, Map<string, number>>();
  for (const result of results) {
    const row = rows.get(expectedText(result)) ?? new Map<string, number>();
    rows.set(expectedText(result), row);
    for (const { said } of result.messages) {
      const rule = said.verdict?.rule ?? 'no verdict';
      row.set(rule, (row.get(rule) ?? 0) + 1);
    }
    if (result.messages.length === 0) row.set('no message', (row.get('no message') ?? 0) + 1);
  }
  return rows;
};

const blamesNobody = ({ grade: { marks } }: Graded): boolean => marks.modest !== false && marks.cause !== false && marks.clean;

const isQuiet = ({ messages, errors }: FaultResult): boolean =>
  errors.length === 0 && messages.length > 0 && messages.every(blamesNobody);

const isSilent = ({ messages, mayAlert }: FaultResult): boolean =>
  messages.length > 0 && (mayAlert !== undefined || messages.every(({ said }) => said.way === 'asked'));

/** The figures of a run. */
export const scoreOf = (results: readonly FaultResult[]): Score => {
  const faults = results.filter(({ kind }) => kind === 'fault');
  const quiet = results.filter(({ kind }) => kind === 'quiet');
  const thin = results.filter(({ kind }) => kind === 'thin');
  return {
    faults: tally(faults.map(isRight)),
    edge: marksOf(faults, 'edge'),
    cause: marksOf(faults, 'cause'),
    expected: tally(faults.map(isExpectedFirst)),
    side: marksOf(faults, 'side'),
    check: marksOf(faults, 'check'),
    quietMessages: tally(quiet.flatMap(({ messages }) => messages.map(blamesNobody))),
    quiet: tally(quiet.map(isQuiet)),
    silent: tally(quiet.map(isSilent)),
    thin: tally(thin.map(isRight)),
    words: wordsOf(results),
    confusion: confusionOf(results),
    errors: results.reduce((sum, { errors }) => sum + errors.length, 0),
  };
};

/** What each result has right, for a table of faults: true, false, or null where it is not asked. */
export const marksFor = (
  result: FaultResult,
): Readonly<Record<'edge' | 'cause' | 'side' | 'check' | 'expected', boolean | null>> => ({
  edge: markOf(result, 'edge'),
  cause: result.kind === 'fault' ? markOf(result, 'cause') : markOf(result, 'modest'),
  side: markOf(result, 'side'),
  check: markOf(result, 'check'),
  expected: isExpectedFirst(result),
});

/** Every message that is wrong, with why; and what no message said. */
export const missesOf = (
  results: readonly FaultResult[],
): readonly { readonly result: FaultResult; readonly message: Graded | null; readonly why: readonly string[] }[] =>
  results.flatMap((result) => [
    ...result.messages.filter(({ grade }) => !grade.isRight).map((message) => ({ result, message, why: message.grade.why })),
    ...(result.unmet ?? []).map((why) => ({ result, message: null, why: [why] })),
  ]);
