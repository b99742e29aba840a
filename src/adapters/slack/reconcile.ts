import type { Clock, Log } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { channelHistory } from './channel-history.ts';
import { LookLater } from './classify.ts';
import { type Look, oldestOf, readPage } from './history-page.ts';

/** Among the replies of one thread; null: it is not there. */
const findReply = async (calls: SlackCalls, { key, channel, sinceMs }: Look, ts: string): Promise<string | null> => {
  let cursor = '';
  do {
    const page = await readPage(calls, 'conversations.replies', { channel, ts, oldest: oldestOf(sinceMs), cursor });
    const hit = page.found.find(([found]) => found === key);
    if (hit !== undefined) return hit[1];
    cursor = page.next;
  } while (cursor !== '');
  return null;
};

/**
 * Looks for a message whose fate is unknown, sent since shortly before the attempt; null: it is not there, or was not looked for. Slack has
 * no idempotency key for chat.postMessage, so this is what stands between a timeout and a second post. A root waits for its look (throws
 * `LookLater`), since two roots are two incidents to who reads them; a reply does not, since two of them are only one too many.
 */
export const reconciler = (calls: SlackCalls, clock: Pick<Clock, 'nowMs'>, log: Log) => {
  const findRoot = channelHistory(calls, clock, log);
  let isSaid = false;
  return async (look: Look, threadTs: string | null): Promise<string | null> => {
    if (threadTs === null) return findRoot(look);
    try {
      return await findReply(calls, look, threadTs);
    } catch (error) {
      if (!(error instanceof LookLater)) throw error;
      if (!isSaid) log('warn', 'replies go out at least once: Slack lets threads be read too rarely to look for one first', {});
      isSaid = true;
      return null;
    }
  };
};
