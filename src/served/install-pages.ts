import type { Beside } from '../adapters/http/server.ts';
import { type Grant, oauthPages } from '../adapters/slack/oauth.ts';
import { botScopes, groupScope } from '../adapters/slack/scopes.ts';
import { sealedTokens } from '../adapters/slack/tokens.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Sealing } from '../adapters/system/sealing.ts';
import type { Config } from '../config.ts';
import type { Installation } from '../domain/installation.ts';
import type { Clock } from '../ports.ts';
import type { ServedParts } from './one.ts';

type Installs = NonNullable<Config['slack']['installs']>;

/** Scopes are asked for where they are of use: nobody is in a user group where none is allowed anything. */
const scopesFor = ({ roles }: Config): readonly string[] =>
  Object.values(roles).some((allowed) => allowed !== 'everyone' && allowed.groups.length > 0)
    ? [...botScopes, groupScope]
    : botScopes;

/** The pages by which workspaces install the app, beside the address for Slack's requests. */
export const pagesFor = (installs: Installs, { config, transport, log }: ServedParts, keep: (grant: Grant) => Promise<void>) => {
  const { inbound, apiUrl } = config.slack;
  if (inbound?.kind !== 'http') return [];
  const { clientId, clientSecret, teams } = installs;
  const scopes = scopesFor(config);
  const { fetch } = transport;
  const pages = oauthPages({ clientId, clientSecret, teams, scopes, apiUrl, fetch, keep, clock: systemClock, log });
  return [
    { path: `${inbound.path}/install`, listener: pages.install },
    { path: `${inbound.path}/oauth_redirect`, listener: pages.redirect },
  ] satisfies readonly Beside[];
};

/** What of a grant is kept. */
export const installationOf = (sealer: Sealing, grant: Grant, clock: Pick<Clock, 'nowMs'>): Installation => {
  const { tokens, by, ...known } = grant;
  return { ...known, installedBy: by, installedAtMs: clock.nowMs(), sealed: sealedTokens(sealer, grant.teamId, tokens) };
};
