import { systemClock } from './adapters/system/clock.ts';
import { offlineSetting } from './answer.ts';
import { openFolder, readBody, readEvidence, readMoment, readNamed } from './commands/inputs.ts';
import { type Output, outputOf, withReport, writeOutput } from './commands/output.ts';
import { replayFolder } from './commands/replayed.ts';
import { print, UsageError } from './commands/usage.ts';
import { type Command as CommandName, type Config, formatMistakes, readSettings } from './config.ts';
import { edgeOf } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import { hasRecording } from './recording/folder.ts';
import { clusterNamed, clusterOfAlert, openSources, uncounted } from './sources.ts';
import { spoken } from './stages/compose/spoken.ts';
import { triageGroup } from './triage-group.ts';
import { settingsFrom } from './wiring.ts';

/** Checked settings of one command, or a `UsageError` with every mistake. */
export const settingsFor = (command: CommandName): Config => {
  const read = readSettings(process.env, command);
  if (!read.ok) throw new UsageError(formatMistakes(read.mistakes));
  return read.config;
};

/** One body at the configured clusters. */
const triageBody = async (config: Config, text: string, atMs: number): Promise<readonly Output[]> => {
  const group = readBody(text);
  const sources = openSources(config, { clock: systemClock, ...uncounted });
  if (sources.length === 0) throw new UsageError('no cluster is configured: set PROMETHEUS_URL');
  const settingOf = settingsFrom(config);
  try {
    const nameOf = clusterOfAlert(config, sources);
    const evidences = await triageGroup(group, (alert) => clusterNamed(sources, nameOf(alert)), atMs);
    return evidences.map((evidence) => outputOf(evidence, settingOf(edgeOf(evidence.subject), evidence.cluster)));
  } finally {
    await Promise.all(sources.map(({ close }) => close()));
  }
};

type TriageOptions = { readonly json?: boolean; readonly at?: string; readonly out?: string; readonly replay?: string };

/** Evidence comes from a file that somebody may have cut or edited: what breaks on it is told as its damage. */
const replayedEvidence = (evidence: Evidence): Output => {
  try {
    return outputOf(evidence, offlineSetting);
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

/** A recording goes through every stage again, evidence only through those that ask nothing. */
const replayed = async (folder: string): Promise<readonly Output[]> =>
  hasRecording(folder) ? (await replayFolder(folder)).map(withReport) : [replayedEvidence(readEvidence(folder))];

/** `edgewise triage` */
export const triageCommand = async (file: string | undefined, options: TriageOptions): Promise<void> => {
  checkWords(file, options);
  const atMs = readMoment(options.at);
  const config = options.replay === undefined ? settingsFor('triage') : null;
  const folder = options.out === undefined ? null : openFolder(options.out);
  const outputs =
    config === null
      ? await replayed(options.replay ?? '')
      : await triageBody(config, readNamed(file ?? '-'), atMs ?? systemClock.nowMs());
  if (folder !== null) for (const [index, output] of outputs.entries()) await writeOutput(folder, output, config, index);
  if (options.json)
    print(JSON.stringify(outputs.length === 1 ? outputs[0]?.report : outputs.map(({ report }) => report), null, 2));
  else print(outputs.map(({ message }) => spoken(message)).join('\n\n'));
};
