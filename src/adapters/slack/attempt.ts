import type { Clock, Log, OutboxItem, Store } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { type ChannelBook, channelBook, shownName } from './channels.ts';
import { classify, type Failure } from './classify.ts';
import { type DeliverOptions, deliver, inPlaceOfRoot, noteInThread, type Sent } from './deliver.ts';
import { reconciler } from './reconcile.ts';

export type AttemptOptions = {
  readonly outbox: Store['outbox'];
  readonly calls: SlackCalls;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly pictureChannel: string | null;
  /** Where messages go whose own channel cannot be reached. */
  readonly defaultChannel: string;
  /** Without the history scopes an unknown outcome is sent again: at least once. */
  readonly canReadHistory: () => boolean;
  /** What may be told in a channel, where not everything may; null: everything. */
  readonly briefIn: DeliverOptions['briefIn'];
};

/** A root that Slack will not take is tried for a day: by then somebody has invited the bot, or nobody waits for it. */
const rootGivenUpAfterMs = 86_400_000;

/** 1 s, 2 s, 4 s … up to a minute. */
const backoffMs = (attempt: number): number => Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 6));

/** A message for another channel than its own says whose it is and what to do. */
const diverted = (item: OutboxItem): OutboxItem => {
  const name = shownName(item.channel);
  const note = `Meant for ${name}, where Edgewise cannot post: invite me to ${name} (/invite @edgewise).`;
  const blocks = [
    ...item.message.blocks.slice(0, 45),
    { type: 'context', elements: [{ type: 'plain_text', text: note, emoji: false }] },
  ];
  return { ...item, message: { text: item.message.text, blocks } };
};

type Parts = {
  readonly options: AttemptOptions;
  readonly book: ChannelBook;
  readonly target: DeliverOptions;
  readonly find: ReturnType<typeof reconciler>;
};

/** Looks for a message whose earlier attempt may have arrived; null when it is not there or may not be looked for. */
const lookFor = async (
  { options, find }: Parts,
  { key, attempt, unknownSinceMs }: OutboxItem,
  channel: string,
  threadTs: string | null,
): Promise<Sent | null> => {
  if (unknownSinceMs === null || !options.canReadHistory()) return null;
  try {
    const ts = await find({ key, attempt, channel, sinceMs: unknownSinceMs }, threadTs);
    return ts === null ? null : { channelId: channel, ts };
  } catch (error) {
    // What cannot be read is no reason to be silent: at least once.
    if (['hopeless', 'not-in-channel', 'no-channel', 'root-gone'].includes(classify(error).kind)) return null;
    throw error;
  }
};

/** A message whose earlier attempt may have arrived is looked for first; edits and pictures are harmless or rare enough to repeat. */
const alreadySent = async (parts: Parts, item: OutboxItem, channel: string): Promise<Sent | null> => {
  const { purpose, rootTs } = item;
  if (purpose === 'edit' || purpose === 'resolution' || purpose === 'picture') return null;
  return lookFor(parts, item, channel, purpose === 'root' ? null : rootTs);
};

/** An edit of a root that had to go to the default channel keeps the note that says so. */
const isDivertedEdit = async ({ options, book }: Parts, item: OutboxItem, channel: string): Promise<boolean> =>
  (item.purpose === 'edit' || item.purpose === 'resolution') &&
  channel === (await book.idOf(options.defaultChannel)) &&
  channel !== (await book.idOf(item.channel));

/** To the channel an item's root stands in, else to its own by name, else to the default with a note. */
const toItsChannel = async (parts: Parts, item: OutboxItem, channel: string | null): Promise<Sent> => {
  const { options, book, target } = parts;
  const found = channel ?? (await book.idOf(options.defaultChannel));
  if (found === null) throw Object.assign(new Error('no channel'), { data: { error: 'channel_not_found' } });
  const sent = await alreadySent(parts, item, found);
  const isElsewhere = channel === null || (await isDivertedEdit(parts, item, found));
  return sent ?? deliver(target, isElsewhere ? diverted(item) : item, found);
};

