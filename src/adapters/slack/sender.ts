import { purposePriority } from '../../domain/incident.ts';
import type { Clock, Log, OutboxItem, Store } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { type ChannelBook, channelBook } from './channels.ts';
import { classify, type Failure } from './classify.ts';
import { type DeliverOptions, deliver, noteInThread, type Sent } from './deliver.ts';
import { findSent } from './reconcile.ts';

export type SenderOptions = {
  readonly outbox: Store['outbox'];
  readonly calls: SlackCalls;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly pictureChannel: string | null;
  /** Where messages go whose own channel cannot be reached. */
  readonly defaultChannel: string;
  /** Without the history scopes an unknown outcome is sent again: at least once. */
  readonly canReadHistory: boolean;
  readonly onSent: (item: OutboxItem) => void;
};

export type SenderState = { readonly kind: 'sending' } | { readonly kind: 'locked-out'; readonly why: string };

const leaseMs = 60_000;
const idleMs = 1000;
const lockedOutMs = 30_000;

/** 1 s, 2 s, 4 s … up to a minute: Slack may be away for hours, and everything waits for it. */
const backoffMs = (attempt: number): number => Math.min(60_000, 1000 * 2 ** Math.min(attempt - 1, 6));

/** A message for another channel than its own says whose it is and what to do. */
const diverted = (item: OutboxItem, wanted: string): OutboxItem => {
  const note = `Meant for ${wanted.replace(/[<>&*_~`]/g, '')}, which Edgewise cannot post to: invite it there (/invite @edgewise).`;
  return {
    ...item,
    message: {
      text: item.message.text,
      blocks: [
        ...item.message.blocks.slice(0, 45),
        { type: 'context', elements: [{ type: 'plain_text', text: note, emoji: false }] },
      ],
    },
  };
};

/** The channel an item goes to: the one its root stands in, else its own by name, else the default. */
const channelFor = async (
  item: OutboxItem,
  book: ChannelBook,
  options: SenderOptions,
): Promise<{ readonly id: string | null; readonly isOwn: boolean }> => {
  if (item.channelId !== null) return { id: item.channelId, isOwn: true };
  const own = await book.idOf(item.channel);
  return own === null ? { id: await book.idOf(options.defaultChannel), isOwn: false } : { id: own, isOwn: true };
};

/** A message whose earlier attempt may have arrived is looked for first; edits and pictures are harmless or rare enough to repeat. */
const alreadySent = async (item: OutboxItem, channel: string, options: SenderOptions): Promise<Sent | null> => {
  if (
    item.unknownSinceMs === null ||
    !options.canReadHistory ||
    item.purpose === 'edit' ||
    item.purpose === 'resolution' ||
    item.purpose === 'picture'
  )
    return null;
  const ts = await findSent(options.calls, item.key, channel, item.purpose === 'root' ? null : item.rootTs, item.unknownSinceMs);
  return ts === null ? null : { channelId: channel, ts };
};

/** Not in the channel, or the channel is gone: join, else the default channel with a note. */
const divert = async (
  item: OutboxItem,
  channel: string,
  failure: Failure,
  book: ChannelBook,
  target: DeliverOptions,
  options: SenderOptions,
): Promise<Sent | null> => {
  if (failure.kind === 'not-in-channel' && (await book.join(channel))) return deliver(target, item, channel);
  if (failure.kind !== 'not-in-channel' && failure.kind !== 'no-channel') return null;
  book.forget(channel);
  const again = item.rootTs === null ? await book.idOf(item.channel) : null;
  if (again !== null && again !== channel) return deliver(target, item, again);
  const fallback = await book.idOf(options.defaultChannel);
  if (item.purpose !== 'root' || fallback === null || fallback === channel) return null;
  return deliver(target, diverted(item, item.channel), fallback);
};

/** The loop that empties the outbox. `wake` ends a pause early; `stop` lets what is being sent finish. */
export const slackSender = (options: SenderOptions) => {
  const { outbox, calls, clock, log } = options;
  const book = channelBook(calls);
  const target: DeliverOptions = { calls, fetch: options.fetch, clock, pictureChannel: options.pictureChannel };
  let state: SenderState = { kind: 'sending' };
  let pause = new AbortController();
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  const settle = async (item: OutboxItem, failure: Failure): Promise<void> => {
    if (failure.kind === 'locked-out') {
      state = { kind: 'locked-out', why: failure.why };
      log('error', 'Slack refuses the bot; every message waits', { why: failure.why });
      return outbox.retry(item, clock.nowMs() + lockedOutMs, failure.why, 'not-sent');
    }
    if (failure.kind === 'rate-limited') return outbox.retry(item, clock.nowMs() + failure.waitMs, 'rate limited', 'not-sent');
    const why = 'why' in failure ? failure.why : failure.kind;
    const isHopeless = !['later', 'unknown'].includes(failure.kind) && (item.purpose !== 'root' || item.attempt >= 5);
    if (isHopeless) {
      log('error', 'a message could not be posted and is given up', { key: item.key, purpose: item.purpose, why });
      return outbox.park(item, why);
    }
    return outbox.retry(item, clock.nowMs() + backoffMs(item.attempt), why, failure.kind === 'unknown' ? 'unknown' : 'not-sent');
  };

  const send = async (item: OutboxItem): Promise<void> => {
    let channel = item.channelId ?? '';
    try {
      const found = await channelFor(item, book, options);
      if (found.id === null)
        return await settle(item, { kind: 'no-channel', why: `no channel ${item.channel} and no default channel` });
      channel = found.id;
      const sent =
        (await alreadySent(item, channel, options)) ??
        (await deliver(target, found.isOwn ? item : diverted(item, item.channel), channel));
      state = { kind: 'sending' };
      await outbox.sent(item, sent);
      options.onSent(item);
    } catch (error) {
      await afterFailure(item, channel, error);
    }
  };

  const afterFailure = async (item: OutboxItem, channel: string, error: unknown): Promise<void> => {
    let failure = classify(error);
    try {
      const sent =
        failure.kind === 'cannot-edit'
          ? await noteInThread(target, item, channel)
          : await divert(item, channel, failure, book, target, options);
      if (sent !== null) {
        await outbox.sent(item, sent);
        return options.onSent(item);
      }
    } catch (second) {
      failure = classify(second);
    }
    log('warn', 'a message could not be posted yet', { key: item.key, purpose: item.purpose, failure });
    await settle(item, failure);
  };

  /** Items of one round: per channel in order of priority, one post a second; edits are under their own limit. */
  const round = async (items: readonly OutboxItem[]): Promise<void> => {
    const byChannel = new Map<string, OutboxItem[]>();
    for (const item of [...items].sort(
      (a, b) => purposePriority[a.purpose] - purposePriority[b.purpose] || a.createdAtMs - b.createdAtMs,
    )) {
      const key = item.channelId ?? item.channel;
      byChannel.set(key, [...(byChannel.get(key) ?? []), item]);
    }
    await Promise.all(
      [...byChannel].map(async ([channel, queue]) => {
        const [item] = queue;
        if (item === undefined) return;
        const isPost = item.purpose !== 'edit' && item.purpose !== 'resolution';
        const waitMs = isPost ? calls.limits.channelWait(channel) : 0;
        for (const waiting of waitMs > 0 ? queue : queue.slice(1))
          await outbox.retry(
            waiting,
            clock.nowMs() + Math.max(waitMs, isPost ? 1000 : 50),
            'its channel is busy',
            waiting.unknownSinceMs === null ? 'not-sent' : 'unknown',
          );
        if (waitMs > 0) return;
        if (isPost) calls.limits.takeChannel(channel);
        await send(item);
      }),
    );
  };

  const loop = async (): Promise<void> => {
    while (!stopping) {
      let items: readonly OutboxItem[] = [];
      try {
        items = await outbox.claim(clock.nowMs(), leaseMs, 20);
        await round(items);
      } catch (error) {
        log('warn', 'the outbox cannot be read', { error });
      }
      if (items.length === 0 && !stopping) await clock.sleep(idleMs, pause.signal);
      if (pause.signal.aborted) pause = new AbortController();
    }
  };

  return {
    start: (): void => {
      running = loop();
    },
    wake: (): void => pause.abort(),
    state: (): SenderState => state,
    stop: async (): Promise<void> => {
      stopping = true;
      pause.abort();
      await running;
    },
  };
};
