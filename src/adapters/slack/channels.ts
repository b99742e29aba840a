import type { SlackCalls } from './calls.ts';

type Channel = { readonly id?: string; readonly name?: string; readonly is_archived?: boolean; readonly is_private?: boolean };

const isId = (channel: string): boolean => /^[CGD][A-Z0-9]{6,}$/.test(channel);
const bare = (channel: string): string => channel.replace(/^#/, '').toLowerCase();

/** Names to ids: configured names are resolved once, and again after Slack says that the id no longer serves (archived, renamed). */
export const channelBook = ({ call }: SlackCalls) => {
  const ids = new Map<string, string>();
  const readAll = async (): Promise<void> => {
    let cursor = '';
    do {
      const page = await call('conversations.list', {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 1000,
        ...(cursor === '' ? {} : { cursor }),
      });
      for (const { id, name } of (page['channels'] ?? []) as readonly Channel[])
        if (id !== undefined && name !== undefined) ids.set(name.toLowerCase(), id);
      cursor = ((page['response_metadata'] ?? {}) as { next_cursor?: string }).next_cursor ?? '';
    } while (cursor !== '');
  };
  return {
    /** The channel's id, or null when no channel has that name. */
    idOf: async (channel: string): Promise<string | null> => {
      if (isId(channel)) return channel;
      if (!ids.has(bare(channel))) await readAll();
      return ids.get(bare(channel)) ?? null;
    },
    forget: (channel: string): void => {
      for (const [name, id] of ids) if (id === channel || name === bare(channel)) ids.delete(name);
    },
    /** Joins a public channel; false when that is not possible (private, archived, no scope). */
    join: async (id: string): Promise<boolean> => {
      try {
        await call('conversations.join', { channel: id });
        return true;
      } catch {
        return false;
      }
    },
  };
};

export type ChannelBook = ReturnType<typeof channelBook>;
