import type { SlackCalls } from './calls.ts';
import { classify } from './classify.ts';
import { asSourceError } from './screen-failure.ts';

/**
 * What a channel is called (docs.slack.dev/reference/methods/conversations.info); null: the bot sees no such channel, as a private one that it
 * is not in. A token that may not ask knows no name. Throws `SourceError`.
 */
export const channelNames = ({ call }: Pick<SlackCalls, 'call'>) => ({
  nameOfChannel: async (channelId: string): Promise<{ readonly name: string | null } | null> => {
    try {
      const { channel } = (await call('conversations.info', { channel: channelId })) as { channel?: { name?: string } };
      return { name: channel?.name ?? null };
    } catch (error) {
      const failure = classify(error);
      if (failure.kind === 'no-channel') return null;
      if (failure.kind === 'hopeless') return { name: null };
      throw asSourceError(error);
    }
  },
});
