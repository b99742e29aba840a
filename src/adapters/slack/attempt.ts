import type { Clock, Log, OutboxItem, Store } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { type ChannelBook, channelBook } from './channels.ts';
import { classify, type Failure } from './classify.ts';
import { type DeliverOptions, deliver, noteInThread, type Sent } from './deliver.ts';
import { findSent } from './reconcile.ts';

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
};

/** A root that Slack will not take is tried for a day: by then somebody has invited the bot, or nobody waits for it. */
const rootGivenUpAfterMs = 86_400_000;

/** 1 s, 2 s, 4 s … up to a minute. */
const backoffMs = (attempt: number): number => Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 6));

/** A message for another channel than its own says whose it is and what to do. */
const diverted = (item: OutboxItem): OutboxItem => {
  const name = item.channel.replace(/[<>&*_~`]/g, '');
  const note = `Meant for ${name}, where Edgewise cannot post: invite me to ${name} (/invite @edgewise).`;
  const blocks = [
    ...item.message.blocks.slice(0, 45),
    { type: 'context', elements: [{ type: 'plain_text', text: note, emoji: false }] },
  ];
  return { ...item, message: { text: item.message.text, blocks } };
};

/** A message whose earlier attempt may have arrived is looked for first; edits and pictures are harmless or rare enough to repeat. */
const alreadySent = async (item: OutboxItem, channel: string, options: AttemptOptions): Promise<Sent | null> => {
  const { key, purpose, rootTs, unknownSinceMs } = item;
  if (unknownSinceMs === null || !options.canReadHistory()) return null;
  if (purpose === 'edit' || purpose === 'resolution' || purpose === 'picture') return null;
  const ts = await findSent(options.calls, key, channel, purpose === 'root' ? null : rootTs, unknownSinceMs);
  return ts === null ? null : { channelId: channel, ts };
};

type Parts = { readonly options: AttemptOptions; readonly book: ChannelBook; readonly target: DeliverOptions };

/** To the channel an item's root stands in, else to its own by name, else to the default with a note. */
const toItsChannel = async ({ options, book, target }: Parts, item: OutboxItem, channel: string | null): Promise<Sent> => {
  const found = channel ?? (await book.idOf(options.defaultChannel));
  if (found === null) throw Object.assign(new Error('no channel'), { data: { error: 'channel_not_found' } });
  const sent = await alreadySent(item, found, options);
  return sent ?? deliver(target, channel === null ? diverted(item) : item, found);
};

/** Another way for what failed: join the channel, look its name up again, the default channel, a note for what cannot be edited. */
const anotherWay = async (parts: Parts, item: OutboxItem, channel: string | null, failure: Failure): Promise<Sent | null> => {
  const { options, book, target } = parts;
  if (channel === null) return null;
  if (failure.kind === 'cannot-edit') return noteInThread(target, item, channel);
  if (failure.kind === 'not-in-channel' && (await book.join(channel))) return deliver(target, item, channel);
  if (failure.kind !== 'not-in-channel' && failure.kind !== 'no-channel') return null;
  if (item.rootTs !== null) return null;
  book.forget(channel);
  const again = await book.idOf(item.channel);
  if (again !== null && again !== channel) return deliver(target, item, again);
  const fallback = await book.idOf(options.defaultChannel);
  return fallback === null || fallback === channel ? null : deliver(target, diverted(item), fallback);
};

const settle = async ({ outbox, clock, log }: AttemptOptions, item: OutboxItem, failure: Failure): Promise<void> => {
  const why = 'why' in failure ? failure.why : failure.kind;
  const nowMs = clock.nowMs();
  if (failure.kind === 'locked-out') return outbox.release(item, nowMs);
  if (failure.kind === 'rate-limited') return outbox.retry(item, nowMs + failure.waitMs, 'rate limited', 'not-sent');
  const isTransient = failure.kind === 'later' || failure.kind === 'unknown';
  if (!isTransient && (item.purpose !== 'root' || nowMs - item.createdAtMs > rootGivenUpAfterMs)) {
    log('error', 'a message could not be posted and is given up', { key: item.key, purpose: item.purpose, why });
    return outbox.park(item, why);
  }
  return outbox.retry(item, nowMs + backoffMs(item.attempt), why, failure.kind === 'unknown' ? 'unknown' : 'not-sent');
};

/** One attempt at one message, whatever its end, written down in the outbox. Gives the failure, or null when the message stands. */
export const attempts = (options: AttemptOptions) => {
  const { outbox, calls, clock, log, fetch, pictureChannel } = options;
  const book = channelBook(calls);
  const pictures = async (): Promise<string | null> => (pictureChannel === null ? null : book.idOf(pictureChannel));
  const parts: Parts = { options, book, target: { calls, fetch, clock, pictureChannel: pictures } };

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
      log(failure.kind === 'locked-out' ? 'error' : 'warn', 'a message could not be posted yet', { key: item.key, failure });
      await settle(options, item, failure);
      return failure;
    }
    await outbox.sent(item, sent);
    return null;
  };
};
