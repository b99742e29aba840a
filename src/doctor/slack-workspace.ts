import { networkWords } from '../adapters/http/failure.ts';
import type { SlackCalls } from '../adapters/slack/calls.ts';
import { classify } from '../adapters/slack/classify.ts';
import type { Config } from '../config.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

const neededScopes = ['chat:write', 'commands', 'files:write', 'files:read', 'channels:read'] as const;
const betterScopes: Readonly<Record<string, string>> = {
  'channels:history': 'without it a message may be posted twice after a lost answer',
  'groups:history': 'the same in private channels',
  'channels:join': 'without it the bot must be invited to each channel',
  'groups:read': 'without it private channels have no names',
  'im:write': 'without it answers to forms and to clicks at Home reach nobody',
};

type Call = SlackCalls['call'];
type Channel = { readonly id: string; readonly name: string; readonly is_member?: boolean; readonly is_archived?: boolean };
type Tried<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export const tried = async <T>(work: Promise<T>): Promise<Tried<T>> => {
  try {
    return { ok: true, value: await work };
  } catch (error) {
    const found = classify(error);
    const why = 'why' in found ? found.why : found.kind;
    return { ok: false, why: networkWords(why) ?? why };
  }
};

/** What to do about a refusal; `setting` is the token that was shown. */
export const cure = (why: string, setting: string): string => {
  if (/^(invalid_auth|not_authed|token_|account_inactive|not_allowed_token_type)/.test(why))
    return `The token is wrong, of another kind or revoked: install the app again and set ${setting}`;
  if (why.startsWith('missing_scope')) return 'Add the scopes of manifests/slack/ to the app and install it again';
  if (/certificate/.test(why)) return 'Set SLACK_CA_FILE to the authority that signed the certificate';
  if (/^rate-limited$|ratelimited/.test(why)) return 'Too many calls just now: try again in a minute';
  return 'Check SLACK_API_URL, HTTPS_PROXY and the way out to slack.com';
};

/** Rights by user group are nobody's while Slack does not tell who is in one. */
const groupFindings = (scopes: readonly string[], { roles }: Pick<Config, 'roles'>): readonly Finding[] => {
  const named = Object.entries(roles).filter(([, allowed]) => allowed !== 'everyone' && allowed.groups.length > 0);
  if (named.length === 0 || scopes.includes('usergroups:read')) return [];
  return [
    failure(
      `Slack: scope missing: usergroups:read, for the user groups of ${named.map(([role]) => `roles.${role}`).join(', ')}`,
      'Add it to the app and install it again; without it nobody has a right by a user group',
    ),
  ];
};

/** In Enterprise Grid people of sister workspaces are known as ours by users.info alone. */
const gridFindings = (scopes: readonly string[], isInGrid: boolean): readonly Finding[] =>
  !isInGrid || scopes.includes('users:read')
    ? []
    : [
        warning(
          'Slack: scope missing: users:read, in Enterprise Grid',
          'Add it to the app and install it again; without it people of sister workspaces may look and never act',
        ),
      ];

/** By HTTP only Slack says whose app the bot is, and without that no address of the Home is known. */
const homeFindings = (scopes: readonly string[], { slack }: Config): readonly Finding[] =>
  slack.inbound?.kind !== 'http' || scopes.includes('users:read')
    ? []
    : [
        warning(
          'Slack: scope missing: users:read',
          'Add it to the app and install it again; without it messages do not lead to the Home',
        ),
      ];

const scopeFindings = (scopes: readonly string[] | undefined, isInGrid: boolean, config: Config): readonly Finding[] => {
  if (scopes === undefined)
    return [warning('Slack: does not say which scopes the token has', 'Compare them with manifests/slack/')];
  const lacking = neededScopes.filter((scope) => !scopes.includes(scope));
  const better = Object.entries(betterScopes).filter(([scope]) => !scopes.includes(scope));
  return [
    lacking.length > 0
      ? failure(`Slack: scopes missing: ${lacking.join(', ')}`, cure('missing_scope', ''))
      : ok('Slack: the scopes that are needed'),
    ...better.map(([scope, without]) =>
      warning(`Slack: scope missing: ${scope}`, `Add it to the app and install it again; ${without}`),
    ),
    ...groupFindings(scopes, config),
    ...gridFindings(scopes, isInGrid),
    ...homeFindings(scopes, config),
  ];
};

