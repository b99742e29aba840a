import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argumentsOf, send } from '../../src/workspace/wire.ts';

type Given = Readonly<Record<string, unknown>>;

/** A call as Slack heard it: of which team's token, null where it was none that lives. */
type Call = { readonly method: string; readonly team: string | null; readonly token: string; readonly given: Given };

const name = (team: string): string => `Team ${team}`;
/** Channel ids are each workspace's own. */
export const channelIn = (team: string): string => `C${team}`;

export const app = { clientId: '1234567890.1234567890123', clientSecret: 'canary-client-secret' };

/** Slack with several workspaces: it gives tokens for codes and refresh tokens, and knows by the token whose call it is. */
export const startSlack = async () => {
  const calls: Call[] = [];
  /** Living tokens, refresh tokens and codes, and the team of each. */
  const [tokens, refreshTokens] = [new Map<string, string>(), new Map<string, string>()];
  const codes = new Map<string, { readonly team: string; readonly expiresIn: number | null }>();
  let serial = 0;
  /** Teams whose calls nobody answers just now. */
  const unanswered = new Set<string>();

  const issued = (team: string, expiresIn: number | null): Given => {
    serial += 1;
    const token = expiresIn === null ? `xoxb-canary-${team}-${serial}` : `xoxe.xoxb-canary-${team}-${serial}`;
    const refresh = `xoxe-canary-${team}-${serial}`;
    tokens.set(token, team);
    if (expiresIn !== null) refreshTokens.set(refresh, team);
    return {
      ok: true,
      app_id: 'A1',
      token_type: 'bot',
      scope: 'chat:write,commands',
      bot_user_id: `U${team}BOT`,
      access_token: token,
      team: { id: team, name: name(team) },
      enterprise: null,
      is_enterprise_install: false,
      authed_user: { id: `U${team}ADMIN` },
      ...(expiresIn === null ? {} : { refresh_token: refresh, expires_in: expiresIn }),
    };
  };

  /** docs.slack.dev/reference/methods/oauth.v2.access: a code and a refresh token serve once. */
  const access = (given: Given): Given => {
    if (given['client_id'] !== app.clientId || given['client_secret'] !== app.clientSecret)
      return { ok: false, error: 'invalid_client_id' };
    if (given['grant_type'] === 'refresh_token') {
      const refresh = String(given['refresh_token']);
      const team = refreshTokens.get(refresh);
      refreshTokens.delete(refresh);
      return team === undefined ? { ok: false, error: 'invalid_refresh_token' } : issued(team, 43_200);
    }
    const code = String(given['code']);
    const consent = codes.get(code);
    codes.delete(code);
    return consent === undefined ? { ok: false, error: 'invalid_code' } : issued(consent.team, consent.expiresIn);
  };

  const answer = (method: string, team: string, given: Given): Given => {
    serial += 1;
    const ts = `1700000000.${String(serial).padStart(6, '0')}`;
    if (method === 'auth.test')
      return {
        team_id: team,
        team: name(team),
        user: 'edgewise',
        user_id: `U${team}BOT`,
        bot_id: `B${team}`,
        url: `https://${team}.slack.com/`,
      };
    if (method === 'conversations.list') return { channels: [{ id: channelIn(team), name: 'mesh-alerts', is_member: true }] };
    if (method === 'conversations.open') return { channel: { id: `D${team}` } };
    if (method === 'conversations.info') return { channel: { id: given['channel'], is_ext_shared: false } };
    return { channel: given['channel'], ts };
  };

  const server = createServer(async (request, response) => {
    const [, first = '', method = ''] = (request.url ?? '').split('/');
    const read = await argumentsOf(request);
    const given: Given = 'given' in read ? read.given : {};
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const team = tokens.get(token) ?? null;
    calls.push({ method: first === 'api' ? method : first, team, token, given });
    if (first !== 'api') return send(response, { ok: true });
    if (method === 'oauth.v2.access') return send(response, access(given));
    if (team !== null && unanswered.has(team)) return response.destroy();
    if (team === null) return send(response, { ok: false, error: 'invalid_auth' });
    if (method === 'auth.revoke') tokens.delete(token);
    send(response, { ok: true, ...answer(method, team, given) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    base,
    apiUrl: `${base}/api/`,
    calls,
    tokens,
    unanswered,
    /** Somebody consented: the code that their browser comes back with. */
    consent: (team: string, expiresIn: number | null = null): string => {
      serial += 1;
      codes.set(`code-${serial}`, { team, expiresIn });
      return `code-${serial}`;
    },
    /** An administrator takes the app away: no token of that team lives on. */
    uninstall: (team: string): void => {
      for (const [token, owner] of tokens) if (owner === team) tokens.delete(token);
    },
    /** What was posted in a workspace. */
    posted: (team: string): readonly string[] =>
      calls.filter((call) => call.method === 'chat.postMessage' && call.team === team).map(({ given }) => JSON.stringify(given)),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

export type Slack = Awaited<ReturnType<typeof startSlack>>;
