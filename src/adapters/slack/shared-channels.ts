import type { Clock } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { classify } from './classify.ts';

/** A channel that is shared with another organisation is known to be so after this long at most; two organisations have to agree to it. */
const knownForMs = 600_000;

type Known = { readonly atMs: number; readonly isShared: boolean };

const isConversation = (id: string): boolean => /^[CG][A-Z0-9]{6,}$/.test(id);

/**
 * Whether people of other organisations read along in a channel (docs.slack.dev/reference/objects/conversation-object, `is_ext_shared`). Throws
 * what the Web API threw, so that nothing is told before it is known; a token that may not ask says nothing of it, and counts as not shared.
 */
export const sharedChannels = ({ call }: Pick<SlackCalls, 'call'>, clock: Pick<Clock, 'nowMs'>) => {
  const known = new Map<string, Known>();
  const read = async (channel: string): Promise<boolean> => {
    try {
      const { channel: told } = (await call('conversations.info', { channel })) as { channel?: { is_ext_shared?: boolean } };
      return told?.is_ext_shared === true;
    } catch (error) {
      const failure = classify(error);
      if (failure.kind === 'hopeless' || failure.kind === 'no-channel') return false;
      throw error;
    }
  };
  return async (channel: string): Promise<boolean> => {
    // A name that nobody could look up, and direct messages, are no channel of two organisations.
    if (!isConversation(channel)) return false;
    const before = known.get(channel);
    if (before !== undefined && clock.nowMs() - before.atMs < knownForMs) return before.isShared;
    const isShared = await read(channel);
    known.set(channel, { atMs: clock.nowMs(), isShared });
    return isShared;
  };
};
