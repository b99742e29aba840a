import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPayload } from './adapters/alertmanager/payload.ts';
import { systemClock } from './adapters/system/clock.ts';
import { vegaRenderer } from './adapters/vega/renderer.ts';
import { type Command as CommandName, type Config, formatMistakes, readSettings } from './config.ts';
import type { Alert } from './domain/alert.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Message } from './domain/message.ts';
import { locate } from './locate.ts';
import { openSources } from './sources.ts';
import { titleOf } from './stages/compose/header.ts';
import { reportJson } from './stages/compose/json.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import type { Setting } from './stages/compose/setting.ts';
import { spoken } from './stages/compose/spoken.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import { measure } from './triage.ts';
import { openCharts, settingsFrom } from './wiring.ts';

/** Writes to standard output, ended by one line break. */
export const print = (text: string): void => {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
};

/** Ends with 2: the settings or the words are wrong, and what was wrong was said. */
export class UsageError extends Error {}

/** Checked settings of one command, or a `UsageError` with every mistake. */
export const settingsFor = (command: CommandName): Config => {
  const read = readSettings(process.env, command);
  if (!read.ok) throw new UsageError(formatMistakes(read.mistakes));
  return read.config;
};

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
  if (spec === null) return;
  const charts =
    config === null
      ? await vegaRenderer({ environment: process.env, deadlineMs: 10_000 })
      : await openCharts(config, process.env, () => undefined);
  if (charts === null) return;
  const picture = await charts.draw(spec);
  writeFileSync(name('golden-signals.png'), picture.png);
  await charts.close();
};

/** The text of a file that the command line names, or a `UsageError`. */
const readNamed = (file: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as { code?: string }).code ?? 'unknown'})`);
  }
};

/** Evidence that `--out` saved before. */
const readEvidence = (folder: string): Evidence => {
  const file = join(folder, 'evidence.json');
  const text = readNamed(file);
  try {
    return JSON.parse(text) as Evidence;
  } catch {
    throw new UsageError(`${file} is not JSON`);
  }
};

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

/** `edgewise triage` */
export const triageCommand = async (file: string | undefined, options: TriageOptions): Promise<void> => {
  const config = options.replay === undefined ? settingsFor('triage') : null;
  const evidences =
    options.replay !== undefined
      ? [readEvidence(options.replay)]
      : config === null || file === undefined
        ? []
        : await triageBody(config, readNamed(file), moment(options.at) ?? Date.now());
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
