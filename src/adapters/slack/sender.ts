import type { OutboxPurpose } from '../../domain/incident.ts';
import type { OutboxItem } from '../../ports.ts';
import { type AttemptOptions, attempts } from './attempt.ts';
import type { Failure } from './classify.ts';
import { type GateState, gate } from './gate.ts';
import { heldMessages } from './held.ts';

export type SenderOptions = AttemptOptions & {
  /** Whose messages are sent: the token is of one workspace. */
  readonly workspace: string;
  readonly onSent: (item: OutboxItem) => void;
};

const idleMs = 1000;
const maxPerChannel = 4;

/** Which method's bucket a message needs; posts have a bucket a channel. */
const methodOf: Readonly<Record<OutboxPurpose, string | null>> = {
  root: null,
  escalation: null,
  thread: null,
  edit: 'chat.update',
  resolution: 'chat.update',
  picture: 'files.getUploadURLExternal',
};

/** `#Payments` and `payments` are one channel, and share its second. */
const bucketOf = ({ channel }: OutboxItem): string => channel.replace(/^#/, '').toLowerCase();

type OnItsWay = { readonly channel: string; readonly done: Promise<void> };

/** How long until a message may go: its channel's second, its method's minute, and no more than a few of one channel at once. */
const waitOf = (item: OutboxItem, { limits }: AttemptOptions['calls'], onTheirWay: Iterable<OnItsWay>): number => {
  const method = methodOf[item.purpose];
  const alike = [...onTheirWay].filter(({ channel }) => channel === bucketOf(item)).length;
  if (alike >= maxPerChannel) return idleMs;
  return method === null ? limits.channelWait(bucketOf(item)) : limits.methodWait(method);
};

/** What a post that failed means for others of its channel: a refusal stops them, a look that has to wait costs them nothing. */
const heeded = (limits: AttemptOptions['calls']['limits'], channel: string, failure: Failure): void => {
  if (failure.kind === 'rate-limited') limits.holdChannel(channel, failure.waitMs);
  if (failure.kind === 'look-later') limits.giveChannelBack(channel);
};

/** Sends one message and hears what its end says about Slack. Never throws. */
const sending = (options: SenderOptions, slack: ReturnType<typeof gate>) => {
  const attempt = attempts(options);
  return async (item: OutboxItem): Promise<void> => {
    try {
      const failure = await attempt(item);
      if (failure === null) {
        slack.succeeded();
        options.onSent(item);
        return;
      }
      if (methodOf[item.purpose] === null) heeded(options.calls.limits, bucketOf(item), failure);
      slack.failed(failure);
    } catch (error) {
      options.log('warn', 'the store does not take what became of a message', { key: item.key, error });
    }
  };
};

/** Nothing is held while Slack is in trouble, but for one probe. */
const refill = async (held: ReturnType<typeof heldMessages>, slack: ReturnType<typeof gate>): Promise<void> => {
  await (slack.room() === 0 ? held.giveBackAll() : held.giveBackOld());
  await held.claim(slack.state().kind === 'sending' ? Number.POSITIVE_INFINITY : slack.room());
};

/**
 * Empties the outbox of one workspace: claimed messages wait for their turn by priority, and each goes on its own, so that a slow or failing one holds up
 * only its incident. `wake` ends a pause early; `stop` lets what is on its way arrive.
 */
export const slackSender = (options: SenderOptions) => {
  const { outbox, workspace, calls, clock, log } = options;
  const slack = gate(clock.nowMs);
  const send = sending(options, slack);
  const held = heldMessages(outbox, workspace, clock);
  const onTheirWay = new Map<string, OnItsWay>();
  let pause = new AbortController();
  let stopping = false;
  let running: Promise<void> = Promise.resolve();
  const wake = (): void => pause.abort();

  const begin = (item: OutboxItem): void => {
    if (methodOf[item.purpose] === null) calls.limits.takeChannel(bucketOf(item));
    held.take(item.key);
    const done = send(item).then(() => {
      onTheirWay.delete(item.key);
      wake();
    });
    onTheirWay.set(item.key, { channel: bucketOf(item), done });
  };

  /** Starts everything that may go now; gives how long until something else may. */
  const dispatch = (): number => {
    let nextMs = idleMs;
    for (const item of held.inOrder()) {
      if (onTheirWay.size >= slack.room()) break;
      const waitMs = waitOf(item, calls, onTheirWay.values());
      if (waitMs === 0) begin(item);
      else nextMs = Math.min(nextMs, waitMs);
    }
    return nextMs;
  };

  const loop = async (): Promise<void> => {
    while (!stopping) {
      pause = new AbortController();
      await refill(held, slack).catch((error: unknown) => log('warn', 'the outbox cannot be read', { error }));
      const waitMs = dispatch();
      if (!stopping) await clock.sleep(waitMs, pause.signal);
    }
  };

  return {
    start: (): void => {
      running = loop();
    },
    wake,
    state: (): GateState => slack.state(),
    stop: async (): Promise<void> => {
      stopping = true;
      wake();
      await running;
      await Promise.all([...onTheirWay.values()].map(({ done }) => done));
      await held.giveBackAll().catch((error: unknown) => log('warn', 'held messages wait for their lease', { error }));
    },
  };
};
