import type { Confidence, Side } from '../../../src/domain/diagnosis.ts';
import type { EdgeName, Fault, RightAnswer, Truth } from '../lab.ts';
import { whyNotCheck } from './first-check.ts';

/** The verdict of one message, as far as it is graded. Edges are named by services. */
export type SaidVerdict = {
  readonly rule: string;
  readonly side: Side;
  readonly confidence: Confidence;
  readonly sentence: string;
  readonly firstCheck: string;
  readonly command: string | null;
  readonly object: string | null;
};

/** One message of the bot: a root that it posted, or the answer to a question. */
export type Said = {
  readonly way: 'alert' | 'asked';
  /** Names of the alerts, or the question. */
  readonly about: string;
  readonly header: string;
  /** What stands right below the header: the verdict with its evidence, or the sentence without one. */
  readonly verdictText?: string;
  /** Everything that stands in the message, as a person reads it. */
  readonly text: string;
  /** The edge that is blamed; where there is no verdict, the deepest that was looked at. */
  readonly edge: EdgeName | null;
  /** The edge that the alert's own labels name; null where they name none, and of a question. */
  readonly alertEdge?: EdgeName | null;
  readonly verdict: SaidVerdict | null;
};

/** Null: not asked of this kind of fault. */
export type Marks = {
  readonly edge: boolean | null;
  readonly cause: boolean | null;
  readonly side: boolean | null;
  readonly check: boolean | null;
  /** The rule is the one that was expected, none of those that are right too. */
  readonly expected?: boolean | null;
  /** Nothing was said that is false. */
  readonly clean: boolean;
  /** Quiet: nothing was blamed. Thin: nothing was blamed for sure. */
  readonly modest: boolean | null;
  /** Quiet: no alert fired for somebody to be told of. */
  readonly silent?: boolean | null;
};

export type Grade = { readonly isRight: boolean; readonly marks: Marks; readonly why: readonly string[] };

/** Istio prints `unknown` where no destination was chosen. */
const endText = (name: string): string => (name === 'unknown' ? 'no destination' : name);

export const edgeText = (edge: EdgeName | null): string => (edge === null ? 'no edge' : `${edge[0]} → ${endText(edge[1])}`);

const isSame = (a: EdgeName, b: EdgeName): boolean => a[0] === b[0] && a[1] === b[1];

const isAmong = (said: EdgeName | null, { edge, orEdges = [] }: RightAnswer): boolean =>
  said !== null && [...(edge === null ? [] : [edge]), ...orEdges].some((true_) => isSame(said, true_));

export const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'i').test(text);

/** A verdict that blames somebody. */
const blames = ({ verdict }: Said): boolean => verdict !== null && verdict.side !== 'nothing wrong';

const verdictText = ({ verdict }: Said): string =>
  verdict === null ? 'no verdict' : `${verdict.rule} (${verdict.confidence}, ${verdict.side}): ${verdict.sentence}`;

const forbidden = ({ not }: Truth, { text }: Said): readonly string[] =>
  not.filter((pattern) => matches(pattern, text)).map((pattern) => `says what is false: /${pattern}/`);

const aboutText = (said: EdgeName | null, true_: EdgeName | null): string => `is about ${edgeText(said)}, not ${edgeText(true_)}`;

/** Nothing may be blamed: no alert is told unless it is known to fire, and who asks is told that nothing is wrong. */
const gradeQuiet = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const modest = !blames(said);
  const isAsked = said.way === 'asked';
  const silent = isAsked ? null : truth.mayAlert !== undefined;
  const cause = isAsked ? said.verdict?.side === 'nothing wrong' : null;
  return {
    isRight: modest && silent !== false && cause !== false && false_.length === 0,
    marks: { edge: null, cause, side: null, check: null, clean: false_.length === 0, modest, silent },
    why: [
      ...(silent === false ? ['an alert fired and was told'] : []),
      ...(modest ? [] : [`blames ${edgeText(said.edge)}: ${verdictText(said)}`]),
      ...(cause === false && modest ? ['does not answer that nothing is wrong: no verdict'] : []),
      ...false_,
    ],
  };
};

const requestCount = /\b\d[\d,]* (?:of [\d,]+ )?(?:failed |refused )?requests?\b(?!\/)/;

