import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readPayload } from './adapters/alertmanager/payload.ts';
import { systemClock } from './adapters/system/clock.ts';
import { jsonLog } from './adapters/system/log.ts';
import { ask } from './ask.ts';
import { type Command as CommandName, type Config, formatMistakes, readSettings } from './config.ts';
import { doctor } from './doctor.ts';
import type { Alert } from './domain/alert.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import { SourceError } from './domain/gathered.ts';
import type { Message } from './domain/message.ts';
import { openCharts, serve, settingsFrom } from './main.ts';
import type { Log } from './ports.ts';
import { openSources } from './sources.ts';
import { titleOf } from './stages/compose/header.ts';
import { reportJson } from './stages/compose/json.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import type { Setting } from './stages/compose/setting.ts';
import { spoken } from './stages/compose/spoken.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import { locate, measure } from './triage.ts';

const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** Ends with 2: the settings or the words are wrong, and what was wrong was said. */
class UsageError extends Error {}

const settingsFor = (command: CommandName): Config => {
  const read = readSettings(process.env, command);
  if (!read.ok) throw new UsageError(formatMistakes(read.mistakes));
  return read.config;
};

const quiet: Log = () => undefined;

const offlineSetting: Setting = {
  timeZone: 'UTC',
  linkHosts: [],
  grafanaUrl: null,
  serviceDashboardUid: null,
  controlPlaneDashboardUid: null,
  kialiUrl: null,
  owners: { callee: null, caller: null },
};

type Output = { readonly evidence: Evidence; readonly message: Message; readonly report: ReturnType<typeof reportJson> };

const outputOf = (evidence: Evidence, setting: Setting): Output => {
  const report = { evidence, diagnosis: diagnose(evidence) };
  const [lead] = evidence.alerts;
  if (!lead) throw new UsageError('the evidence holds no alert');
  const incident = open(
    {
      id: 'triage',
      workspace: '',
      cluster: evidence.cluster,
      key: subjectKey(evidence.subject, lead, ''),
      subject: evidence.subject,
      title: titleOf(report),
      channel: '',
    },
    lead,
    evidence.alerts,
    evidence.atMs,
  );
  return { evidence, message: root(report, setting, standingOf(incident)), report: reportJson(report) };
};

const writeOutput = async (
  folder: string,
  { evidence, message, report }: Output,
  config: Config | null,
  index: number,
): Promise<void> => {
  const name = (what: string): string => join(folder, index === 0 ? what : what.replace(/(\.\w+)$/, `-${index + 1}$1`));
  mkdirSync(folder, { recursive: true });
  writeFileSync(name('evidence.json'), `${JSON.stringify(evidence, null, 1)}\n`);
  writeFileSync(name('report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(name('slack.json'), `${JSON.stringify(message, null, 2)}\n`);
  const spec = hero({ evidence, diagnosis: diagnose(evidence) }, config?.timeZone ?? 'UTC');
  const { vegaRenderer } = await import('./adapters/vega/renderer.ts');
  if (spec === null) return;
  const charts =
    config === null
      ? await vegaRenderer({ environment: process.env, deadlineMs: 10_000 })
      : await openCharts(config, process.env, quiet);
  if (charts === null) return;
  const picture = await charts.draw(spec);
  writeFileSync(name('golden-signals.png'), picture.png);
  await charts.close();
};

const readBody = (file: string): string => (file === '-' ? readFileSync(0, 'utf8') : readFileSync(file, 'utf8'));

const moment = (text: string | undefined): number | null => {
  if (text === undefined) return null;
  const atMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(atMs))
    throw new UsageError(`--at ${text}: expected a time such as 2026-11-24T07:15:20Z, or seconds since 1970`);
  return atMs;
};

/** Alerts of one body by what they are about: each subject is one report. */
const triageBody = async (config: Config, text: string, atMs: number): Promise<readonly Evidence[]> => {
  const read = readPayload(text);
  if (!read.ok)
    throw new UsageError(
      `the body was refused: ${read.refusal.field} is ${read.refusal.given}; expected ${read.refusal.expected}`,
    );
  const sources = openSources(config, { clock: systemClock, onQuery: () => undefined });
  const [first] = sources;
  if (!first) throw new UsageError('no cluster is configured: set PROMETHEUS_URL');
  try {
    const cluster =
      sources.find(({ match }) => read.group.alerts.some(({ labels }) => labels[config.clusterLabel] === match))?.cluster ??
      first.cluster;
    const found = await Promise.all(
      read.group.alerts.map(async (alert) => ({ alert, found: await locate(cluster, alert, atMs) })),
    );
    const subjects = new Map<string, { readonly found: (typeof found)[number]['found']; readonly alerts: Alert[] }>();
    for (const { alert, found: one } of found) {
      const key = subjectKey(one.subject, alert, read.group.groupKey);
      const known = subjects.get(key) ?? { found: one, alerts: [] };
      known.alerts.push(alert);
      subjects.set(key, known);
    }
    return await Promise.all([...subjects.values()].map(({ found: one, alerts }) => measure(cluster, one, alerts, atMs)));
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

type TriageOptions = { readonly json?: boolean; readonly at?: string; readonly out?: string; readonly replay?: string };

const triageCommand = async (file: string | undefined, options: TriageOptions): Promise<void> => {
  const config = options.replay === undefined ? settingsFor('triage') : null;
  const evidences =
    options.replay !== undefined
      ? [JSON.parse(readFileSync(join(options.replay, 'evidence.json'), 'utf8')) as Evidence]
      : config === null || file === undefined
        ? []
        : await triageBody(config, readBody(file), moment(options.at) ?? Date.now());
  if (evidences.length === 0)
    throw new UsageError('nothing to triage: name a file with a webhook body, or - for standard input, or --replay FOLDER');
  const setting = config === null ? offlineSetting : settingsFrom(config)(null, '');
  const outputs = evidences.map((evidence) => outputOf(evidence, setting));
  for (const [index, output] of outputs.entries())
    if (options.out !== undefined) await writeOutput(options.out, output, config, index);
  if (options.json)
    print(JSON.stringify(outputs.length === 1 ? outputs[0]?.report : outputs.map(({ report }) => report), null, 2));
  else print(outputs.map(({ message }) => spoken(message)).join('\n\n'));
};

const rulesCommand = async (options: { readonly json?: boolean }): Promise<void> => {
  const config = settingsFor('rules');
  const sources = openSources(config, { clock: systemClock, onQuery: () => undefined });
  try {
    const all = await Promise.all(
      sources.map(async ({ cluster }) => ({
        cluster: cluster.name,
        rules: (await cluster.rules?.alerting({ signal: AbortSignal.timeout(10_000) })) ?? [],
      })),
    );
    if (options.json) return print(JSON.stringify(all, null, 2));
    for (const { cluster, rules } of all) {
      print(`${cluster}: ${rules.length} alert rules`);
      for (const { name, expression, forSeconds } of rules)
        print(`  ${name}${forSeconds ? ` (for ${forSeconds} s)` : ''}\n      ${expression.replace(/\s+/g, ' ')}`);
    }
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

const askCommand = async (words: readonly string[], options: { readonly json?: boolean }): Promise<void> => {
  const config = settingsFor('ask');
  const sources = openSources(config, { clock: systemClock, onQuery: () => undefined });
  try {
    const reply = await ask(
      { clusters: sources.map(({ cluster }) => cluster), clock: systemClock, charts: null, settingOf: settingsFrom(config) },
      words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' '),
    );
    if (options.json && reply.evidence !== null)
      return print(JSON.stringify(reportJson({ evidence: reply.evidence, diagnosis: diagnose(reply.evidence) }), null, 2));
    print(options.json ? JSON.stringify(reply.message, null, 2) : spoken(reply.message));
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

const serveCommand = async (): Promise<void> => {
  const config = settingsFor('serve');
  const log = jsonLog(config.logLevel, config.secrets);
  const running = await serve(config, process.env, log);
  const ended = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve());
  });
  process.on('unhandledRejection', (error) => log('error', 'unhandled rejection', { error }));
  await ended;
  log('info', 'stopping', {});
  await running.stop();
};

const program = new Command('edgewise')
  .description('The Slack incident bot for service meshes')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) });
