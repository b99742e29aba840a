import {
  type Answer,
  type Arguments,
  type Context,
  channelOf,
  failed,
  isAnswer,
  isTrue,
  type Method,
  shown,
  textOf,
} from './call.ts';

const history = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (!channel.isMember) return failed('not_in_channel');
  const oldest = Number(textOf(given, 'oldest') ?? 0);
  const threadTs = textOf(given, 'ts');
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
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (channel.isPrivate) return failed('method_not_supported_for_channel_type');
  if (channel.isArchived) return failed('is_archived');
  channel.isMember = true;
  context.onChange();
  return { ok: true, channel: { id: channel.id, name: channel.name } };
};

const info = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  const { id, name, isMember, isArchived, isPrivate } = channel;
  return { ok: true, channel: { id, name, is_member: isMember, is_archived: isArchived, is_private: isPrivate } };
};

export const conversationMethods: Readonly<Record<string, Method>> = {
  'conversations.list': { scope: 'channels:read', run: list },
  'conversations.info': { scope: 'channels:read', run: info },
  'conversations.join': { scope: 'channels:join', run: join },
  'conversations.history': { scope: 'channels:history', run: history },
  'conversations.replies': { scope: 'channels:history', run: history },
};
