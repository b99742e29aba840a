import { SourceError } from '../../domain/gathered.ts';
import type { Installation } from '../../domain/installation.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Clock } from '../../ports.ts';
import type { Sealing } from '../system/sealing.ts';
import { classify } from './classify.ts';
import { slackWeb } from './web.ts';

/** What stands sealed in an installation; without a refresh token the token is for ever. */
export type Tokens = { readonly token: string; readonly refreshToken: string | null };

export type AppSecrets = { readonly clientId: string; readonly clientSecret: string };
export type ApiWay = { readonly apiUrl: string; readonly fetch: typeof globalThis.fetch };

export const sealedTokens = ({ seal }: Sealing, teamId: string, tokens: Tokens): string => seal(JSON.stringify(tokens), teamId);

type Read = { readonly tokens: Tokens; readonly isByOldKey: boolean };

/** Null: the key that sealed them is not here. */
export const tokensIn = ({ open }: Sealing, { teamId, sealed }: Pick<Installation, 'teamId' | 'sealed'>): Read | null => {
  const opened = open(sealed, teamId);
  return opened === null ? null : { tokens: JSON.parse(opened.text) as Tokens, isByOldKey: opened.isByOldKey };
};

export type Renewed = { readonly tokens: Tokens; readonly expiresAtMs: EpochMs };

/**
 * Another token for a refresh token, which is spent by that (docs.slack.dev/authentication/using-token-rotation). Throws `SourceError`
 * (refused: it will never be taken again).
 */
export const tokenRenewal = ({ clientId, clientSecret }: AppSecrets, way: ApiWay, clock: Pick<Clock, 'nowMs'>) => {
  const web = slackWeb(way);
  return async (refreshToken: string): Promise<Renewed> => {
    let answer: Readonly<Record<string, unknown>>;
    try {
      const given = {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      };
      answer = (await web.apiCall('oauth.v2.access', given)) as unknown as typeof answer;
    } catch (error) {
      const failure = classify(error);
      const why = 'why' in failure ? failure.why : failure.kind;
      throw new SourceError('Slack', failure.kind === 'hopeless' ? 'refused' : 'unreachable', `gave no new token (${why})`);
    }
    const { access_token: token, refresh_token: next, expires_in: seconds } = answer;
    if (typeof token !== 'string' || typeof next !== 'string' || typeof seconds !== 'number')
      throw new SourceError('Slack', 'malformed', 'gave a new token without its own, its refresh token or its end');
    return { tokens: { token, refreshToken: next }, expiresAtMs: clock.nowMs() + seconds * 1000 };
  };
};