/** Every channel that the configuration names; with ids and names mixed. */
export const wantedChannels = ({ slack, routing }: Config): readonly string[] => [
  ...new Set(
    [
      slack.channel,
      ...(slack.pictureChannel === null ? [] : [slack.pictureChannel]),
      ...routing.rules.map(({ channel }) => channel),
      ...routing.owners.flatMap(({ channel }) => (channel === null ? [] : [channel])),
      ...routing.allowedChannels,
    ].filter((channel) => channel !== ''),
  ),
];

/** All pages, as many as there are; a workspace of thousands has several. */
const listChannels = async (call: Call, types: string): Promise<readonly Channel[]> => {
  const channels: Channel[] = [];
  let cursor = '';
  do {
    const page = await call('conversations.list', { types, limit: 1000, ...(cursor === '' ? {} : { cursor }) });
    channels.push(...((page['channels'] ?? []) as readonly Channel[]));
    cursor = ((page['response_metadata'] ?? {}) as { readonly next_cursor?: string }).next_cursor ?? '';
  } while (cursor !== '');
  return channels;
};

const channelFinding = (channel: string, found: Channel | undefined, canJoin: boolean): Finding => {
  if (!found) return failure(`Slack: no channel ${channel}`, 'Create it, or invite the bot when it is private');
  if (found.is_archived === true) return failure(`Slack: channel ${channel} is archived`, 'Unarchive it, or name another one');
  if (found.is_member === true) return ok(`Slack: in ${channel}`);
  return canJoin
    ? warning(`Slack: not yet in ${channel}`, 'It joins when it first posts, or invite it now: /invite @edgewise')
    : failure(`Slack: not in ${channel}, and may not join`, 'Invite it: /invite @edgewise; or add the scope channels:join');
};

const channelFindings = async (
  call: Call,
  wanted: readonly string[],
  scopes: readonly string[] | undefined,
): Promise<readonly Finding[]> => {
  if (wanted.length === 0)
    return [warning('Slack: no channel is configured', 'Set SLACK_CHANNEL (or routing.default in CONFIG_FILE)')];
  const mayReadPrivate = scopes === undefined || scopes.includes('groups:read');
  const listed = await tried(listChannels(call, mayReadPrivate ? 'public_channel,private_channel' : 'public_channel'));
  if (!listed.ok) return [failure(`Slack: channels cannot be listed: ${listed.why}`, cure(listed.why, 'SLACK_BOT_TOKEN'))];
  const canJoin = scopes === undefined || scopes.includes('channels:join');
  return wanted.map((channel) =>
    channelFinding(
      channel,
      listed.value.find(({ id, name }) => id === channel || name === channel.replace(/^#/, '').toLowerCase()),
      canJoin,
    ),
  );
};

/** The bot's identity, scopes and channels in one workspace; `setting` is where its token comes from. */
export const workspaceFindings = async (
  config: Config,
  call: Call,
  setting: string,
  wanted: readonly string[],
): Promise<readonly Finding[]> => {
  const test = await tried(call('auth.test', {}));
  if (!test.ok) return [failure(`Slack: ${test.why}`, cure(test.why, setting))];
  const { scopes } = (test.value['response_metadata'] ?? {}) as { readonly scopes?: readonly string[] };
  return [
    ok(`Slack: ${String(test.value['user'])} in ${String(test.value['team'])}`),
    ...scopeFindings(scopes, typeof test.value['enterprise_id'] === 'string', config),
    ...(await channelFindings(call, wanted, scopes)),
  ];
};
