import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../ports.ts';
import { startWorkspace, type Workspace } from '../workspace/workspace.ts';
import { freePort, startEngine } from './engine-process.ts';
import { type Scenario, scenarioNamed, scenarios } from './mesh/faults.ts';
import { serveMesh } from './mesh/server.ts';
import { demoRules, EngineMissing, makePast, shippedRules, startAlertmanager, startPrometheus } from './stack.ts';

export type DemoOptions = {
  readonly scenario?: string;
  readonly list?: boolean;
  readonly once?: boolean;
  readonly out: string;
  readonly port: string;
};

const channel = '#mesh-alerts';
const messageWithinMs = 150_000;
const pictureWithinMs = 20_000;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** "3/7 …" with the seconds it took. */
const steps = (total: number) => {
  let done = 0;
  return async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    done += 1;
    const startedMs = Date.now();
    process.stdout.write(`${done}/${total}  ${what} ... `);
    const result = await work();
    say(`${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  };
};

type Stops = (() => Promise<void>)[];

const quiet: Log = () => undefined;
const engineLog: Log = (level, event, fields) => {
  if (level !== 'debug') say(`\n      ${event}${fields?.['package'] ? ` (${String(fields['package'])})` : ''}`);
};

/** Starts everything real: engines, bot, workspace; `stops` knows how to end each, last started first. */
const startAll = async (folder: string, port: number, stops: Stops) => {
  const step = steps(6);
  const mesh = await step('Writing eight days of history of 15 services (promtool)', () =>
    makePast(folder, Math.floor(Date.now() / 1000) * 1000, engineLog),
  );
  const live = await step('Starting the mesh: its counters go on from there', () => serveMesh(mesh));
  stops.push(live.stop);
  const workspace = await step('Starting the Slack workspace', () =>
    startWorkspace({ port, channels: [channel, '#payments', '#general'] }),
  );
  stops.push(workspace.close);
  const [webhookPort, operationsPort] = [await freePort(), await freePort()];
  const token = randomBytes(24).toString('hex');
  const alertmanager = await step('Starting Alertmanager', () =>
    startAlertmanager(folder, `http://127.0.0.1:${webhookPort}/webhooks/alertmanager`, token, engineLog),
  );
  stops.push(alertmanager.stop);
  const prometheus = await step('Starting Prometheus with the shipped alert rules', () =>
    startPrometheus({
      folder,
      target: `127.0.0.1:${live.port}`,
      alertmanager: alertmanager.address,
      rules: demoRules(shippedRules()),
      log: quiet,
    }),
  );
  stops.push(prometheus.stop);
  const environment = {
    PROMETHEUS_URL: prometheus.url,
    ALERTMANAGER_URL: alertmanager.url,
    SLACK_API_URL: workspace.apiUrl,
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_CHANNEL: channel,
    WEBHOOK_TOKENS: token,
    LISTEN: `127.0.0.1:${webhookPort}`,
    OPS_LISTEN: `127.0.0.1:${operationsPort}`,
    DATA_DIR: join(folder, 'data'),
    CLUSTER: 'demo',
    TIME_ZONE: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    LOG_LEVEL: 'warn',
    CONFIG_FILE: '',
    DATABASE_URL: '',
  };
  const entry = fileURLToPath(new URL('../entry.cjs', import.meta.url));
  const bot = await step('Starting Edgewise', () =>
    startEngine(process.execPath, [entry, 'serve'], {
      name: 'edgewise',
      readyUrl: `http://127.0.0.1:${operationsPort}/readyz`,
      readyWithinMs: 60_000,
      environment,
      log: quiet,
    }),
  );
  stops.push(bot.stop);
  return { workspace, live };
};

const rootOf = (workspace: Workspace) =>
  workspace
    .messages(channel)
    .find(({ threadTs, ephemeralFor, blocks }) => threadTs === null && ephemeralFor === null && blocks.length > 0);

/** A verdict has come, not only the first words at 2.5 s. */
const isWhole = (workspace: Workspace): boolean => JSON.stringify(rootOf(workspace)?.blocks ?? []).includes('First check');

const pictureOf = (workspace: Workspace): string | undefined => workspace.messages(channel).flatMap(({ files }) => files)[0];

const save = (workspace: Workspace, out: string): void => {
  mkdirSync(out, { recursive: true });
  const root = rootOf(workspace);
  writeFileSync(
    join(out, 'message.json'),
    `${JSON.stringify({ text: root?.text, blocks: root?.blocks, thread: workspace.messages(channel).filter(({ threadTs }) => threadTs === root?.ts) }, null, 2)}\n`,
  );
  const file = workspace.file(pictureOf(workspace) ?? '');
  if (file) writeFileSync(join(out, 'golden-signals.png'), file.bytes);
};

const breakAndWait = async (
  workspace: Workspace,
  breakIt: () => void,
  scenario: Scenario,
  stopped: Promise<void>,
): Promise<boolean> => {
  say(`\nThe mesh is healthy. In 15 s it breaks: ${scenario.says}.`);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, 15_000)), stopped]);
  breakIt();
  const startedMs = Date.now();
  say('Broken. Prometheus scrapes, the rule fires, Alertmanager calls, Edgewise answers ...');
  const found = await Promise.race([workspace.until(() => isWhole(workspace), messageWithinMs), stopped.then(() => false)]);
  if (!found) return false;
  await workspace.until(() => pictureOf(workspace) !== undefined, pictureWithinMs);
  say(
    `\nAfter ${((Date.now() - startedMs) / 1000).toFixed(0)} s:\n\n    ${(rootOf(workspace)?.text ?? '').replaceAll('\n', '\n    ')}\n`,
  );
  return true;
};

const chosen = (name: string | undefined): Scenario | null => (name === undefined ? (scenarios[0] ?? null) : scenarioNamed(name));

/** The whole bot on real engines against a simulated mesh. Gives the exit code; leaves nothing running and nothing behind. */
export const demo = async (options: DemoOptions): Promise<number> => {
  if (options.list) {
    for (const { name, says } of scenarios) say(`${name.padEnd(20)} ${says}`);
    return 0;
  }
  const scenario = chosen(options.scenario);
  if (scenario === null) {
    process.stderr.write(
      `There is no scenario ${options.scenario}; there are: ${scenarios.map(({ name }) => name).join(', ')}\n`,
    );
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-demo-'));
  const stops: Stops = [];
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  try {
    const { workspace, live } = await startAll(folder, options.once ? 0 : Number(options.port), stops);
    say(`\nOpen ${workspace.url} to watch.`);
    const stands = await breakAndWait(workspace, () => live.breakIt(scenario), scenario, stopped);
    if (options.once) {
      if (stands) save(workspace, options.out);
      say(stands ? `Saved in ${options.out}: message.json, golden-signals.png` : 'No message came.');
      return stands ? 0 : 1;
    }
    say(`Open ${workspace.url}; try \`/mesh why checkout → payments\` or \`/mesh stat\` there. Ctrl-C ends everything.`);
    await stopped;
    return 0;
  } catch (error) {
    process.stderr.write(
      `\n${error instanceof EngineMissing ? `The demo needs a real engine: ${error.message}` : String((error as Error).stack)}\n`,
    );
    return 1;
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
};
