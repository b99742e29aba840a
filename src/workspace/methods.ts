import { type Answer, type Arguments, type Context, failed, type Method, textOf } from './methods/call.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import { fileMethods } from './methods/files.ts';
import { peopleMethods } from './methods/people.ts';
import { viewMethods } from './methods/views.ts';
import { botId, ours } from './people.ts';

const whoAmI = ({ state, base, enterpriseId }: Context): Answer => ({
  ok: true,
  url: `${base}/`,
  team: ours.name,
  user: 'edgewise',
  team_id: ours.id,
  ...(enterpriseId === null ? {} : { enterprise_id: enterpriseId }),
  user_id: state.botUserId,
  bot_id: botId,
});

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
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...peopleMethods,
  ...viewMethods,
};
