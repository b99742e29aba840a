import { blockProblems, blockTextLength } from '../block-rules.ts';
import { type Block, type Channel, channelNamed, fileState, type Message, type State } from '../state.ts';

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
};

/** A method of the Web API, with the scope that it needs. */
export type Method = { readonly scope: string | null; readonly run: (context: Context, given: Arguments) => Answer };

export const failed = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more });

/** A text argument; absent and empty are the same. */
export const textOf = (given: Arguments, name: string): string | null =>
  typeof given[name] === 'string' && given[name] !== '' ? String(given[name]) : null;
export const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

/** The channel that a call names, by id or name, or what Slack answers where there is none. */
export const channelOf = ({ state }: Context, given: Arguments): Channel | Answer =>
  channelNamed(state, textOf(given, 'channel') ?? '') ?? failed('channel_not_found');

export const isAnswer = (value: Channel | Answer): value is Answer => 'ok' in value;

/** The blocks of a call, checked against Slack's rules. */
export const blocksOf = (context: Context, given: Arguments): { readonly blocks: readonly Block[] } | Answer => {
  if (given['blocks'] === undefined) return { blocks: [] };
  const problems = blockProblems(given['blocks'], (id) => fileState(context.state, id, context.nowMs));
  if (problems.length > 0)
    return failed('invalid_blocks', {
      response_metadata: { messages: problems.map(({ pointer, problem }) => `[ERROR] ${problem} [json-pointer:${pointer}]`) },
    });
  if (blockTextLength(given['blocks']) > 13_200) return failed('msg_blocks_too_long');
  return { blocks: given['blocks'] as readonly Block[] };
};

/** A message as `conversations.*` and `chat.*` give it. */
export const shown = (message: Message, withMetadata: boolean): object => ({
  type: 'message',
  user: message.user,
  bot_id: 'B0EDGEWISE',
  ts: message.ts,
  text: message.text,
  blocks: message.blocks,
  ...(message.threadTs === null ? {} : { thread_ts: message.threadTs }),
  ...(message.isEdited ? { edited: { user: message.user, ts: message.ts } } : {}),
  ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
});
