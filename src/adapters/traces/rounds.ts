import { SourceError } from '../../domain/gathered.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask, TraceSearch } from '../../ports.ts';
import { type AskStore, firstRound } from './first-round.ts';
import { type CalleeTag, type Held, isWanted } from './held.ts';
import { type CalleeNames, isProven, namesListed, namesSeen, nextQuestion, type StoreQuestion } from './questions.ts';

/** A store's names for whom a service calls, where it keeps them. */
export type CalleesOf = (service: string, ask: Ask) => Promise<readonly CalleeTag[]>;

/** What all rounds of one question found. */
export type Found = { readonly traces: ReadonlyMap<string, ReceivedTrace>; readonly isCut: boolean };

/** The questions of one round: to the service as a whole, and for each name of the callee; `areSeen` where its calls tell those names. */
type Round = {
  readonly whole: StoreQuestion;
  readonly named: readonly StoreQuestion[];
  readonly areAll: boolean;
  readonly areSeen: boolean;
};

const maxRounds = 3;
/** Another round may take longer than the one before, and what it brings has to be read. */
const slack = 1.25;
const readingMs = 100;

/** A patience that ends a little before the one of who asks. */
const inner = ({ signal, leftMs }: Ask): Ask =>
  leftMs === undefined
    ? { signal }
    : { signal: AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, leftMs() - readingMs))]) };

/** Keeps every trace as whole as it came; answers for a question whether it is not all that there is. */
const collector = (read: (trace: ReceivedTrace) => Held) => {
  const traces = new Map<string, ReceivedTrace>();
  return {
    traces,
    held: (): readonly Held[] => [...traces.values()].map(read),
    /** A question of a later round that fails costs no more than what it would have brought. */
    collect: (questions: readonly StoreQuestion[], answers: readonly PromiseSettledResult<readonly ReceivedTrace[]>[]) => {
      const cut = new Set<StoreQuestion>();
      for (const [place, question] of questions.entries()) {
        const answer = answers[place];
        if (answer?.status === 'rejected' && (traces.size === 0 || !(answer.reason instanceof SourceError))) throw answer.reason;
        const told = answer?.status === 'fulfilled' ? answer.value : null;
        for (const trace of told ?? [])
          if (trace.spans.length > (traces.get(trace.id)?.spans.length ?? 0)) traces.set(trace.id, trace);
        if (told === null || told.length >= question.limit) cut.add(question);
      }
      return cut;
    },
  };
};

type Task = {
  readonly wanted: TraceSearch;
  readonly read: (trace: ReceivedTrace) => Held;
  /** The callee's own services: where none of the caller's calls that came back is of the edge, they are asked for theirs. */
  readonly calleeServices: readonly string[];
};

const isHolding = ({ callMicros }: Held): boolean => callMicros !== null;

/** How the callee can be looked for: as the calls seen name it, else as the store lists it, and by its own services. */
type Callee = CalleeNames & { readonly areSeen: boolean; readonly services: readonly string[] };

const calleeOf = async (
  held: readonly Held[],
  { wanted, calleeServices }: Task,
  listed: () => Promise<readonly CalleeTag[]>,
): Promise<Callee> => {
  if (held.some(isHolding)) return { ...namesSeen(held, wanted), areSeen: true, services: [] };
  const known = await listed().catch((error: unknown) => {
    if (error instanceof SourceError) return [];
    throw error;
  });
  return { ...namesListed(known, wanted), areSeen: false, services: calleeServices };
};

/** The same question, once for each way to look for the callee; together they may cost what this one may. */
const narrowed = (question: StoreQuestion, { tags, services }: Callee, others: number): readonly StoreQuestion[] => {
  const maxBytes = question.maxBytes / Math.max(1, others + tags.length + services.length);
  return [
    ...tags.map((callee) => ({ ...question, callee, maxBytes })),
    ...services.map((service) => ({ ...question, service, maxBytes })),
  ];
};

