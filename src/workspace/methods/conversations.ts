import { ours } from '../people.ts';
import { type Channel, isIn, type Message, messageAt, openDirect } from '../state.ts';
import {
  type Answer,
  type Arguments,
  type Context,
  channelOf,
  failed,
  isAnswer,
  isTrue,
  type Method,
  pageOf,
  shown,
  textOf,
} from './call.ts';

const paged = ({ historyPage }: Context, given: Arguments, all: readonly Message[]): Answer => {
  const limit = Number(given['limit'] ?? 100);
  const page = pageOf(
    all,
    limit > historyPage && limit <= 1000 ? { ...given, limit: historyPage } : given,
    Math.min(100, historyPage),
  );
  if (isAnswer(page)) return page;
  return {
    ok: true,
    messages: page.items.map((message) => shown(message, isTrue(given['include_all_metadata']))),
    has_more: page.next !== '',
    response_metadata: { next_cursor: page.next },
  };
};

/** Messages after `oldest` and before `latest`; those at the bounds only when `inclusive`. */
const within = (given: Arguments): ((message: Message) => boolean) => {
  const [oldest, latest] = [textOf(given, 'oldest') ?? '0', textOf(given, 'latest') ?? '9999999999.999999'].map(Number) as [
    number,
    number,
  ];
  const isBound = isTrue(given['inclusive']);
  return ({ ts }) =>
    (Number(ts) > oldest && Number(ts) < latest) || (isBound && (Number(ts) === oldest || Number(ts) === latest));
};

/** The newest first; of threads only what was broadcast. */
const history = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (!channel.isMember) return failed('not_in_channel');
  const all = context.state.messages.filter(
    ({ channel: at, ephemeralFor, threadTs, isBroadcast }) =>
      at === channel.id && ephemeralFor === null && (threadTs === null || isBroadcast),
  );
  return paged(context, given, all.filter(within(given)).reverse());
};

/** The parent, whenever it was posted, and its replies, the oldest first. */
const replies = (context: Context, given: Arguments): Answer => {
  const channel = channelOf(context, given);
  if (isAnswer(channel)) return channel;
  if (!channel.isMember) return failed('not_in_channel');
  const parent = messageAt(context.state, channel.id, textOf(given, 'ts') ?? '');
  if (!parent || parent.ephemeralFor !== null) return failed('thread_not_found');
  const all = context.state.messages.filter(({ channel: at, threadTs }) => at === channel.id && threadTs === parent.ts);
  return paged(context, given, [parent, ...all.filter(within(given))]);
};

const typesOf = (given: Arguments): readonly string[] => (textOf(given, 'types') ?? 'public_channel').split(/\s*,\s*/);
const knownTypes = ['public_channel', 'private_channel', 'mpim', 'im'];

/** Public channels, and the private ones that the bot is in. */
const list = ({ state }: Context, given: Arguments): Answer => {
  const types = typesOf(given);
  if (types.some((type) => !knownTypes.includes(type))) return failed('invalid_types');
  const all = [...state.channels.values()].filter(
    ({ isArchived, isPrivate, isMember, directWith }) =>
      types.includes(directWith !== undefined ? 'im' : isPrivate ? 'private_channel' : 'public_channel') &&
      !(isPrivate && !isMember) &&
      !(isArchived && isTrue(given['exclude_archived'])),
  );
  const page = pageOf(all, given, 100);
  if (isAnswer(page)) return page;
  return { ok: true, channels: page.items.map(described), response_metadata: { next_cursor: page.next } };
};

const described = ({ id, name, isPrivate, isArchived, isMember, isShared, directWith }: Channel): object =>
  directWith === undefined
    ? {
        id,
        name,
        is_channel: true,
        is_private: isPrivate,
        is_archived: isArchived,
        is_member: isMember,
        is_shared: isShared,
        is_ext_shared: isShared,
        context_team_id: ours.id,
      }
    : { id, is_im: true, user: directWith, is_archived: isArchived };

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
  return { ok: true, channel: described(channel) };
};

/** The direct message with one person: of ours, or whom a shared channel of the bot made known to it. */
const open = (context: Context, given: Arguments): Answer => {
  const { state, onChange } = context;
  const person = textOf(given, 'users') ?? '';
  const user = state.users.get(person);
  if (!user) return failed('user_not_found');
  if (user.isBot) return failed('cannot_dm_bot');
  const isKnown = user.teamId === ours.id || [...state.channels.values()].some((one) => one.isMember && isIn(state, person, one));
  if (!isKnown) return failed('user_not_visible');
  const channel = openDirect(state, person);
  onChange();
  return { ok: true, channel: { id: channel.id } };
};

/** Reading a private channel needs a scope of its own. */
const scopeFor =
  (right: 'read' | 'history') =>
  ({ state }: Context, given: Arguments): string => {
    const channel = state.channels.get(textOf(given, 'channel') ?? '');
    if (channel?.directWith !== undefined) return `im:${right}`;
    return `${channel?.isPrivate === true ? 'groups' : 'channels'}:${right}`;
  };

const listScopes: Readonly<Record<string, string>> = { private_channel: 'groups:read', im: 'im:read', mpim: 'mpim:read' };
const listScope = (_: Context, given: Arguments): string =>
  ['channels:read', ...typesOf(given).flatMap((type) => listScopes[type] ?? [])].join(',');

export const conversationMethods: Readonly<Record<string, Method>> = {
  'conversations.list': { scope: listScope, run: list },
  'conversations.info': { scope: scopeFor('read'), required: ['channel'], run: info },
  'conversations.open': { scope: 'im:write', required: ['users'], run: open },
  'conversations.join': { scope: 'channels:join', required: ['channel'], run: join },
  'conversations.history': { scope: scopeFor('history'), required: ['channel'], run: history },
  'conversations.replies': { scope: scopeFor('history'), required: ['channel', 'ts'], run: replies },
};