program.command('serve').description('Receive alerts and post triage messages').action(serveCommand);
program
  .command('triage')
  .description('Run one webhook body through the same stages, and print the report without posting')
  .argument('[file]', 'a webhook body as JSON; - for standard input')
  .option('--json', 'print the report as JSON (docs/report.schema.json)')
  .option('--at <time>', 'the moment that counts as now')
  .option('--out <dir>', 'also write the Slack JSON, the picture and the evidence')
  .option('--replay <folder>', 'replay the evidence.json of a folder instead of asking')
  .action(triageCommand);
program.command('rules').description('List the alert rules that are read').option('--json', 'as JSON').action(rulesCommand);
program
  .command('doctor')
  .description('Check every configured source, what the queries need, and Slack')
  .action(async () => {
    const lines = await doctor(settingsFor('doctor'));
    for (const { mark, text, advice } of lines)
      print(
        `${{ ok: 'ok     ', warning: 'warning', failure: 'FAILURE' }[mark]}  ${text}${advice === null ? '' : `\n         → ${advice}`}`,
      );
    if (lines.some(({ mark }) => mark === 'failure')) process.exitCode = 1;
  });
for (const verb of ['stat', 'why']) {
  program
    .command(verb)
    .description(verb === 'stat' ? 'Success, requests and latency of edges, as /mesh stat' : 'Triage an edge now, as /mesh why')
    .argument('[words...]')
    .option('--json', 'as JSON')
    .allowUnknownOption()
    .action((words: readonly string[], options: { readonly json?: boolean }) =>
      askCommand([verb, ...words.filter((word) => word !== '--json')], options),
    );
}
program
  .command('demo')
  .description('The whole bot on real engines against a simulated mesh')
  .option('--scenario <name>', 'which fault to make')
  .option('--list', 'list the faults')
  .option('--once', 'exit when the message stands, after saving it')
  .option('--out <dir>', 'where --once saves', 'edgewise-demo')
  .option('--port <port>', 'port of the workspace page', '4180')
  .action(
    async (options: {
      readonly scenario?: string;
      readonly list?: boolean;
      readonly once?: boolean;
      readonly out: string;
      readonly port: string;
    }) => {
      const { demo } = await import('./demo/demo.ts');
      process.exitCode = await demo(options);
    },
  );

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const { code, exitCode } = error as { code?: string; exitCode?: number };
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof SourceError) process.stderr.write(`Edgewise cannot start: ${error.source} ${error.message}\n`);
  else if (!code?.startsWith('commander.')) process.stderr.write(`${(error as Error).stack}\n`);
  process.exitCode = error instanceof UsageError || code?.startsWith('commander.') ? (exitCode === 0 ? 0 : 2) : 1;
}
