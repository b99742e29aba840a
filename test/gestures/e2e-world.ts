import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatMistakes, readSettings } from '../../src/config.ts';
import { freePort } from '../../src/demo/engine-process.ts';
import { startAlertmanager } from '../../src/demo/stack.ts';
import { shortcuts } from '../../src/demo/start.ts';
import { serve } from '../../src/main.ts';
import type { Message } from '../../src/workspace/state.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { answering, environmentOf, startSource, textOf } from '../support/bot.ts';
import { engineFor } from '../support/engine.ts';

const alertmanager = await engineFor('alertmanager');

/** Why no real Alertmanager can take part, for the name of the suite that is skipped; empty where one can. */
export const withoutAlertmanager = alertmanager.skipped;

export const channel = '#mesh-alerts';
const token = 'a-token-of-at-least-sixteen-bytes';
const signingSecret = 'the signing secret of this workspace';
const slackPath = '/from/slack';

/** How what people do reaches the bot. */
export type Way = 'Socket Mode' | 'HTTP';

const callOf = (code: string, flags: string, reporter: string): Readonly<Record<string, string>> => ({
  reporter,
  source_workload: 'checkout',
  source_workload_namespace: 'shop',
  destination_workload: 'payments-v1',
  destination_workload_namespace: 'shop',
  destination_service_name: 'payments',
  destination_service_namespace: 'shop',
  response_code: code,
  response_flags: flags,
  connection_security_policy: 'mutual_tls',
  request_protocol: 'http',
});

/** checkout → payments as Envoy counts it at both ends: a quarter of the requests ends with 503, by the callee's own word. */
const series = ['source', 'destination'].flatMap((reporter) => [
  [callOf('200', '-', reporter), '900'] as const,
  [callOf('503', '-', reporter), '300'] as const,
]);

/** The same edge once the fault is gone. */
const healthy = ['source', 'destination'].map((reporter) => [callOf('200', '-', reporter), '1200'] as const);

const rule =
  'sum by (source_workload, source_workload_namespace, destination_service_name, destination_service_namespace) (rate(istio_requests_total{response_code=~"5.."}[5m])) > 0.05';

/** What Prometheus would tell Alertmanager of the edge. */
const alertOf = (startsAtMs: number, endsAtMs: number) => ({
  labels: {
    alertname: 'EdgeErrorRatioHigh',
    severity: 'page',
    source_workload: 'checkout',
    source_workload_namespace: 'shop',
    destination_service_name: 'payments',
    destination_service_namespace: 'shop',
  },
  annotations: { summary: 'A quarter of the payments fails' },
  startsAt: new Date(startsAtMs).toISOString(),
  endsAt: new Date(endsAtMs).toISOString(),
  generatorURL: `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(rule)}`,
});

/** A silence as Alertmanager's own API has it. */
type KeptSilence = {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly createdBy: string;
  readonly comment: string;
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual?: boolean;
  }[];
};

/** Alertmanager as Prometheus and an operator see it. */
const alertmanagerHandle = (url: string) => {
  const startsAtMs = Date.now() - 60_000;
  const tell = async (endsAtMs: number): Promise<void> => {
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([alertOf(startsAtMs, endsAtMs)]),
    });
    if (!answer.ok) throw new Error(`Alertmanager took no alert: ${answer.status} ${await answer.text()}`);
  };
  return {
    fire: () => tell(Date.now() + 3_600_000),
    resolve: () => tell(Date.now()),
    silences: async () => (await (await fetch(`${url}/api/v2/silences`)).json()) as readonly KeptSilence[],
  };
};

/** The channel is shared, so that people of another organisation are there; they may look, and never act. */
const seen = { SLACK_SHARED_CHANNELS: 'full' } as const;

const settingsOf = (way: Way, { appToken }: Workspace): Record<string, string> =>
  way === 'HTTP'
    ? { ...seen, SLACK_MODE: 'http', SLACK_SIGNING_SECRET: signingSecret, SLACK_PATH: slackPath }
    : { ...seen, SLACK_APP_TOKEN: appToken };

const rolesFile = (folder: string): string => {
  const path = join(folder, 'edgewise.yaml');
  writeFileSync(path, 'roles:\n  silence: everyone\n');
  return path;
};

const serveWith = async (environment: Record<string, string>, logged: string[]) => {
  const read = readSettings(environment, 'serve');
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  return serve(read.config, environment, (level, event, fields) => logged.push(`${level} ${event} ${JSON.stringify(fields)}`));
};

/** What stands in the workspace, and is waited for. */
const looking = (workspace: Workspace) => {
  const roots = (): readonly Message[] =>
    workspace.messages(channel).filter(({ threadTs, ephemeralFor }) => threadTs === null && ephemeralFor === null);
  const waited = async (what: string, find: () => Message | undefined, withinMs: number): Promise<Message> => {
    await workspace.until(() => find() !== undefined, withinMs);
    const found = find();
    if (found === undefined) throw new Error(`nothing says ${what}:\n${workspace.messages(channel).map(textOf).join('\n')}`);
    return found;
  };
  const saying = (messages: readonly Message[], what: string) => messages.find((message) => textOf(message).includes(what));
  return {
    /** The incident's message, once it says `what`. */
    root: (what = 'checkout → payments', withinMs = 30_000) => waited(what, () => saying(roots().slice(0, 1), what), withinMs),
    /** A message in the incident's thread that says `what`. */
    reply: (what: string) =>
      waited(
        what,
        () =>
          saying(
            workspace.messages(channel).filter(({ threadTs }) => threadTs === roots()[0]?.ts),
            what,
          ),
        20_000,
      ),
    /** What this person alone is told. */
    told: (what: string, person = workspace.people.ada as string) =>
      waited(what, () => saying(workspace.ephemerals(person).toReversed(), what), 30_000),
  };
};

/**
 * The shipped bot in this process with the embedded store, a real Alertmanager that calls it, the local workspace as Slack, and a stand-in
 * for Prometheus that has the same figures until it is mended. The channel is one that another organisation is in too.
 */
export const startWorld = async (way: Way, more: Readonly<Record<string, string>> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-person-'));
  const stops: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const source = await startSource();
    stops.push(source.close);
    source.answer(answering(series));
    const engine = await startAlertmanager(folder, `${base}/webhooks/alertmanager`, token, () => undefined);
    stops.push(engine.stop);
    const http = way === 'HTTP' ? { http: { url: `${base}${slackPath}`, signingSecret } } : {};
    const workspace = await startWorkspace({ isStrict: false, shared: [channel], shortcuts, ...http });
    stops.push(workspace.close);
    const environment = environmentOf(workspace, source.url, join(folder, 'data'), port, {
      ALERTMANAGER_URL: engine.url,
      CONFIG_FILE: rolesFile(folder),
      SILENCES: 'on',
      ...settingsOf(way, workspace),
      ...more,
    });
    const logged: string[] = [];
    const bot = await serveWith(environment, logged);
    stops.push(bot.stop);
    return {
      workspace,
      environment,
      logged,
      ...looking(workspace),
      ...alertmanagerHandle(engine.url),
      /** From now on no request fails. */
      mend: () => source.answer(answering(healthy)),
      /** Ends the bot alone, so that its store can be read. */
      stopBot: async (): Promise<void> => {
        stops.splice(stops.indexOf(bot.stop), 1);
        await bot.stop();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

export type World = Awaited<ReturnType<typeof startWorld>>;
