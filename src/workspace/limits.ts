/** Slack's rate limits: one post a second a channel with a small burst, the tiers per workspace and method. */

/** Calls a minute of each tier (docs.slack.dev/apis/web-api/rate-limits). */
const tiers = { 2: 20, 3: 50, 4: 100 } as const;

/** The tier of each method, as its own page says (docs.slack.dev/reference/methods). */
const tierOf: Readonly<Record<string, keyof typeof tiers>> = {
  'chat.update': 3,
  'chat.delete': 3,
  'chat.postEphemeral': 4,
  'conversations.history': 3,
  'conversations.replies': 3,
  'conversations.info': 3,
  'conversations.join': 3,
  'conversations.list': 2,
  'conversations.open': 3,
  'apps.connections.open': 3,
  'files.getUploadURLExternal': 4,
  'files.completeUploadExternal': 4,
  'files.info': 4,
  'users.info': 4,
  'bots.info': 3,
  'usergroups.list': 2,
  'usergroups.users.list': 2,
  'views.open': 4,
  'views.push': 4,
  'views.update': 4,
  'views.publish': 4,
};

/** What apps get that are distributed outside the Marketplace (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps). */
const scarce: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies']);
const scarcePage = 15;
const usualPage = 1000;

/** How many messages one page of these holds at most. */
export const historyPage = (isDistributed: boolean): number => (isDistributed ? scarcePage : usualPage);

const postsBurst = 3;

/** Counts calls in sliding windows; says after how many seconds a refused call may come again. */
export const rateLimits = (isStrict: boolean, isDistributed: boolean) => {
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
    if (isDistributed && scarce.has(method)) return refused(method, 60_000, 1, nowMs);
    const tier = tierOf[method];
    return tier === undefined ? null : refused(method, 60_000, Math.ceil(tiers[tier] * 1.2), nowMs);
  };
};