/** A root that a person deleted: the next that retells it, or that must be heard, takes its place; the rest is for nobody. */
const withoutRoot = async (parts: Parts, item: OutboxItem, channel: string): Promise<Sent | null> => {
  if (item.purpose === 'thread' || item.purpose === 'picture') return null;
  const sent = await lookFor(parts, item, channel, null);
  return sent === null ? inPlaceOfRoot(parts.target, item, channel) : { ...sent, isNewRoot: true };
};

/** The channel by its name again, else the default: for a new root, and for what must be heard although its channel is gone. */
const elsewhere = async ({ options, book, target }: Parts, item: OutboxItem, channel: string): Promise<Sent | null> => {
  const send = item.purpose === 'root' ? deliver : inPlaceOfRoot;
  book.forget(channel);
  const again = await book.idOf(item.channel);
  if (again !== null && again !== channel) return send(target, item, again);
  const fallback = await book.idOf(options.defaultChannel);
  return fallback === null || fallback === channel ? null : send(target, diverted(item), fallback);
};

/** Another way for what failed: join the channel, look its name up again, the default channel, a note for what cannot be edited. */
const anotherWay = async (parts: Parts, item: OutboxItem, channel: string | null, failure: Failure): Promise<Sent | null> => {
  const { book, target } = parts;
  if (channel === null) return null;
  if (failure.kind === 'cannot-edit') return noteInThread(target, item, channel);
  if (failure.kind === 'root-gone') return withoutRoot(parts, item, channel);
  if (failure.kind === 'not-in-channel' && (await book.join(channel))) return deliver(target, item, channel);
  if (failure.kind !== 'not-in-channel' && failure.kind !== 'no-channel') return null;
  return item.purpose === 'root' || item.purpose === 'escalation' ? elsewhere(parts, item, channel) : null;
};

const settle = async ({ outbox, clock, log }: AttemptOptions, item: OutboxItem, failure: Failure): Promise<void> => {
  const why = 'why' in failure ? failure.why : failure.kind;
  const nowMs = clock.nowMs();
  if (failure.kind === 'locked-out') return outbox.release(item, nowMs);
  if (failure.kind === 'look-later') return outbox.release(item, nowMs + failure.waitMs);
  if (failure.kind === 'rate-limited') return outbox.retry(item, nowMs + failure.waitMs, 'rate limited', 'not-sent');
  const isTransient = failure.kind === 'later' || failure.kind === 'unknown';
  if (!isTransient && (item.purpose !== 'root' || nowMs - item.createdAtMs > rootGivenUpAfterMs)) {
    log('error', 'a message could not be posted and is given up', { key: item.key, purpose: item.purpose, why });
    return outbox.park(item, why);
  }
  return outbox.retry(item, nowMs + backoffMs(item.attempt), why, failure.kind === 'unknown' ? 'unknown' : 'not-sent');
};

const levels: Readonly<Partial<Record<Failure['kind'], 'error' | 'info'>>> = { 'locked-out': 'error', 'look-later': 'info' };

/** One attempt at one message, whatever its end, written down in the outbox. Gives the failure, or null when the message stands. */
export const attempts = (options: AttemptOptions) => {
  const { outbox, calls, clock, log, fetch, pictureChannel, briefIn } = options;
  const book = channelBook(calls, clock);
  const pictures = async (): Promise<string | null> => (pictureChannel === null ? null : book.idOf(pictureChannel));
  const target = { calls, fetch, clock, pictureChannel: pictures, briefIn };
  const parts: Parts = { options, book, target, find: reconciler(calls, clock, log) };

  const posted = async (item: OutboxItem): Promise<Sent> => {
    const channel = item.channelId ?? (await book.idOf(item.channel));
    try {
      return await toItsChannel(parts, item, channel);
    } catch (error) {
      const sent = await anotherWay(parts, item, channel, classify(error));
      if (sent === null) throw error;
      return sent;
    }
  };

  return async (item: OutboxItem): Promise<Failure | null> => {
    let sent: Sent;
    try {
      sent = await posted(item);
    } catch (error) {
      const failure = classify(error);
      log(levels[failure.kind] ?? 'warn', 'a message could not be posted yet', { key: item.key, failure });
      await settle(options, item, failure);
      return failure;
    }
    await outbox.sent(item, sent);
    return null;
  };
};
