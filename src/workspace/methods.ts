import { blockProblems, blockTextLength } from './block-rules.ts';
import { type Block, type Channel, fileState, type Message, messageAt, nextId, nextTs, type State } from './state.ts';

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

export const failed = (error: string, more: object = {}): Answer => ({ ok: false, error, ...more });
const text = (given: Arguments, name: string): string | null =>
  typeof given[name] === 'string' && given[name] !== '' ? String(given[name]) : null;
const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';

const channelNamed = ({ state }: Context, given: Arguments): Channel | Answer => {
  const wanted = text(given, 'channel') ?? '';
  const channel =
    state.channels.get(wanted) ?? [...state.channels.values()].find(({ name }) => `#${name}` === wanted || name === wanted);
  if (!channel) return failed('channel_not_found');
  return channel;
};

const isAnswer = (value: Channel | Answer): value is Answer => 'ok' in value;

const blocksOf = (context: Context, given: Arguments): { readonly blocks: readonly Block[] } | Answer => {
  if (given['blocks'] === undefined) return { blocks: [] };
  const problems = blockProblems(given['blocks'], (id) => fileState(context.state, id, context.nowMs));
  if (problems.length > 0)
    return failed('invalid_blocks', {
      response_metadata: { messages: problems.map(({ pointer, problem }) => `[ERROR] ${problem} [json-pointer:${pointer}]`) },
    });
  if (blockTextLength(given['blocks']) > 13_200) return failed('msg_blocks_too_long');
  return { blocks: given['blocks'] as readonly Block[] };
};

