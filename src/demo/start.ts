import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../ports.ts';
import { startWorkspace, type Workspace } from '../workspace/workspace.ts';
import { freePort, type RunningEngine, type StartOptions, startEngine } from './engine-process.ts';
import type { EngineName } from './engines.ts';
import { type MeshServer, serveMesh } from './mesh/server.ts';
import { bygoneFault, objectivesFile } from './objectives.ts';
import { demoRules, engine, fillIn, makePast, shippedRules, startAlertmanager, startPrometheus } from './stack.ts';
import { serveTraces } from './traces/server.ts';
import { startTraceBox } from './traces/store.ts';
import { traced } from './traces/trace.ts';

export const channel = '#mesh-alerts';

/** The app's entries in the menu of a message, as the shipped manifests have them. */
export const shortcuts = [
  { name: 'Drill down', callbackId: 'mesh_drill' },
  { name: 'Acknowledge incident', callbackId: 'mesh_ack' },
];

/** Whoever tries the demo may silence: its Alertmanager calls nobody else. */
const rolesFile = (folder: string): string => {
  const path = join(folder, 'edgewise.yaml');
  writeFileSync(path, 'roles:\n  silence: everyone\n');
  return path;
};

/** Of ten requests one is traced: enough for the worst of a minute, and far more than the hundredth that Istio traces by itself. */
const tracedShare = 0.1;

/** Close enough that every hour of the past counts as scraped. */
const coarselyMs = 280_000;

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** How each thing that was started is ended, in the order of the starts. */
export type Stops = (() => Promise<void>)[];

export type Started = { readonly workspace: Workspace; readonly live: MeshServer; readonly bot: RunningEngine };

/** "3/8 …" with what came of it and the seconds it took. No step begins once the demo is asked to end. */
const steps = (total: number, signal: AbortSignal) => {
  let done = 0;
  return async <T>(what: string, work: () => Promise<T>, outcome: (result: T) => string = () => ''): Promise<T> => {
    signal.throwIfAborted();
    done += 1;
    const startedMs = performance.now();
    process.stdout.write(`${done}/${total}  ${what} ... `);
    const result = await work();
    say(`${outcome(result)}${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  };
};

const quiet: Log = () => undefined;
const progress: Log = (level, event, fields) => {
  const what = fields?.['package'] ?? fields?.['url'];
  if (level !== 'debug') process.stdout.write(`\n      ${event}${what ? ` (${String(what)})` : ''} ... `);
};

/** What the bot may see of the environment: the settings of somebody's real Edgewise are none of the demo's. */
const inherits = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL'].filter((name) => process.env[name] !== undefined);

type BotPorts = { readonly webhook: number; readonly operations: number };

/** Starts the shipped bot in a process of its own, with these settings and no others. */
export const startBot = (
  settings: Readonly<Record<string, string>>,
  ports: BotPorts,
  options: Pick<StartOptions, 'signal' | 'onLine'>,
): Promise<RunningEngine> =>
  startEngine(process.execPath, [fileURLToPath(new URL('../entry.cjs', import.meta.url)), 'serve'], {
    ...options,
    name: 'edgewise',
    readyUrl: `http://127.0.0.1:${ports.operations}/readyz`,
    readyWithinMs: 120_000,
    inherits,
    environment: {
      ...settings,
      LISTEN: `127.0.0.1:${ports.webhook}`,
      OPS_LISTEN: `127.0.0.1:${ports.operations}`,
    },
  });

const botSettings = (folder: string, token: string) => ({
  WEBHOOK_TOKENS: token,
  DATA_DIR: join(folder, 'data'),
  CLUSTER: 'demo',
  TIME_ZONE: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  LOG_LEVEL: 'warn',
  CONFIG_FILE: rolesFile(folder),
  SLO_FILES: objectivesFile(folder),
  SILENCES: 'on',
});

const finder = (signal: AbortSignal) => async (names: readonly EngineName[]) => {
  const paths: string[] = [];
  for (const name of names) paths.push(await engine(name, progress, signal));
  return paths;
};

/** Starts everything real: engines, bot, workspace. `stops` knows how to end each from the moment it runs. */
export const startAll = async (folder: string, port: number, stops: Stops, signal: AbortSignal): Promise<Started> => {
  const step = steps(8, signal);
  const find = finder(signal);
  const first = (paths: readonly string[]): string => `${paths[0]}, `;
  const workspace = await step('Starting the Slack workspace', () =>
    startWorkspace({ port, channels: [channel, '#payments', '#general'], shortcuts }),
  );
  stops.push(workspace.close);
  await step('Finding Prometheus', () => find(['prometheus', 'promtool']), first);
  await step('Finding Alertmanager', () => find(['alertmanager']), first);
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const box = startTraceBox();
  const mesh = await step('Writing eight days of history of 15 services (promtool)', () =>
    makePast(folder, nowMs, { signal, watch: traced(box, tracedShare), coarselyMs, bygone: bygoneFault(nowMs) }),
  );
  const live = await step('Starting the mesh: its counters go on from there', () => serveMesh(mesh));
  stops.push(live.stop);
  const traces = await serveTraces(box);
  stops.push(traces.stop);
  const ports = { webhook: await freePort(), operations: await freePort() };
  const token = randomBytes(24).toString('hex');
  const webhook = `http://127.0.0.1:${ports.webhook}/webhooks/alertmanager`;
  const alertmanager = await step('Starting Alertmanager', () => startAlertmanager(folder, webhook, token, quiet, signal));
  stops.push(alertmanager.stop);
  const prometheus = await step('Starting Prometheus with the shipped alert rules', async () => {
    await fillIn(folder, mesh, nowMs, signal);
    return startPrometheus({
      folder,
      target: `127.0.0.1:${live.port}`,
      alertmanager: alertmanager.address,
      rules: demoRules(shippedRules()),
      log: quiet,
      signal,
    });
  });
  stops.push(prometheus.stop);
  const bot = await step('Starting Edgewise', () =>
    startBot(
      {
        ...botSettings(folder, token),
        PROMETHEUS_URL: prometheus.url,
        ALERTMANAGER_URL: alertmanager.url,
        TRACES_URL: traces.url,
        TRACES_STORE: 'zipkin',
        SLACK_API_URL: workspace.apiUrl,
        SLACK_BOT_TOKEN: workspace.botToken,
        SLACK_APP_TOKEN: workspace.appToken,
        SLACK_CHANNEL: channel,
      },
      ports,
      { signal },
    ),
  );
  stops.push(bot.stop);
  return { workspace, live, bot };
};
