import type { SlackCalls } from './calls.ts';

type Found = {
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly key?: string } };
};

/** Marks our messages, so that one whose fate is unknown can be found again. Ids only: metadata is visible to the whole workspace. */
const eventType = 'edgewise_message';
export const metadataOf = (key: string) => ({ event_type: eventType, event_payload: { key } });

/**
 * Looks for a message with this key, sent since shortly before the attempt; null when it is not there.
 * Slack has no idempotency key for chat.postMessage, so this is what stands between a timeout and a second post.
 */
export const findSent = async (
  { call }: SlackCalls,
  key: string,
  channel: string,
  threadTs: string | null,
  sinceMs: number,
): Promise<string | null> => {
  const oldest = String(Math.floor(sinceMs / 1000) - 60);
  const method = threadTs === null ? 'conversations.history' : 'conversations.replies';
  let cursor = '';
  do {
    const page = await call(method, {
      channel,
      oldest,
      limit: 200,
      include_all_metadata: true,
      ...(threadTs === null ? {} : { ts: threadTs }),
      ...(cursor === '' ? {} : { cursor }),
    });
    const hit = ((page['messages'] ?? []) as readonly Found[]).find(
      ({ metadata }) => metadata?.event_type === eventType && metadata.event_payload?.key === key,
    );
    if (hit?.ts !== undefined) return hit.ts;
    cursor = ((page['response_metadata'] ?? {}) as { next_cursor?: string }).next_cursor ?? '';
  } while (cursor !== '');
  return null;
};