const shown = (message: Message, withMetadata: boolean): object => ({
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

const post = (context: Context, given: Arguments): Answer => {
  const { state, nowMs } = context;
  const channel = channelNamed(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isArchived) return failed('is_archived');
  if (!channel.isMember) return failed(channel.isPrivate ? 'channel_not_found' : 'not_in_channel');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  const body = text(given, 'text') ?? '';
  if (body === '' && read.blocks.length === 0) return failed('no_text');
  if (body.length > 40_000) return failed('msg_too_long');
  const threadTs = text(given, 'thread_ts');
  if (threadTs !== null && !messageAt(state, channel.id, threadTs)) return failed('thread_not_found');
  const message: Message = {
    channel: channel.id,
    ts: nextTs(state, nowMs),
    user: state.botUserId,
    text: body,
    blocks: read.blocks,
    threadTs,
    isBroadcast: threadTs !== null && isTrue(given['reply_broadcast']),
    metadata: given['metadata'],
    isEdited: false,
    brokenImages: [],
    files: [],
    ephemeralFor: null,
  };
  state.messages.push(message);
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts, message: shown(message, false) };
};

const imageIds = (blocks: readonly Block[]): readonly string[] =>
  blocks
    .filter(({ type }) => type === 'image')
    .map((block) => String((block['slack_file'] as { id?: string } | undefined)?.id ?? ''));

const update = (context: Context, given: Arguments): Answer => {
  const channel = channelNamed(context, given);
  if (isAnswer(channel)) return channel;
  if (!context.state.channels.has(text(given, 'channel') ?? '')) return failed('channel_not_found');
  const message = messageAt(context.state, channel.id, text(given, 'ts') ?? '');
  if (!message) return failed('message_not_found');
  if (message.user !== context.state.botUserId) return failed('cant_update_message');
  const body = text(given, 'text');
  if ((body ?? '').length > 4000) return failed('msg_too_long');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  const before = imageIds(message.blocks);
  message.brokenImages = [...message.brokenImages, ...imageIds(read.blocks).filter((id) => !before.includes(id))];
  if (body !== null) message.text = body;
  message.blocks = given['blocks'] === undefined && body !== null ? [] : read.blocks;
  message.isEdited = true;
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
};

const history = (context: Context, given: Arguments): Answer => {
  const channel = channelNamed(context, given);
  if (isAnswer(channel)) return channel;
  if (!channel.isMember) return failed('not_in_channel');
  const oldest = Number(text(given, 'oldest') ?? 0);
  const threadTs = text(given, 'ts');
  const all = context.state.messages.filter(
    (message) => message.channel === channel.id && message.ephemeralFor === null && Number(message.ts) >= oldest,
  );
  const messages =
    threadTs === null
      ? all.filter((message) => message.threadTs === null || message.isBroadcast).reverse()
      : all.filter((message) => message.ts === threadTs || message.threadTs === threadTs);
  return {
    ok: true,
    messages: messages.slice(0, 200).map((message) => shown(message, isTrue(given['include_all_metadata']))),
    has_more: false,
    response_metadata: { next_cursor: '' },
  };
};

const list = ({ state }: Context, given: Arguments): Answer => ({
  ok: true,
  channels: [...state.channels.values()]
    .filter(({ isArchived }) => !(isArchived && isTrue(given['exclude_archived'])))
    .map(({ id, name, isPrivate, isArchived, isMember }) => ({
      id,
      name,
      is_channel: true,
      is_private: isPrivate,
      is_archived: isArchived,
      is_member: isMember,
    })),
  response_metadata: { next_cursor: '' },
});

const join = (context: Context, given: Arguments): Answer => {
  const channel = channelNamed(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isPrivate) return failed('method_not_supported_for_channel_type');
  if (channel.isArchived) return failed('is_archived');
  channel.isMember = true;
  context.onChange();
  return { ok: true, channel: { id: channel.id, name: channel.name } };
};

const uploadUrl = ({ state, base }: Context, given: Arguments): Answer => {
  const [filename, size] = [text(given, 'filename'), Number(given['length'])];
  if (filename === null || !(size > 0)) return failed('invalid_arguments');
  const id = nextId(state, 'F');
  state.files.set(id, {
    id,
    name: filename,
    title: filename,
    bytes: new Uint8Array(),
    state: 'waiting',
    readyAtMs: 0,
    shares: [],
  });
  return { ok: true, file_id: id, upload_url: `${base}/upload/${id}` };
};

const completeUpload = (context: Context, given: Arguments): Answer => {
  const { state, nowMs, processingMs } = context;
  const files = given['files'];
  if (!Array.isArray(files) || files.length === 0) return failed('invalid_arguments');
  const channelId = text(given, 'channel_id');
  const channel = channelId === null ? null : state.channels.get(channelId);
  if (channelId !== null && !channel) return failed('channel_not_found');
  if (channel && !channel.isMember) return failed('not_in_channel');
  const known = (files as readonly { id?: string; title?: string }[]).map(({ id, title }) => ({
    file: state.files.get(id ?? ''),
    title,
  }));
  if (known.some(({ file }) => !file || file.bytes.length === 0)) return failed('file_not_found');
  for (const { file, title } of known) {
    if (!file) continue;
    Object.assign(file, { state: 'processing', readyAtMs: nowMs + processingMs, title: title ?? file.title });
    if (!channel) continue;
    file.shares.push(channel.id);
    state.messages.push({
      channel: channel.id,
      ts: nextTs(state, nowMs),
      user: state.botUserId,
      text: text(given, 'initial_comment') ?? '',
      blocks: [],
      threadTs: text(given, 'thread_ts'),
      isBroadcast: false,
      metadata: undefined,
      isEdited: false,
      brokenImages: [],
      files: [file.id],
      ephemeralFor: null,
    });
  }
  context.onChange();
  return { ok: true, files: known.map(({ file }) => ({ id: file?.id, title: file?.title })) };
};

const fileInfo = ({ state, nowMs }: Context, given: Arguments): Answer => {
  const file = state.files.get(text(given, 'file') ?? '');
  if (!file) return failed('file_not_found');
  const isReady = fileState(state, file.id, nowMs) === 'ready';
  return {
    ok: true,
    file: {
      id: file.id,
      name: file.name,
      title: file.title,
      mimetype: isReady ? 'image/png' : '',
      shares: { public: Object.fromEntries(file.shares.map((channel) => [channel, [{}]])) },
    },
  };
};

/** The methods that a bot like ours uses, with the scope each needs. */
export const methods: Readonly<
  Record<string, { readonly scope: string | null; readonly run: (context: Context, given: Arguments) => Answer }>
> = {
  'api.test': { scope: null, run: () => ({ ok: true }) },
  'auth.test': {
    scope: null,
    run: ({ state, base }) => ({
      ok: true,
      url: `${base}/`,
      team: 'Edgewise demo',
      user: 'edgewise',
      team_id: 'T0DEMO0001',
      user_id: state.botUserId,
      bot_id: 'B0EDGEWISE',
    }),
  },
  'chat.postMessage': { scope: 'chat:write', run: post },
  'chat.update': { scope: 'chat:write', run: update },
  'conversations.list': { scope: 'channels:read', run: list },
  'conversations.join': { scope: 'channels:join', run: join },
  'conversations.history': { scope: 'channels:history', run: history },
  'conversations.replies': { scope: 'channels:history', run: history },
  'conversations.info': {
    scope: 'channels:read',
    run: (context, given) => {
      const channel = channelNamed(context, given);
      return isAnswer(channel)
        ? channel
        : {
            ok: true,
            channel: {
              id: channel.id,
              name: channel.name,
              is_member: channel.isMember,
              is_archived: channel.isArchived,
              is_private: channel.isPrivate,
            },
          };
    },
  },
  'files.getUploadURLExternal': { scope: 'files:write', run: uploadUrl },
  'files.completeUploadExternal': { scope: 'files:write', run: completeUpload },
  'files.info': { scope: 'files:read', run: fileInfo },
  'users.info': {
    scope: 'users:read',
    run: ({ state }, given) =>
      state.users.has(text(given, 'user') ?? '')
        ? { ok: true, user: { id: given['user'], name: state.users.get(String(given['user']))?.name } }
        : failed('user_not_found'),
  },
  'apps.connections.open': { scope: null, run: ({ socketUrl }) => ({ ok: true, url: socketUrl() }) },
};
