import type { ViewResponseAction } from '@slack/bolt';
import type { FormProblems, Gesture, Screen } from '../../domain/gesture.ts';
import type { Message } from '../../domain/message.ts';
import type { Clock, Log, Store } from '../../ports.ts';
import type { Received } from './inbox-gesture.ts';
import { type Memory, memoryOf } from './inbox-memory.ts';

/** What a gesture leads to. Only a submission's problems are heard: they keep its modal open. */
// biome-ignore lint/suspicious/noConfusingVoidType: only a submission's handler has something to give back.
export type OnGesture = (gesture: Gesture, screen: Screen) => Promise<FormProblems | void>;

/** Sentences of ours that a person reads where a handler fails or is late. */
export type InboxWords = {
  readonly failed: Message;
  /** A modal closed before it was known what became of it. */
  readonly late: (problems: FormProblems) => Message;
  /** A modal closed although only another replica knows what became of it. */
  readonly elsewhere: Message;
};

/** An answer to a submission, as Slack takes it. */
export type FormAnswer = Extract<ViewResponseAction, { response_action: 'errors' }> | undefined;

/** What was answered to a gesture, so that a second delivery gets the same. */
export type GestureMemory = Memory<Promise<FormAnswer>>;

/** Slack redelivers within minutes (docs.slack.dev/apis/events-api, "Retries": at once, after 1 and 5 min). */
export const gestureMemory = (clock: Pick<Clock, 'nowMs'>): GestureMemory =>
  memoryOf(clock.nowMs, { forMs: 600_000, most: 10_000 });

/** What is being done, so that an end may wait for it. */
const handsFull = () => {
  const inHand = new Set<Promise<unknown>>();
  return {
    hold: <T>(work: Promise<T>): Promise<T> => {
      inHand.add(work);
      const letGo = (): void => void inHand.delete(work);
      work.then(letGo, letGo);
      return work;
    },
    idle: async (): Promise<void> => {
      while (inHand.size > 0) await Promise.allSettled(inHand);
    },
  };
};

type Hold = ReturnType<typeof handsFull>['hold'];

type InboxOptions = {
  readonly onGesture: OnGesture;
  readonly memory: GestureMemory;
  /** What all replicas remember, also after a restart. */
  readonly once: Store['once'];
  readonly words: InboxWords;
  readonly clock: Clock;
  readonly log: Log;
};

/** Slack waits 3 s for an answer to a submission (docs.slack.dev/surfaces/modals); the way there and back is in it. */
const formWithinMs = 2500;

const answerOf = (problems: FormProblems): FormAnswer =>
  problems && Object.keys(problems).length > 0 ? { response_action: 'errors', errors: { ...problems } } : undefined;

/** Says what nobody else can say any more. */
const tell = async (screen: Screen, message: Message, log: Log): Promise<void> => {
  await screen.say(message).catch((error: unknown) => log('warn', 'a person could not be told', { error }));
};

/** The store is waited for no longer: a trigger opens a modal for 3 s (docs.slack.dev/surfaces/modals). */
const onceWithinMs = 1000;
/** Longer than Slack comes again, and than a request can be replayed. */
const onceForMs = 3_600_000;

/** Whether no replica has taken it yet. While the store does not say, it is done on the word of memory: better twice than not at all. */
const isFirst = async ({ once, clock, log }: InboxOptions, { gesture, ids }: Received): Promise<boolean> => {
  if (ids.length === 0) return true;
  const patience = new AbortController();
  let why: unknown = 'it does not answer in time';
  try {
    const late = clock.sleep(onceWithinMs, patience.signal).then(() => null);
    const said = await Promise.race([once(ids, clock.nowMs() + onceForMs), late]);
    if (said !== null) return said;
  } catch (error) {
    why = error;
  } finally {
    patience.abort();
  }
  log('warn', 'the store does not say whether a gesture was done elsewhere: it is done', { kind: gesture.kind, why });
  return true;
};

type Ended = { readonly problems: FormProblems } | 'failed' | 'elsewhere';

const settled = async (options: InboxOptions, received: Received, screen: Screen): Promise<Ended> => {
  const { onGesture, log } = options;
  const { gesture } = received;
  if (!(await isFirst(options, received))) {
    log('info', 'a gesture came again: another replica took it, or this one before its restart', { kind: gesture.kind });
    return 'elsewhere';
  }
  try {
    const problems = await onGesture(gesture, screen);
    return { problems: problems || null };
  } catch (error) {
    log('error', 'a gesture failed', { kind: gesture.kind, error });
    return 'failed';
  }
};

/**
 * A submission's answer, in time for Slack: of one that is late is told what became of it, and of one that failed nothing typed is lost.
 * One that another replica has taken closes, with where to look: kept open it would be sent again.
 */
const formAnswer = async (options: InboxOptions, received: Received, screen: Screen, hold: Hold): Promise<FormAnswer> => {
  const { clock, words, log } = options;
  const { field } = received;
  const patience = new AbortController();
  const ending = settled(options, received, screen);
  const ended = await Promise.race([ending, clock.sleep(formWithinMs, patience.signal).then(() => null)]);
  patience.abort();
  const after = (late: Ended): Promise<void> =>
    tell(screen, typeof late === 'object' ? words.late(late.problems) : words[late], log);
  if (ended === null) void hold(ending.then(after));
  else if (typeof ended === 'object') return answerOf(ended.problems);
  else if (ended === 'failed' && field !== undefined) return answerOf({ [field]: words.failed.text });
  else void hold(after(ended));
  return undefined;
};

/** A Home that cannot be shown is no reason to write to a person who only looked. */
const answered = async (options: InboxOptions, received: Received, screen: Screen): Promise<FormAnswer> => {
  const ended = await settled(options, received, screen);
  if (ended === 'failed' && received.gesture.kind !== 'home') await tell(screen, options.words.failed, options.log);
  return undefined;
};

/** How long an end waits for what is being done. */
const idleWithinMs = 5000;

/**
 * Takes gestures, each once however often and to whichever replica it is delivered: acknowledged at once, a submission with what became of it. `take` never
 * throws; `finish` lets what is being done come to its end, for a while.
 */
export const inbox = (options: InboxOptions) => {
  const { memory, clock, log } = options;
  const { hold, idle } = handsFull();
  const take = async (received: Received, screen: Screen, ack: (answer?: FormAnswer) => Promise<void>): Promise<void> => {
    const { gesture, ids } = received;
    const isForm = gesture.kind === 'submit';
    const acknowledge = (answer?: FormAnswer): Promise<void> =>
      ack(answer).catch((error: unknown) => log('warn', 'a gesture could not be acknowledged', { kind: gesture.kind, error }));
    if (!isForm) await acknowledge();
    const before = ids.map((id) => memory.recall(id)).find((answer) => answer !== undefined);
    const answer = before ?? (isForm ? formAnswer(options, received, screen, hold) : answered(options, received, screen));
    for (const id of ids) memory.keep(id, answer);
    if (isForm) await acknowledge(await answer);
    else await answer;
  };
  return {
    take: (...given: Parameters<typeof take>): Promise<void> => hold(take(...given)),
    finish: async (): Promise<void> => {
      const patience = new AbortController();
      await Promise.race([idle(), clock.sleep(idleWithinMs, patience.signal)]);
      patience.abort();
    },
  };
};
