import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { slackFindings } from '../../src/doctor/slack.ts';
import { serve } from '../../src/main.ts';
import { signedPost, signingSecret, wireOf } from '../adapters/slack/stage.ts';
import { deliver, environmentOf } from '../support/bot.ts';
import { app, type Slack } from './slack.ts';

type Installs = NonNullable<Config['slack']['installs']>;
type Kind = Parameters<typeof wireOf>[0];

/** What a browser that visits an address is told. */
type Page = { readonly status: number; readonly text: string; readonly location: string | null; readonly cookie: string };

const visit = async (url: string, cookie = ''): Promise<Page> => {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  return {
    status: answer.status,
    text: await answer.text(),
    location: answer.headers.get('location'),
    cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
  };
};

/** Acme's alerts are for Acme, and all others for Beta. */
const workspaces = `workspaces:
  - team: T0ACME
    match: [team="acme"]
  - team: T0BETA
`;

/** The shipped bot, installed by those who visit it: the embedded store, no Prometheus, and a Slack with several workspaces. */
export const startInstalledBot = async (slack: Slack, more: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-installed-'));
  const file = join(folder, 'edgewise.yaml');
  writeFileSync(file, workspaces);
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const environment = environmentOf({ apiUrl: slack.apiUrl, botToken: '' }, 'http://127.0.0.1:9', join(folder, 'data'), port, {
    CONFIG_FILE: file,
    SLACK_MODE: 'http',
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_CLIENT_ID: app.clientId,
    SLACK_CLIENT_SECRET: app.clientSecret,
    SLACK_TOKENS_KEY: randomBytes(32).toString('base64'),
    SLACK_TEAMS: 'T0ACME,T0BETA',
    ...more,
  });
  const logged: string[] = [];
  const read = readSettings(environment, 'serve');
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  const { config } = read;
  const start = () =>
    serve(config, environment, (level, event, fields) =>
      logged.push(`${level} ${event} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.stack : value))}`),
    );
  let running = await start();
  const begin = (): Promise<Page> => visit(`${base}/slack/events/install`);
  const comeBack = (code: string, state: string, cookie: string): Promise<Page> =>
    visit(`${base}/slack/events/oauth_redirect?${new URLSearchParams({ code, state })}`, cookie);
  return {
    logged,
    begin,
    comeBack,
    /** The whole way of somebody who installs the app. */
    install: async (code: string): Promise<Page> => {
      const { location, cookie } = await begin();
      return comeBack(code, new URL(location ?? '').searchParams.get('state') ?? '', cookie);
    },
    /** Alertmanager sends a webhook body. */
    send: (body: unknown): Promise<number> => deliver(port, body),
    /** Slack sends a signed request. */
    tell: (kind: Kind, payload: object) => {
      const { body, type } = wireOf(kind, payload);
      return signedPost(base, body, type);
    },
    ready: async (): Promise<string> => (await fetch(`http://127.0.0.1:${running.operationsPort}/readyz`)).text(),
    restart: async (): Promise<void> => {
      await running.stop();
      running = await start();
    },
    /** What `edgewise doctor` says of Slack with these settings. */
    examined: async (more: Partial<Installs> = {}): Promise<readonly string[]> => {
      const { installs } = config.slack;
      const changed = installs === null ? null : { ...installs, ...more };
      const found = await slackFindings({ ...config, slack: { ...config.slack, installs: changed } });
      return found.map(({ mark, text }) => `${mark} ${text}`);
    },
    stop: () => running.stop(),
    close: async (): Promise<void> => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
