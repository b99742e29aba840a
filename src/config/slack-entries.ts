import { z } from 'zod';
import { type Entry, groupOf } from './entry.ts';
import { address, file, keys, like, number, oneOf, teams, text } from './kinds.ts';
import { channelPattern } from './patterns.ts';

const slack = groupOf('Slack', ['serve', 'doctor']);
const secret = { isSecret: true } as const;

/** How Slack is reached, and how what people do there reaches us. */
export const slackEntries: readonly Entry[] = [
  slack(
    'SLACK_BOT_TOKEN',
    like(/^xox[abep]-\S+$/, 'a bot token, xoxb-…'),
    'xoxb-1234-5678-abcdef',
    'Bot token of the installed app; several workspaces: SLACK_CLIENT_ID in its place',
    {
      ...secret,
      neededBy: ['serve'],
    },
  ),
  slack(
    'SLACK_APP_TOKEN',
    like(/^xapp-\S+$/, 'an app-level token, xapp-…'),
    'xapp-1-A012-345-abc',
    'App-level token with connections:write, for commands and buttons by Socket Mode',
    secret,
  ),
  slack(
    'SLACK_MODE',
    oneOf('socket', 'http'),
    'http',
    'How commands and buttons reach us: by a connection of ours, or by requests of Slack to LISTEN (default: socket where SLACK_APP_TOKEN is set, else not at all)',
  ),
  slack(
    'SLACK_SIGNING_SECRET',
    text('a signing secret'),
    '8f742231b10e8888abcd99yyyzzz85a5',
    'Signing secret of the app (Basic Information), by which requests of Slack are known where SLACK_MODE is http',
    secret,
  ),
  slack(
    'SLACK_PATH',
    like(/^(?!\/webhooks\/)(\/[\w.~-]+)+$/, 'a path of its own, /…'),
    '/slack/events',
    'Where on LISTEN the requests of Slack are taken, where SLACK_MODE is http',
    { fallback: '/slack/events' },
  ),
  slack(
    'SLACK_CLIENT_ID',
    like(/^\d+\.\d+$/, 'a client id, 1234.5678'),
    '1234567890.1234567890123',
    'Client id of the app (Basic Information), where several workspaces install it at SLACK_PATH/install; needs SLACK_MODE http',
  ),
  slack(
    'SLACK_CLIENT_SECRET',
    text('a client secret'),
    '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    'Client secret of the app (Basic Information)',
    secret,
  ),
  slack(
    'SLACK_TOKENS_KEY',
    keys,
    'Tm90IGEga2V5OiBvcGVuc3NsIHJhbmQgLWJhc2U2NCA=',
    'Key of the tokens in the store, made by `openssl rand -base64 32`; several to change it: the first encrypts, all decrypt',
    secret,
  ),
  slack('SLACK_TEAMS', teams, 'T012ABC,T034DEF', 'Workspaces that may install the app; nobody else gets in'),
  slack(
    'SLACK_CHANNEL',
    like(channelPattern, 'a channel name or id'),
    '#mesh-alerts',
    'Where messages go that no route sends elsewhere (or routing.default in CONFIG_FILE)',
    { neededBy: ['serve'] },
  ),
  slack(
    'CHANNEL_BUDGET',
    number('a whole number between 0 and 1000', z.number().int().min(0).max(1000)),
    '10',
    'How many new messages a channel may get in 10 minutes; what is more shares one message (0: no limit)',
    { fallback: '10' },
  ),
  slack(
    'SLACK_PICTURE_CHANNEL',
    like(channelPattern, 'a public channel'),
    '#edgewise-pictures',
    'Where pictures are shared first, so that a new message can carry its picture',
  ),
  slack('SLACK_API_URL', address, 'https://slack.com/api/', 'Any Slack-compatible API', { fallback: 'https://slack.com/api/' }),
  slack('SLACK_CA_FILE', file, '/etc/edgewise/ca.pem', "Certificate authority of SLACK_API_URL, beside the system's"),
  slack(
    'SLACK_SHARED_CHANNELS',
    oneOf('brief', 'full'),
    'full',
    'What channels are told that are shared with other organisations: which edge is sick and since when, or everything',
    { fallback: 'brief' },
  ),
  slack(
    'WORKSPACE',
    text('a name'),
    'acme',
    'Name of the one Slack workspace in the store (of several, the id of each team is its name)',
    {
      fallback: 'default',
    },
  ),
];
