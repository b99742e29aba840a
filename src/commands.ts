import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from './adapters/system/clock.ts';
import { vegaRenderer } from './adapters/vega/renderer.ts';
import { openFolder, readBody, readEvidence, readMoment, readNamed } from './commands/inputs.ts';
import { print, UsageError } from './commands/usage.ts';
import { type Command as CommandName, type Config, formatMistakes, readSettings } from './config.ts';
import type { Alert } from './domain/alert.ts';
import { edgeOf } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Message } from './domain/message.ts';
import type { Cluster, Found } from './inquiry.ts';
import { locate } from './locate.ts';
import { clusterNamed, clusterOfAlert, openSources } from './sources.ts';
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

/** Text never fails for want of a picture. */
const pictureOf = async ({ evidence }: Output, config: Config | null): Promise<Uint8Array | null> => {
  const spec = hero({ evidence, diagnosis: diagnose(evidence) }, config?.timeZone ?? 'UTC');
  if (spec === null) return null;
  const withoutPicture = (error: unknown): null => {
    process.stderr.write(`no picture: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  };
  const charts =
    config === null
      ? await vegaRenderer({ environment: process.env, deadlineMs: 10_000 }).catch(withoutPicture)
      : await openCharts(config, process.env, (_level, _event, fields) => withoutPicture(fields?.['error']));
  if (charts === null) return null;
  const picture = await charts.draw(spec).catch(withoutPicture);
  await charts.close();
  return picture?.png ?? null;
};

const writeOutput = async (folder: string, output: Output, config: Config | null, index: number): Promise<void> => {
  const { evidence, message, report } = output;
  const write = (what: string, content: string | Uint8Array): void => {
    const name = index === 0 ? what : what.replace(/(\.\w+)$/, `-${index + 1}$1`);
    try {
      writeFileSync(join(folder, name), content);
    } catch (error) {
      throw new UsageError(`--out ${folder}: ${name} cannot be written (${(error as { code?: string }).code ?? 'unknown'})`);
    }
  };
  write('evidence.json', `${JSON.stringify(evidence, null, 1)}\n`);
  write('report.json', `${JSON.stringify(report, null, 2)}\n`);
  write('slack.json', `${JSON.stringify(message, null, 2)}\n`);
  const png = await pictureOf(output, config);
  if (png !== null) write('golden-signals.png', png);
};

/** Alerts of one body by what they are about, each asked about at its own cluster: each subject is one report. */
const triageBody = async (config: Config, text: string, atMs: number): Promise<readonly Evidence[]> => {
  const group = readBody(text);
  const sources = openSources(config, { clock: systemClock, onQuery: () => undefined });
  if (sources.length === 0) throw new UsageError('no cluster is configured: set PROMETHEUS_URL');
  try {
    const nameOf = clusterOfAlert(config, sources);
    const found = await Promise.all(
      group.alerts.map(async (alert) => {
        const cluster = clusterNamed(sources, nameOf(alert));
        return { alert, cluster, one: await locate(cluster, alert, atMs) };
      }),
    );
    const subjects = new Map<string, { readonly cluster: Cluster; readonly one: Found; readonly alerts: Alert[] }>();
    for (const { alert, cluster, one } of found) {
      const key = JSON.stringify([cluster.name, subjectKey(one.subject, alert, group.groupKey)]);
      const known = subjects.get(key) ?? { cluster, one, alerts: [] };
      known.alerts.push(alert);
      subjects.set(key, known);
    }
    return await Promise.all([...subjects.values()].map(({ cluster, one, alerts }) => measure(cluster, one, alerts, atMs)));
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

type TriageOptions = { readonly json?: boolean; readonly at?: string; readonly out?: string; readonly replay?: string };

/** Evidence comes from a file that somebody may have cut or edited: what breaks on it is told as its damage. */
const replayed =
  (made: (evidence: Evidence) => Output) =>
  (evidence: Evidence): Output => {
    try {
      return made(evidence);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`the evidence is damaged inside: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

/** What the words mean together, before anything is asked. */
const checkWords = (file: string | undefined, { replay, at }: TriageOptions): void => {
  if (file === undefined && replay === undefined)
    throw new UsageError('nothing to triage: name a file with a webhook body, or - for standard input, or --replay FOLDER');
  if (file !== undefined && replay !== undefined)
    throw new UsageError(`either ${file} or --replay ${replay}: evidence holds its alerts already`);
  if (at !== undefined && replay !== undefined) throw new UsageError('--at and --replay: evidence holds its own clock');
};

/** `edgewise triage` */
export const triageCommand = async (file: string | undefined, options: TriageOptions): Promise<void> => {
  checkWords(file, options);
  const atMs = readMoment(options.at);
  const config = options.replay === undefined ? settingsFor('triage') : null;
  const folder = options.out === undefined ? null : openFolder(options.out);
  const evidences =
    config === null
      ? [readEvidence(options.replay ?? '')]
      : await triageBody(config, readNamed(file ?? '-'), atMs ?? systemClock.nowMs());
  const settingOf = config === null ? () => offlineSetting : settingsFrom(config);
  const made = (evidence: Evidence): Output => outputOf(evidence, settingOf(edgeOf(evidence.subject), evidence.cluster));
  const outputs = evidences.map(config === null ? replayed(made) : made);
  if (folder !== null) for (const [index, output] of outputs.entries()) await writeOutput(folder, output, config, index);
  if (options.json)
    print(JSON.stringify(outputs.length === 1 ? outputs[0]?.report : outputs.map(({ report }) => report), null, 2));
  else print(outputs.map(({ message }) => spoken(message)).join('\n\n'));
};
