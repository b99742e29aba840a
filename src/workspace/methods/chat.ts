import { addMessage, type Block, messageAt } from '../state.ts';
import {
  type Answer,
  type Arguments,
  blocksOf,
  type Context,
  channelOf,
  failed,
  isAnswer,
  isTrue,
  type Method,
  shown,
  textOf,
} from './call.ts';

const post = (context: Context, given: Arguments): Answer => {
  const { state, nowMs } = context;
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isArchived) return failed('is_archived');
  if (!channel.isMember) return failed(channel.isPrivate ? 'channel_not_found' : 'not_in_channel');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  const body = textOf(given, 'text') ?? '';
  if (body === '' && read.blocks.length === 0) return failed('no_text');
  if (body.length > 40_000) return failed('msg_too_long');
  const threadTs = textOf(given, 'thread_ts');
  if (threadTs !== null && !messageAt(state, channel.id, threadTs)) return failed('thread_not_found');
  const message = addMessage(state, nowMs, {
    channel: channel.id,
    text: body,
    blocks: read.blocks,
    threadTs,
    isBroadcast: threadTs !== null && isTrue(given['reply_broadcast']),
    metadata: given['metadata'],
  });
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts, message: shown(message, false) };
};

const imageIds = (blocks: readonly Block[]): readonly string[] =>
  blocks
    .filter(({ type }) => type === 'image')
    .map((block) => String((block['slack_file'] as { id?: string } | undefined)?.id ?? ''));

const update = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (!context.state.channels.has(textOf(given, 'channel') ?? '')) return failed('channel_not_found');
  const message = messageAt(context.state, channel.id, textOf(given, 'ts') ?? '');
  if (!message) return failed('message_not_found');
  if (message.user !== context.state.botUserId) return failed('cant_update_message');
  const body = textOf(given, 'text');
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

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': { scope: 'chat:write', run: post },
  'chat.update': { scope: 'chat:write', run: update },
};