/** Whether there is patience for another round like this one, which began when so much was left. */
const mayGoOn = ({ signal, leftMs }: Ask, beganMs: number | undefined): boolean => {
  if (signal.aborted) return false;
  if (leftMs === undefined || beganMs === undefined) return true;
  return leftMs() >= (beganMs - leftMs()) * slack + readingMs;
};

/**
 * Asks once for what comes; and where too little of it is of the edge, for calls of this callee. `isCut` where there may be more. Throws only
 * what the first round throws.
 */
export const asTheyCome = async (
  askStore: AskStore,
  calleesOf: CalleesOf,
  question: StoreQuestion,
  task: Task,
  ask: Ask,
): Promise<Found> => {
  const { wanted } = task;
  const { traces, held, collect } = collector(task.read);
  const beganMs = ask.leftMs?.();
  const first = await firstRound(askStore, question, ask);
  const isCut = collect([first.question], [first.answer]).size > 0;
  const known = held();
  const holding = known.filter((one) => isHolding(one) && isWanted(one, wanted));
  if (!isCut || holding.length >= wanted.most || !mayGoOn(ask, beganMs)) return { traces, isCut };
  const callee = await calleeOf(known, task, () => calleesOf(question.service, inner(ask)));
  const named = narrowed(first.question, callee, 0);
  const cut = collect(named, await Promise.allSettled(named.map((one) => askStore(one, inner(ask)))));
  return { traces, isCut: !callee.areAll || cut.size > 0 };
};

/**
 * Asks, and where an answer reaches its limit asks again for longer calls, and for calls of this callee, while there is patience: no store can
 * sort by length. `isCut` where worse ones may be hidden still. Throws only what the first round throws.
 */
export const inRounds = async (
  askStore: AskStore,
  calleesOf: CalleesOf,
  asked: StoreQuestion,
  task: Task,
  ask: Ask,
): Promise<Found> => {
  const { wanted } = task;
  const { traces, held, collect } = collector(task.read);
  let beganMs = ask.leftMs?.();
  const { question, answer } = await firstRound(askStore, asked, ask);
  let cut = collect([question], [answer]);
  let open: Round = { whole: question, named: [], areAll: false, areSeen: false };
  for (let round = 1; ; round += 1) {
    const known = held();
    const isDone = (one: StoreQuestion): boolean => !cut.has(one) && isProven(one, known, wanted);
    if (isDone(open.whole) || (open.areAll && open.named.every(isDone))) return { traces, isCut: false };
    if (round === maxRounds || !mayGoOn(ask, beganMs)) return { traces, isCut: true };
    const next = (one: StoreQuestion, isCut: boolean): StoreQuestion =>
      nextQuestion(one, { isCut, isLast: round + 1 === maxRounds }, known, wanted);
    const whole = next(open.whole, cut.has(open.whole));
    if (open.named.length > 0 && (open.areSeen || !known.some(isHolding))) {
      const named = open.named.filter((one) => !isDone(one)).map((one) => next(one, cut.has(one)));
      open = { ...open, whole, named };
    } else {
      const callee = await calleeOf(known, task, () => calleesOf(question.service, inner(ask)));
      // Nobody knows how long calls are that were not seen yet; and those that were need not be as long as what was asked for meanwhile.
      const sharper = next(question, cut.has(open.whole));
      const named = narrowed(callee.areSeen ? sharper : { ...sharper, leastMicros: question.leastMicros }, callee, 1);
      const maxBytes = question.maxBytes / (1 + named.length);
      open = { whole: { ...whole, maxBytes }, named, areAll: callee.areAll, areSeen: callee.areSeen };
    }
    beganMs = ask.leftMs?.();
    const questions = [open.whole, ...open.named];
    cut = collect(questions, await Promise.allSettled(questions.map((one) => askStore(one, inner(ask)))));
  }
};
