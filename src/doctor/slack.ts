import { type SlackCalls, slackCalls } from '../adapters/slack/calls.ts';
import { slackWeb } from '../adapters/slack/web.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Config } from '../config.ts';
import { openTransport } from '../slack.ts';
import { type Finding, failure, ok, warning } from './finding.ts';
import { installedFindings } from './slack-installed.ts';
import { cure, tried, wantedChannels, workspaceFindings } from './slack-workspace.ts';

type Web = Parameters<typeof slackWeb>[0];

/** Opens no connection: only asks for the address of one. Whether Slack's requests reach us only Slack could say. */
const inboundFindings = async ({ slack }: Config, way: Omit<Web, 'token'>): Promise<readonly Finding[]> => {
  const { inbound } = slack;
  if (inbound === null)
    return [
      warning(
        'Slack: SLACK_APP_TOKEN is not set',
        'Without it, or SLACK_MODE=http with SLACK_SIGNING_SECRET, there are no slash commands and no buttons',
      ),
    ];
  if (inbound.kind === 'http')
    return [ok(`Slack: takes requests at ${inbound.path} where the webhook listens, signed by SLACK_SIGNING_SECRET`)];
  const opened = await tried(slackWeb({ ...way, token: inbound.appToken }).apiCall('apps.connections.open'));
  return [
    opened.ok
      ? ok('Slack: Socket Mode opens, for slash commands and buttons')
      : failure(
          `Slack: Socket Mode does not open: ${opened.why}`,
          `${cure(opened.why, 'SLACK_APP_TOKEN')}; it needs connections:write`,
        ),
  ];
};

/** Where somebody asks in Slack: their workspace, and its calls. Of others nothing is told there. */
export type Within = { readonly workspace: string; readonly calls: Pick<SlackCalls, 'call'> };

const askSlack = async (config: Config, way: Omit<Web, 'token'>, within: Within | null): Promise<readonly Finding[]> => {
  const { installs, botToken, channel } = config.slack;
  if (installs !== null && within === null) return installedFindings(config, installs, way);
  const uncounted = { onCall: () => undefined, onWait: () => undefined };
  const { call } = within?.calls ?? slackCalls(slackWeb({ ...way, token: botToken }), systemClock, uncounted);
  const own = installs?.workspaces.find(({ team }) => team === within?.workspace)?.channel ?? channel;
  return installs === null
    ? workspaceFindings(config, call, 'SLACK_BOT_TOKEN', wantedChannels(config))
    : workspaceFindings(config, call, 'nothing: it is in the store', [own]);
};

/** The bot's identity, scopes, channels and way of taking commands; nothing is posted and no channel is joined. */
export const slackFindings = async (config: Config, within: Within | null = null): Promise<readonly Finding[]> => {
  if (config.slack.botToken === '' && config.slack.installs === null)
    return [
      warning('Slack: SLACK_BOT_TOKEN is not set', '`edgewise serve` needs it; manifests/slack/socket-mode.yaml makes the app'),
    ];
  const transport = openTransport(config);
  const way = { apiUrl: config.slack.apiUrl, fetch: transport.fetch };
  try {
    const found = await askSlack(config, way, within);
    return found[0]?.mark === 'failure' && found.length === 1 ? found : [...found, ...(await inboundFindings(config, way))];
  } finally {
    await transport.dispatcher.destroy();
  }
};
