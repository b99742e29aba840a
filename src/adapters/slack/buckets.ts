/** Rates of Slack's documentation, a little below: chat.postMessage 1/s a channel; the tiers are per workspace and method. */
const perMinute: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.join': 50,
  'conversations.list': 20,
  'usergroups.users.list': 20,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'files.info': 100,
  'conversations.open': 50,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
};

/** A token bucket per key: how long until one more call may go. */
export const buckets = (nowMs: () => number) => {
  const nextFreeMs = new Map<string, number>();
  /** `burst` calls may go at once, then one every `everyMs`. */
  const wait = (key: string, everyMs: number, burst: number): number => {
    const earliest = (nextFreeMs.get(key) ?? 0) - (burst - 1) * everyMs;
    return Math.max(0, earliest - nowMs());
  };
  const take = (key: string, everyMs: number): void => {
    nextFreeMs.set(key, Math.max(nowMs(), nextFreeMs.get(key) ?? 0) + everyMs);
  };
  return {
    channelWait: (channel: string) => wait(`channel:${channel}`, 1000, 1),
    takeChannel: (channel: string) => take(`channel:${channel}`, 1000),
    methodWait: (method: string) => {
      const rate = perMinute[method];
      return rate === undefined ? 0 : wait(`method:${method}`, 60_000 / rate, 10);
    },
    takeMethod: (method: string) => {
      const rate = perMinute[method];
      if (rate !== undefined) take(`method:${method}`, 60_000 / rate);
    },
    /** Retry-After: nothing of this kind before then. */
    hold: (key: `channel:${string}` | `method:${string}`, ms: number) => {
      nextFreeMs.set(key, Math.max(nextFreeMs.get(key) ?? 0, nowMs() + ms));
    },
  };
};

export type Buckets = ReturnType<typeof buckets>;
