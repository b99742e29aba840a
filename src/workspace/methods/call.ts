import { blockProblems, blockTextLength } from '../block-rules.ts';
import { withIds } from '../interactive.ts';
import { appId, botId, botUserId, ours } from '../people.ts';
import { type Block, type Channel, channelNamed, fileState, type Message, type State } from '../state.ts';
import type { Triggers } from '../triggers.ts';

/** An answer of the Web API. */
export type Answer = { readonly ok: boolean; readonly [field: string]: unknown };
export type Arguments = Readonly<Record<string, unknown>>;
export type Context = {
  readonly state: State;
  readonly nowMs: number;
  readonly base: string;
  readonly processingMs: number;
  readonly onChange: () => void;
  readonly socketUrl: () => string;
  readonly triggers: Triggers;
  /** The organisation of Enterprise Grid that the workspace is of; null outside of one. */
  readonly enterpriseId: string | null;
  /** Messages that one page of a history holds at most. */
  readonly historyPage: number;
};

/**
 * A method of the Web API, with the scope that it needs, which may depend on what is asked for. `token`: which of the two it takes;
 * `api.test` takes any or none.
 */
export type Method = {
  readonly scope: string | null | ((context: Context, given: Arguments) => string);
  readonly token?: 'app' | 'any';
  readonly required?: readonly string[];
  readonly run: (context: Context, given: Arguments) => Answer;
};

export const failed = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more });

/** A text argument; absent and empty are the same. */
export const textOf = (given: Arguments, name: string): string | null =>
  typeof given[name] === 'string' && given[name] !== '' ? String(given[name]) : null;
export const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

/** A channel that the bot may know of: a private one only when it is in it. */
const visible = (channel: Channel | undefined): Channel | Answer =>
  channel === undefined || (channel.isPrivate && !channel.isMember) ? failed('channel_not_found') : channel;

/** The channel that a call names by its id, or what Slack answers where there is none. */
export const channelOf = ({ state }: Context, given: Arguments): Channel | Answer =>
  visible(state.channels.get(textOf(given, 'channel') ?? ''));

/** The channel to post to, by id or by name: chat.postMessage alone takes names. */
export const channelToPost = ({ state }: Context, given: Arguments): Channel | Answer =>
  visible(channelNamed(state, textOf(given, 'channel') ?? ''));

/** One page of `all` by `limit` and `cursor`, and the cursor of the next. */
export const pageOf = <T>(
  all: readonly T[],
  given: Arguments,
  usual: number,
): { readonly items: readonly T[]; readonly next: string } | Answer => {
  const asked = given['limit'] === undefined || given['limit'] === '' ? usual : Number(given['limit']);
  if (!Number.isInteger(asked) || asked < 1 || asked > 1000) return failed('invalid_limit');
  const cursor = textOf(given, 'cursor');
  const start = cursor === null ? 0 : Number(/^at:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) return failed('invalid_cursor');
  const end = Math.min(start + asked, all.length);
  return { items: all.slice(start, end), next: end < all.length ? Buffer.from(`at:${end}`).toString('base64') : '' };
};

export const isAnswer = (value: object): value is Answer => 'ok' in value;

/** The blocks of a call, checked against Slack's rules. */
export const blocksOf = (context: Context, given: Arguments): { readonly blocks: readonly Block[] } | Answer => {
  if (given['blocks'] === undefined || given['blocks'] === '') return { blocks: [] };
  if (!Array.isArray(given['blocks'])) return failed('invalid_blocks_format');
  const problems = blockProblems(given['blocks'], (id) => fileState(context.state, id, context.nowMs));
  if (problems.length > 0)
    return failed('invalid_blocks', {
      response_metadata: { messages: problems.map(({ pointer, problem }) => `[ERROR] ${problem} [json-pointer:${pointer}]`) },
    });
  if (blockTextLength(given['blocks']) > 13_200) return failed('msg_blocks_too_long');
  return { blocks: given['blocks'] as readonly Block[] };
};

/** What Slack says of metadata that it does not take; null when it is fine or absent. */
export const metadataProblem = ({ metadata }: Arguments): Answer | null => {
  if (metadata === undefined || metadata === '') return null;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return failed('invalid_metadata_format');
  const { event_type: type, event_payload: payload } = metadata as Arguments;
  if (typeof type !== 'string' || type === '' || typeof payload !== 'object' || payload === null)
    return failed('invalid_metadata_schema');
  return JSON.stringify(metadata).length > 16_384 ? failed('metadata_too_large') : null;
};

/** A message as `conversations.*`, `chat.*` and interactions give it; Slack gives ids to the blocks that came without. */
export const shown = (message: Message, withMetadata: boolean): object => ({
  type: 'message',
  user: message.user,
  team: ours.id,
  ...(message.user === botUserId ? { bot_id: botId, app_id: appId } : {}),
  ts: message.ts,
  text: message.text,
  blocks: withIds(message.blocks, message.ts),
  ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
  ...(message.isEdited ? { edited: { user: message.user, ts: message.ts } } : {}),
  ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
});
