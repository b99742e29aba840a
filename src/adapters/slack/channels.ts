import type { Clock } from '../../ports.ts';
import type { SlackCalls } from './calls.ts';
import { classify } from './classify.ts';

type Channel = { readonly id?: string; readonly name?: string };

const isId = (channel: string): boolean => /^[CGD][A-Z0-9]{6,}$/.test(channel);
const bare = (channel: string): string => channel.replace(/^#/, '').toLowerCase();

/** How a channel is called in a sentence; Slack shows an id by its name only inside `<#…>`, so an id stays one. */
export const shownName = (channel: string): string => (isId(channel) ? channel : `#${bare(channel)}`);

/** A name that no channel has is asked for again after this long: reading the list costs calls of a small budget. */
const unknownForMs = 60_000;
/** A name may pass to another channel, whose messages it then wants: after this long it is looked up again. */
const knownForMs = 600_000;

const kinds = ['public_channel,private_channel', 'public_channel'] as const;

/** Every channel that the bot may see; the public ones alone where it may not list the private ones. */
const readList = async ({ call }: SlackCalls, types: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  let cursor = '';
  do {
    const page = await call('conversations.list', {
      types,
      exclude_archived: true,
      limit: 1000,
      ...(cursor === '' ? {} : { cursor }),
    });
    for (const { id, name } of (page['channels'] ?? []) as readonly Channel[])
      if (id !== undefined && name !== undefined) found.set(name.toLowerCase(), id);
    cursor = ((page['response_metadata'] ?? {}) as { next_cursor?: string }).next_cursor ?? '';
  } while (cursor !== '');
  return found;
};

const isMissingScope = (error: unknown): boolean => {
  const failure = classify(error);
  return failure.kind === 'hopeless' && failure.why.startsWith('missing_scope');
};

/** Names to ids: looked up now and then, and at once after Slack says that an id no longer serves (archived, renamed). */
export const channelBook = (calls: SlackCalls, clock: Pick<Clock, 'nowMs'>) => {
  const ids = new Map<string, string>();
  const unknownUntilMs = new Map<string, number>();
  let listedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<'listed' | 'not-listed'> | null = null;
  const readAll = async (): Promise<'listed' | 'not-listed'> => {
    for (const types of kinds) {
      try {
        const found = await readList(calls, types);
        ids.clear();
        for (const [name, id] of found) ids.set(name, id);
        listedAtMs = clock.nowMs();
        return 'listed';
      } catch (error) {
        if (!isMissingScope(error)) throw error;
      }
    }
    return 'not-listed';
  };
  /** One reading serves all who wait for one. */
  const read = (): Promise<'listed' | 'not-listed'> => {
    reading ??= readAll().finally(() => {
      reading = null;
    });
    return reading;
  };
  return {
    /** The channel's id, or null when no channel has that name. Without a scope to list channels chat.postMessage takes the name itself. */
    idOf: async (channel: string): Promise<string | null> => {
      if (isId(channel)) return channel;
      const name = bare(channel);
      const known = ids.get(name);
      if (known !== undefined && clock.nowMs() - listedAtMs < knownForMs) return known;
      if (known !== undefined) {
        // An old answer is better than none while Slack does not give a new one.
        const isListed = await read().catch(() => null);
        return isListed === 'listed' ? (ids.get(name) ?? null) : known;
      }
      if (clock.nowMs() < (unknownUntilMs.get(name) ?? 0)) return null;
      if ((await read()) === 'not-listed') return `#${name}`;
      if (!ids.has(name)) unknownUntilMs.set(name, clock.nowMs() + unknownForMs);
      return ids.get(name) ?? null;
    },
    forget: (channel: string): void => {
      for (const [name, id] of ids) if (id === channel || name === bare(channel)) ids.delete(name);
    },
    /** Joins a public channel; false when that is not possible (private, archived, no scope). */
    join: async (id: string): Promise<boolean> => {
      try {
        await calls.call('conversations.join', { channel: id });
        return true;
      } catch {
        return false;
      }
    },
  };
};

export type ChannelBook = ReturnType<typeof channelBook>;