/** Too few requests for a verdict: the edge and its counts, or a verdict that is true and says no more than "possible". */
const gradeThin = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const { verdict, alertEdge = null } = said;
  // An alert higher up the path is about its own edge, and where nothing is blamed that is no mistake.
  const isOwn = verdict === null && said.edge !== null && alertEdge !== null && isSame(said.edge, alertEdge);
  const edge = isAmong(said.edge, truth) || isOwn;
  // "Nothing is wrong" is false too: something is.
  const modest = verdict === null || (verdict.confidence === 'possible' && truth.rules.includes(verdict.rule));
  const hasCounts = requestCount.test(`${said.header}\n${said.verdictText ?? ''}`);
  const marks = { edge, cause: null, side: null, check: null, clean: false_.length === 0, modest };
  return {
    isRight: edge && modest && hasCounts && marks.clean,
    marks,
    why: [
      ...(edge ? [] : [aboutText(said.edge, verdict === null ? alertEdge : truth.edge)]),
      ...(modest ? [] : [`should say no more than it can know, says ${verdictText(said)}`]),
      ...(hasCounts ? [] : ['says in neither header nor verdict how many requests there were']),
      ...false_,
    ],
  };
};

/** Where the right answer is that nobody can be named. */
const gradeNameless = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const edge = truth.edge === null ? null : isAmong(said.edge, truth);
  const cause = !blames(said);
  const marks = { edge, cause, side: null, check: null, clean: false_.length === 0, modest: null };
  return {
    isRight: edge !== false && cause && marks.clean,
    marks,
    why: [
      ...(edge === false ? [aboutText(said.edge, truth.edge)] : []),
      ...(cause ? [] : [`blames ${edgeText(said.edge)}: ${verdictText(said)}`]),
      ...false_,
    ],
  };
};

/** How a message stands to one answer: the mark of each part, and why it is none. */
export const against = (answer: RightAnswer, said: Said) => {
  const { verdict } = said;
  const edge = isAmong(said.edge, answer);
  const cause = verdict !== null && answer.rules.includes(verdict.rule);
  const side = verdict !== null && answer.sides.includes(verdict.side);
  // Where the truth says nothing of what to look at, nothing is asked.
  const isAsked = answer.object !== '';
  const check = !isAsked || verdict === null ? [] : whyNotCheck(answer.object, verdict);
  return {
    marks: {
      edge,
      cause,
      side,
      check: isAsked ? verdict !== null && check.length === 0 : null,
      expected: verdict !== null && verdict.rule === answer.rules[0],
    },
    why: [
      ...(edge ? [] : [aboutText(said.edge, answer.edge)]),
      ...(cause ? [] : [`expected ${answer.rules[0] ?? 'no verdict'}, said ${verdictText(said)}`]),
      ...(side || verdict === null ? [] : [`blames ${verdict.side}, not ${answer.sides.join(' or ')}`]),
      ...check,
    ],
  };
};

/** What may be answered: of two things that are true, or true at once, either; to a question once it is over, that alone. */
const answersTo = (truth: Truth, { way }: Said): readonly [RightAnswer, ...RightAnswer[]] =>
  way === 'asked' && truth.asked !== undefined
    ? [truth.asked]
    : [truth, ...[truth.or, truth.and].filter((answer) => answer !== undefined)];

/**
 * An alert about what the fault leaves without traffic: no cause is named at its own edge, but the sick one is, and the reader is sent to the
 * right place.
 */
const pointsThere = ({ edge }: Truth, { way, verdict, alertEdge = null, verdictText: text = '' }: Said): boolean =>
  way === 'alert' &&
  verdict === null &&
  edge !== null &&
  alertEdge !== null &&
  !isSame(alertEdge, edge) &&
  text.includes(`${edgeText(edge)} is sick`);

/** Of several answers the one that is met best; of equals the first. */
const gradeFault = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  if (pointsThere(truth, said)) {
    const clean = false_.length === 0;
    return { isRight: clean, marks: { edge: true, cause: null, side: null, check: null, clean, modest: null }, why: false_ };
  }
  const [first, ...others] = answersTo(truth, said);
  const { marks, why } = others
    .map((answer) => against(answer, said))
    .reduce((best, other) => (other.why.length < best.why.length ? other : best), against(first, said));
  return {
    isRight: why.length === 0 && false_.length === 0,
    marks: { ...marks, clean: false_.length === 0, modest: null },
    why: [...why, ...false_],
  };
};

/** Whether one message tells the truth about a fault. A wrong verdict is a miss, however unsure it says it is. */
export const grade = (kind: Fault['kind'], truth: Truth, said: Said): Grade => {
  if (kind === 'quiet') return gradeQuiet(truth, said);
  if (kind === 'thin') return gradeThin(truth, said);
  return truth.rules.length === 0 ? gradeNameless(truth, said) : gradeFault(truth, said);
};
