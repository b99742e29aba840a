import { addMessage, type Block, isIn, type Message, messageAt, removeMessage } from '../state.ts';
import {
  type Answer,
  type Arguments,
  blocksOf,
  type Context,
  channelOf,
  channelToPost,
  failed,
  isAnswer,
  isTrue,
  type Method,
  metadataProblem,
  shown,
  textOf,
} from './call.ts';

const post = (context: Context, given: Arguments): Answer => {
  const { state, nowMs } = context;
  const channel = channelToPost(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isArchived) return failed('is_archived');
  if (!channel.isMember) return failed('not_in_channel');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  // Longer text is cut, not refused (docs.slack.dev/reference/methods/chat.postMessage, "Truncating content").
  const body = (textOf(given, 'text') ?? '').slice(0, 40_000);
  if (body === '' && read.blocks.length === 0) return failed('no_text');
  const aboutMetadata = metadataProblem(given);
  if (aboutMetadata !== null) return aboutMetadata;
  const threadTs = textOf(given, 'thread_ts');
  if (threadTs !== null && !messageAt(state, channel.id, threadTs)) return failed('thread_not_found');
  const message = addMessage(state, nowMs, {
    channel: channel.id,
    text: body,
    blocks: read.blocks,
    threadTs,
    isBroadcast: threadTs !== null && isTrue(given['reply_broadcast']),
    metadata: given['metadata'] === '' ? undefined : given['metadata'],
  });
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts, message: shown(message, false) };
};

/** To one person of a conversation, who loses it with the next reload; there is no history of it. */
const postEphemeral = (context: Context, given: Arguments): Answer => {
  const { state, nowMs } = context;
  const channel = channelToPost(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isArchived) return failed('is_archived');
  if (!channel.isMember) return failed('not_in_channel');
  const person = textOf(given, 'user') ?? '';
  if (!isIn(state, person, channel)) return failed('user_not_in_channel');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  const text = (textOf(given, 'text') ?? '').slice(0, 40_000);
  if (text === '' && read.blocks.length === 0) return failed('no_text');
  const threadTs = textOf(given, 'thread_ts');
  const message = addMessage(state, nowMs, { channel: channel.id, text, blocks: read.blocks, threadTs, ephemeralFor: person });
  context.onChange();
  return { ok: true, message_ts: message.ts };
};

/** A message that everybody of the channel sees; the Web API knows of no other. */
const standingAt = ({ state }: Context, channel: string, ts: string | null): Message | undefined => {
  const message = messageAt(state, channel, ts ?? '');
  return message?.ephemeralFor === null ? message : undefined;
};

const remove = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  const message = standingAt(context, channel.id, textOf(given, 'ts'));
  if (!message) return failed('message_not_found');
  if (message.user !== context.state.botUserId) return failed('cant_delete_message');
  removeMessage(context.state, message);
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts };
};

const permalink = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  const message = standingAt(context, channel.id, textOf(given, 'message_ts'));
  if (!message) return failed('message_not_found');
  const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  return {
    ok: true,
    channel: channel.id,
    permalink: `${context.base}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
  };
};

const imageIds = (blocks: readonly Block[]): readonly string[] =>
  blocks
    .filter(({ type }) => type === 'image')
    .map((block) => String((block['slack_file'] as { id?: string } | undefined)?.id ?? ''));

const update = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  const message = standingAt(context, channel.id, textOf(given, 'ts'));
  if (!message) return failed('message_not_found');
  if (message.user !== context.state.botUserId) return failed('cant_update_message');
  const body = textOf(given, 'text');
  if ((body ?? '').length > 4000) return failed('msg_too_long');
  const read = blocksOf(context, given);
  if ('ok' in read) return read;
  if (body === null && read.blocks.length === 0) return failed('no_text');
  const aboutMetadata = metadataProblem(given);
  if (aboutMetadata !== null) return aboutMetadata;
  const before = imageIds(message.blocks);
  message.brokenImages = [...message.brokenImages, ...imageIds(read.blocks).filter((id) => !before.includes(id))];
  if (body !== null) message.text = body;
  message.blocks = given['blocks'] === undefined && body !== null ? [] : read.blocks;
  if (given['metadata'] !== undefined && given['metadata'] !== '') message.metadata = given['metadata'];
  // Slack marks an edit of the text; one of the blocks alone shows no "(edited)".
  message.isEdited ||= body !== null;
  context.onChange();
  return { ok: true, channel: channel.id, ts: message.ts, text: message.text };
};

export const chatMethods: Readonly<Record<string, Method>> = {
  'chat.postMessage': { scope: 'chat:write', required: ['channel'], run: post },
  'chat.update': { scope: 'chat:write', required: ['channel', 'ts'], run: update },
  'chat.postEphemeral': { scope: 'chat:write', required: ['channel', 'user'], run: postEphemeral },
  'chat.delete': { scope: 'chat:write', required: ['channel', 'ts'], run: remove },
  'chat.getPermalink': { scope: null, required: ['channel', 'message_ts'], run: permalink },
};
