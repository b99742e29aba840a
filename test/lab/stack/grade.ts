import type { Confidence, Side } from '../../../src/domain/diagnosis.ts';
import type { EdgeName, Fault, RightAnswer, Truth } from '../lab.ts';

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
  /** Everything that stands in the message, as a person reads it. */
  readonly text: string;
  /** The edge that is blamed; where there is no verdict, the deepest that was looked at. */
  readonly edge: EdgeName | null;
  readonly verdict: SaidVerdict | null;
};

/** Null: not asked of this kind of fault. */
export type Marks = {
  readonly edge: boolean | null;
  readonly cause: boolean | null;
  readonly side: boolean | null;
  readonly check: boolean | null;
  /** Nothing was said that is false. */
  readonly clean: boolean;
  /** Quiet: nothing was blamed. Thin: nothing was blamed for sure. */
  readonly modest: boolean | null;
};

export type Grade = { readonly isRight: boolean; readonly marks: Marks; readonly why: readonly string[] };

export const edgeText = (edge: EdgeName | null): string => (edge === null ? 'no edge' : `${edge[0]} → ${edge[1]}`);

const isSame = (a: EdgeName, b: EdgeName): boolean => a[0] === b[0] && a[1] === b[1];

const isAmong = (said: EdgeName | null, { edge, orEdges = [] }: RightAnswer): boolean =>
  said !== null && [...(edge === null ? [] : [edge]), ...orEdges].some((true_) => isSame(said, true_));

const matches = (pattern: string, text: string): boolean => new RegExp(pattern, 'i').test(text);

/** A verdict that blames somebody. */
const blames = ({ verdict }: Said): boolean => verdict !== null && verdict.side !== 'nothing wrong';

const verdictText = ({ verdict }: Said): string =>
  verdict === null ? 'no verdict' : `${verdict.rule} (${verdict.confidence}, ${verdict.side}): ${verdict.sentence}`;

const forbidden = ({ not }: Truth, { text }: Said): readonly string[] =>
  not.filter((pattern) => matches(pattern, text)).map((pattern) => `says what is false: /${pattern}/`);

/** Nothing may be blamed: silence, or "nothing wrong". */
const gradeQuiet = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const modest = !blames(said);
  const marks = { edge: null, cause: null, side: null, check: null, clean: false_.length === 0, modest };
  return {
    isRight: modest && marks.clean,
    marks,
    why: [...(modest ? [] : [`blames ${edgeText(said.edge)}: ${verdictText(said)}`]), ...false_],
  };
};

/** Too few requests for a verdict: the edge and its counts, or a verdict that is true and says no more than "possible". */
const gradeThin = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const { verdict } = said;
  // An alert higher up the path is about its own edge, and where nothing is blamed that is no mistake.
  const edge = isAmong(said.edge, truth) || (verdict === null && said.way === 'alert' && said.edge !== null);
  // "Nothing is wrong" is false too: something is.
  const modest = verdict === null || (verdict.confidence === 'possible' && truth.rules.includes(verdict.rule));
  const hasCounts = /\b\d[\d,]* (?:of [\d,]+ )?(?:failed |refused )?requests?\b(?!\/)/.test(said.text);
  const marks = { edge, cause: null, side: null, check: null, clean: false_.length === 0, modest };
  return {
    isRight: edge && modest && hasCounts && marks.clean,
    marks,
    why: [
      ...(edge ? [] : [`is about ${edgeText(said.edge)}, not ${edgeText(truth.edge)}`]),
      ...(modest ? [] : [`should say no more than it can know, says ${verdictText(said)}`]),
      ...(hasCounts ? [] : ['does not say how many requests there were']),
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
      ...(edge === false ? [`is about ${edgeText(said.edge)}, not ${edgeText(truth.edge)}`] : []),
      ...(cause ? [] : [`blames ${edgeText(said.edge)}: ${verdictText(said)}`]),
      ...false_,
    ],
  };
};

/** "Deployment shop/payments" and "EnvoyFilter in shop" are in "shop"; what Kubernetes does not know is nowhere. */
const namespaceOf = (object: string): string | null =>
  (/([a-z0-9-]+)\//.exec(object) ?? / in ([a-z0-9-]+)$/.exec(object))?.[1] ?? null;

/** The object is the one that the truth names, all of it, and the command looks where it is. */
const isRightCheck = (pattern: string, { object, command }: SaidVerdict): boolean => {
  if (object === null || !new RegExp(`^(?:${pattern})$`).test(object)) return false;
  const namespace = namespaceOf(object);
  return command === null || namespace === null || command.split(' ').includes(namespace);
};

/** How a message stands to one answer: the mark of each part, and why it is none. */
const against = (answer: RightAnswer, said: Said) => {
  const { verdict } = said;
  const edge = isAmong(said.edge, answer);
  const cause = verdict !== null && answer.rules.includes(verdict.rule);
  const side = verdict !== null && answer.sides.includes(verdict.side);
  // Where the truth says nothing of what to look at, nothing is asked.
  const check = answer.object === '' ? null : verdict !== null && isRightCheck(answer.object, verdict);
  return {
    marks: { edge, cause, side, check },
    why: [
      ...(edge ? [] : [`is about ${edgeText(said.edge)}, not ${edgeText(answer.edge)}`]),
      ...(cause ? [] : [`expected ${answer.rules[0] ?? 'no verdict'}, said ${verdictText(said)}`]),
      ...(side || verdict === null ? [] : [`blames ${verdict.side}, not ${answer.sides.join(' or ')}`]),
      ...(check !== false || verdict === null
        ? []
        : [
            `sends the reader to ${verdict.object ?? verdict.firstCheck} (${verdict.command ?? 'no command'}), not /${answer.object}/`,
          ]),
    ],
  };
};

/** Of two answers the one that is met better; of equals the first. */
const gradeFault = (truth: Truth, said: Said): Grade => {
  const false_ = forbidden(truth, said);
  const first = against(truth, said);
  const second = truth.or === undefined ? first : against(truth.or, said);
  const { marks, why } = second.why.length < first.why.length ? second : first;
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
