import type { SlackCalls } from './calls.ts';

const ofTeam = /^T[A-Z0-9]+$/;
const ofApp = /^A[A-Z0-9]+$/;

/** An app-level token names its app: xapp-1-A0123ABC-…; null where one does not. */
const appOfToken = (appToken: string): string | null => {
  const named = appToken.split('-')[2] ?? '';
  return ofApp.test(named) ? named : null;
};

/** Whose bot a bot is; needs users:read (docs.slack.dev/reference/methods/bots.info). */
const appOfBot = async ({ call }: Pick<SlackCalls, 'call'>, botId: unknown): Promise<string | null> => {
  if (typeof botId !== 'string') return null;
  const { bot } = (await call('bots.info', { bot: botId })) as { readonly bot?: { readonly app_id?: unknown } };
  return typeof bot?.app_id === 'string' ? bot.app_id : null;
};

/**
 * The address that opens the Home of our app in Slack's clients (docs.slack.dev/interactivity/deep-linking), for the workspace that
 * `auth.test` answered of. `appToken`: that of Socket Mode, where there is one. Null where Slack does not say whose app the bot is.
 * Throws as Slack's client does.
 */
export const homeAddress = async (
  calls: Pick<SlackCalls, 'call'>,
  appToken: string | null,
  { team_id: team, bot_id: bot }: Readonly<Record<string, unknown>>,
): Promise<string | null> => {
  if (typeof team !== 'string' || !ofTeam.test(team)) return null;
  const app = (appToken === null ? null : appOfToken(appToken)) ?? (await appOfBot(calls, bot));
  return app !== null && ofApp.test(app) ? `slack://app?team=${team}&id=${app}&tab=home` : null;
};
