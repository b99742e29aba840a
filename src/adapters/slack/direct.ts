import { SourceError } from '../../domain/gathered.ts';
import type { Picture } from '../../domain/message.ts';
import type { SlackCalls } from './calls.ts';
import { sharePicture } from './pictures.ts';
import { asSourceError } from './screen-failure.ts';

type Direct = { readonly calls: SlackCalls; readonly fetch: typeof globalThis.fetch };

/** The conversation of a person with the bot; Slack opens it where there is none (needs im:write). */
const conversationWith = async ({ call }: SlackCalls, userId: string): Promise<string> => {
  const { channel } = (await call('conversations.open', { users: userId })) as { channel?: { id?: string } };
  if (channel?.id === undefined) throw new SourceError('Slack', 'malformed', 'named no conversation with this person');
  return channel.id;
};

/** Pictures for one person, or for everybody in a conversation. Throws `SourceError`. */
export const directPictures = ({ calls, fetch }: Direct) => ({
  /** Puts it into the person's messages with the bot; gives Slack's address of the file, null where it named none. */
  showTo: async (userId: string, picture: Picture): Promise<string | null> => {
    try {
      const channel = await conversationWith(calls, userId);
      const fileId = await sharePicture(calls, fetch, picture, { channel, threadTs: null });
      const { file } = (await calls.call('files.info', { file: fileId })) as { file?: { permalink?: string } };
      return file?.permalink ?? null;
    } catch (error) {
      throw asSourceError(error);
    }
  },
  shareIn: async (channelId: string, picture: Picture): Promise<void> => {
    try {
      await sharePicture(calls, fetch, picture, { channel: channelId, threadTs: null });
    } catch (error) {
      throw asSourceError(error);
    }
  },
});
