import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './methods/call.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { fileMethods } from './methods/files.ts';

const whoAmI = ({ state, base }: Context): Answer => ({
  ok: true,
  url: `${base}/`,
  team: 'Edgewise demo',
  user: 'edgewise',
  team_id: 'T0DEMO0001',
  user_id: state.botUserId,
  bot_id: 'B0EDGEWISE',
});

const userInfo = ({ state }: Context, given: Arguments): Answer => {
  const user = state.users.get(textOf(given, 'user') ?? '');
  return user ? { ok: true, user: { id: user.id, name: user.name } } : failed('user_not_found');
};

/** Says back what it was given; `error` makes it fail. */
const apiTest = (_: Context, given: Arguments): Answer => {
  const error = textOf(given, 'error');
  const { token: __, ...args } = given;
  return error === null ? { ok: true, args } : failed(error, { args });
};

/** The methods that a bot like ours uses. */
export const methods: Readonly<Record<string, Method>> = {
  'api.test': { scope: null, token: 'any', run: apiTest },
  'auth.test': { scope: null, run: whoAmI },
  'apps.connections.open': { scope: null, token: 'app', run: ({ socketUrl }) => ({ ok: true, url: socketUrl() }) },
  'users.info': { scope: 'users:read', run: userInfo },
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
};
