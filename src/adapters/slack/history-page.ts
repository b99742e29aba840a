import type { EpochMs } from '../../domain/time.ts';
import type { SlackCalls } from './calls.ts';
import { classify, LookLater } from './classify.ts';

/** Marks our messages, so that one whose fate is unknown can be found again. Ids only: metadata is visible to the whole workspace. */
const eventType = 'edgewise_message';
export const metadataOf = (key: string) => ({ event_type: eventType, event_payload: { key } });

/** A message whose fate is unknown. `attempt` tells one unknown fate of it from the next. */
export type Look = { readonly key: string; readonly attempt: number; readonly channel: string; readonly sinceMs: EpochMs };

type Found = {
  readonly ts?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: { readonly key?: string } };
};

type Page = { readonly found: readonly (readonly [key: string, ts: string])[]; readonly next: string };

/** A look that has to wait longer goes back to the outbox, whose leases are short; and others go on meanwhile. */
const lookWithinMs = 5000;

/** Clocks may differ by so much. */
const skewMs = 60_000;

/** One page, with the keys of our messages in it. Throws `LookLater` where Slack lets nobody read now. */
export const readPage = async (
  { call, limits }: SlackCalls,
  method: 'conversations.history' | 'conversations.replies',
  given: { readonly channel: string; readonly oldest: string; readonly cursor: string; readonly ts?: string },
): Promise<Page> => {
  const waitMs = limits.methodWait(method);
  if (waitMs > lookWithinMs) throw new LookLater(waitMs);
  const { cursor, ...rest } = given;
  const options = { ...rest, limit: limits.historyPage(), include_all_metadata: true, ...(cursor === '' ? {} : { cursor }) };
  const page = await call(method, options).catch((error: unknown) => {
    const failure = classify(error);
    throw failure.kind === 'rate-limited' ? new LookLater(failure.waitMs) : error;
  });
  const found = ((page['messages'] ?? []) as readonly Found[]).flatMap(({ ts, metadata }) => {
    const key = metadata?.event_type === eventType ? metadata.event_payload?.key : undefined;
    return ts === undefined || key === undefined ? [] : [[key, ts] as const];
  });
  return { found, next: ((page['response_metadata'] ?? {}) as { next_cursor?: string }).next_cursor ?? '' };
};

/** From when on messages are read. */
export const oldestOf = (sinceMs: EpochMs): string => String(Math.floor((sinceMs - skewMs) / 1000));
