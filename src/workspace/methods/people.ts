import { appId, botId, ours } from '../people.ts';
import { isIn, type State, type User } from '../state.ts';
import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './call.ts';

/** Slack calls those strangers who are of another organisation and in no channel with the bot (docs.slack.dev/reference/objects/user-object). */
const isStranger = (state: State, user: User): boolean =>
  user.teamId !== ours.id && ![...state.channels.values()].some((channel) => channel.isMember && isIn(state, user.id, channel));

const described = (state: State, user: User): object => ({
  id: user.id,
  team_id: user.teamId,
  name: user.name,
  real_name: user.fullName,
  deleted: false,
  is_bot: user.isBot,
  is_app_user: false,
  is_admin: false,
  is_restricted: false,
  is_stranger: isStranger(state, user),
  tz: 'Etc/UTC',
  tz_offset: 0,
  profile: { real_name: user.fullName, display_name: user.name, team: user.teamId },
});

const info = ({ state }: Context, given: Arguments): Answer => {
  const user = state.users.get(textOf(given, 'user') ?? '');
  return user ? { ok: true, user: described(state, user) } : failed('user_not_found');
};

const bot = ({ state }: Context, given: Arguments): Answer =>
  textOf(given, 'bot') === botId
    ? { ok: true, bot: { id: botId, app_id: appId, user_id: state.botUserId, name: 'edgewise', deleted: false, updated: 0 } }
    : failed('bot_not_found');

const groups = ({ state }: Context, given: Arguments): Answer => ({
  ok: true,
  usergroups: state.groups.map(({ id, handle, name, users }) => ({
    id,
    team_id: ours.id,
    is_usergroup: true,
    is_external: false,
    name,
    handle,
    date_delete: 0,
    user_count: users.length,
    ...(given['include_users'] === true || given['include_users'] === 'true' ? { users } : {}),
  })),
});

const members = ({ state }: Context, given: Arguments): Answer => {
  const group = state.groups.find(({ id }) => id === textOf(given, 'usergroup'));
  return group ? { ok: true, users: group.users } : failed('no_such_subteam');
};

export const peopleMethods: Readonly<Record<string, Method>> = {
  'users.info': { scope: 'users:read', required: ['user'], run: info },
  'bots.info': { scope: 'users:read', required: ['bot'], run: bot },
  'usergroups.list': { scope: 'usergroups:read', run: groups },
  'usergroups.users.list': { scope: 'usergroups:read', required: ['usergroup'], run: members },
};
