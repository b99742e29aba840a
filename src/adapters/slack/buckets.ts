/** Rates of Slack's documentation, a little below: chat.postMessage 1/s a channel; the tiers are per workspace and method. */
const perMinute: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.join': 50,
  'conversations.list': 20,
  'usergroups.users.list': 20,
  'users.info': 100,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'files.info': 100,
  'conversations.open': 50,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
};

/**
 * Apps that are distributed outside Slack's Marketplace read these once a minute each, 15 messages at most
 * (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps). Whether ours is one Slack says by refusing: a pause of
 * this length is none of Tier 3, which we keep below. What was learned is tried again after an hour, since an app may be approved.
 */
const ofHistory: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies']);
const longPauseMs = 20_000;
const scarceForMs = 3_600_000;
const scarcePage = 15;
const usualPage = 200;

type Pace = { readonly everyMs: number; readonly burst: number };

/** A token bucket per key: how long until one more call may go. */
export const buckets = (nowMs: () => number) => {
  const nextFreeMs = new Map<string, number>();
  const heldUntilMs = new Map<string, number>();
  let scarceUntilMs = Number.NEGATIVE_INFINITY;
  const isScarce = (): boolean => nowMs() < scarceUntilMs;
  /** `burst` calls may go at once, then one every `everyMs`; none while they are held. */
  const wait = (key: string, { everyMs, burst }: Pace): number => {
    const earliest = (nextFreeMs.get(key) ?? 0) - (burst - 1) * everyMs;
    return Math.max(0, earliest - nowMs(), (heldUntilMs.get(key) ?? 0) - nowMs());
  };
  const take = (key: string, { everyMs }: Pace): void => {
    nextFreeMs.set(key, Math.max(nowMs(), nextFreeMs.get(key) ?? 0) + everyMs);
  };
  const paceOf = (method: string): Pace | null => {
    if (ofHistory.has(method) && isScarce()) return { everyMs: 60_000, burst: 1 };
    const rate = perMinute[method];
    return rate === undefined ? null : { everyMs: 60_000 / rate, burst: 10 };
  };
  const ofChannel: Pace = { everyMs: 1000, burst: 1 };
  const hold = (key: `channel:${string}` | `method:${string}`, ms: number): void => {
    heldUntilMs.set(key, Math.max(heldUntilMs.get(key) ?? 0, nowMs() + ms));
  };
  return {
    channelWait: (channel: string) => wait(`channel:${channel}`, ofChannel),
    takeChannel: (channel: string) => take(`channel:${channel}`, ofChannel),
    /** Nothing was posted in the second that was taken. */
    giveChannelBack: (channel: string) => {
      nextFreeMs.set(`channel:${channel}`, (nextFreeMs.get(`channel:${channel}`) ?? 0) - ofChannel.everyMs);
    },
    methodWait: (method: string) => {
      const pace = paceOf(method);
      return pace === null ? 0 : wait(`method:${method}`, pace);
    },
    takeMethod: (method: string) => {
      const pace = paceOf(method);
      if (pace !== null) take(`method:${method}`, pace);
    },
    /** Retry-After: nothing of this kind before then. */
    holdChannel: (channel: string, ms: number) => hold(`channel:${channel}`, ms),
    holdMethod: (method: string, ms: number) => {
      hold(`method:${method}`, ms);
      if (ofHistory.has(method) && ms >= longPauseMs) scarceUntilMs = nowMs() + scarceForMs;
    },
    /** How many messages are asked for at once. */
    historyPage: (): number => (isScarce() ? scarcePage : usualPage),
  };
};

export type Buckets = ReturnType<typeof buckets>;
