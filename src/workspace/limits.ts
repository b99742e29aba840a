/** Slack's rate limits: one post a second a channel with a small burst, the tiers per workspace and method. */

const perMinute: Readonly<Record<string, number>> = {
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.join': 50,
  'apps.connections.open': 50,
  'conversations.list': 20,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'files.info': 100,
};

const postsBurst = 3;

/** Counts calls in sliding windows; says after how many seconds a refused call may come again. */
export const rateLimits = (isStrict: boolean) => {
  const calls = new Map<string, number[]>();
  const refused = (key: string, windowMs: number, most: number, nowMs: number): number | null => {
    const recent = (calls.get(key) ?? []).filter((atMs) => nowMs - atMs < windowMs);
    calls.set(key, recent);
    if (recent.length >= most) return Math.max(1, Math.ceil(((recent[0] ?? nowMs) + windowMs - nowMs) / 1000));
    recent.push(nowMs);
    return null;
  };
  return (method: string, channel: string, nowMs: number): number | null => {
    if (!isStrict) return null;
    if (method === 'chat.postMessage') return refused(`post ${channel}`, postsBurst * 1000, postsBurst, nowMs);
    const rate = perMinute[method];
    return rate === undefined ? null : refused(method, 60_000, Math.ceil(rate * 1.2), nowMs);
  };
};
