import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type CallbackOptions, type Installation, InstallProvider } from '@slack/oauth';
import type { Clock, Log } from '../../ports.ts';
import { derived } from '../system/sealing.ts';
import type { ApiWay, AppSecrets, Renewed, Tokens } from './tokens.ts';
import { silent, slackWeb } from './web.ts';

/** What Slack gave for a consent. */
export type Grant = {
  readonly teamId: string;
  readonly enterpriseId: string | null;
  readonly teamName: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly by: string;
  readonly tokens: Tokens;
  readonly expiresAtMs: Renewed['expiresAtMs'] | null;
};

type OauthOptions = AppSecrets &
  ApiWay & {
    readonly scopes: readonly string[];
    /** Ids of the teams that may install the app. */
    readonly teams: readonly string[];
    readonly keep: (grant: Grant) => Promise<void>;
    readonly clock: Pick<Clock, 'nowMs'>;
    readonly log: Log;
  };

/** Plain text: nothing of what Slack or a person says is ever markup. */
const say = (response: ServerResponse, status: number, text: string): void => {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .end(`${text}\n`);
};

/** Null: without a bot, which is all that we ask for, or for a whole organisation. */
const grantOf = ({ team, enterprise, bot, user, isEnterpriseInstall }: Installation): Grant | null => {
  if (team === undefined || bot === undefined || isEnterpriseInstall === true) return null;
  const { token, refreshToken, expiresAt } = bot;
  return {
    teamId: team.id,
    enterpriseId: enterprise?.id ?? null,
    teamName: team.name ?? team.id,
    botId: bot.id,
    botUserId: bot.userId,
    by: user.id,
    tokens: { token, refreshToken: refreshToken ?? null },
    expiresAtMs: refreshToken === undefined || expiresAt === undefined ? null : expiresAt * 1000,
  };
};

/** A token that nobody asked for is given back: where it was the only one, Slack takes the app out of that workspace again. */
const giveBack = async ({ apiUrl, fetch, log }: OauthOptions, token: string | undefined): Promise<void> => {
  if (token === undefined) return;
  await slackWeb({ apiUrl, fetch, token })
    .apiCall('auth.revoke')
    .catch((error: unknown) => log('warn', 'the token of a workspace that is not allowed could not be revoked', { error }));
};

const refusedWords = 'This workspace may not install Edgewise here: whoever runs it names those that may in SLACK_TEAMS.';

/** Before anything is kept: whoever is not on the list is refused, whatever they consented to. */
const admitting =
  (options: OauthOptions): NonNullable<CallbackOptions['afterInstallation']> =>
  async (installation, _installOptions, _request, response) => {
    const grant = grantOf(installation);
    if (grant !== null && options.teams.includes(grant.teamId)) return true;
    const team = installation.team?.id ?? installation.enterprise?.id ?? null;
    options.log('warn', 'a workspace that is not allowed was refused the installation', { team });
    await giveBack(options, installation.bot?.token);
    say(
      response,
      403,
      grant === null ? 'Edgewise is installed in one workspace at a time, not in a whole organisation.' : refusedWords,
    );
    return false;
  };

const kept = async ({ keep }: OauthOptions, installation: Installation): Promise<void> => {
  const grant = grantOf(installation);
  if (grant !== null) await keep(grant);
};

const never = async (): Promise<never> => {
  throw new Error('installations are read from the store alone');
};

/** https://slack.com/api/ has its consent page at https://slack.com/oauth/v2/authorize. */
const consentPage = (apiUrl: string): string => new URL('../oauth/v2/authorize', apiUrl).href;

const handing =
  (log: Log, handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>): RequestListener =>
  (request, response) => {
    if (request.method !== 'GET') return say(response, 405, 'Only GET.');
    handle(request, response).catch((error: unknown) => {
      log('warn', 'a request to install the app could not be answered', { error });
      say(response, 500, 'That did not work; the reason is in the log of Edgewise.');
    });
  };

/**
 * The two pages by which a workspace installs the app (docs.slack.dev/authentication/installing-with-oauth), by Slack's own provider: a
 * state that is signed, ten minutes old at most, and in a cookie of the same browser. Its secret is the app's, so that replicas agree.
 */
export const oauthPages = (options: OauthOptions): { readonly install: RequestListener; readonly redirect: RequestListener } => {
  const { clientId, clientSecret, scopes, teams, log, fetch } = options;
  const apiUrl = options.apiUrl.endsWith('/') ? options.apiUrl : `${options.apiUrl}/`;
  const [only] = teams;
  const provider = new InstallProvider({
    clientId,
    clientSecret,
    stateSecret: derived(clientSecret, 'edgewise: state of an installation'),
    directInstall: true,
    installUrlOptions: { scopes: [...scopes], ...(teams.length === 1 && only !== undefined ? { teamId: only } : {}) },
    authorizationUrl: consentPage(apiUrl),
    // Its own lines would name tokens and codes; what fails is said in our log.
    logger: silent,
    clientOptions: { slackApiUrl: apiUrl, fetch, timeout: 8000, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
    installationStore: {
      storeInstallation: (installation) => kept(options, installation),
      fetchInstallation: never,
    },
  });
  const callbacks: CallbackOptions = {
    afterInstallation: admitting(options),
    success: (_installation, _installOptions, _request, response) =>
      say(
        response,
        200,
        'Edgewise is installed. Its messages come as soon as something fails; /mesh help says what can be asked.',
      ),
    failure: ({ code, message }, _installOptions, _request, response) => {
      log('warn', 'the app could not be installed', { code, why: message });
      say(response, 400, `Edgewise was not installed (${code}). Begin again at the address that ends with /install.`);
    },
  };
  return {
    install: handing(log, (request, response) => provider.handleInstallPath(request, response)),
    redirect: handing(log, (request, response) => provider.handleCallback(request, response, callbacks)),
  };
};
