import { writeFileSync } from 'node:fs';
import { sloTexts } from '../adapters/slo/files.ts';
import type { SloFiles } from '../adapters/slo/found.ts';
import { readSloFiles } from '../adapters/slo/read-files.ts';
import { ruleFileText } from '../adapters/slo/rule-file.ts';
import type { Config } from '../config.ts';
import { dialects, renamed } from '../dialects/index.ts';
import type { RuleFile } from '../domain/slo/rule-file.ts';
import type { Slo } from '../domain/slo.ts';
import { burnRules, type RulePlace } from '../stages/budget/burn-rules.ts';
import { refusalText } from './slo.ts';
import { print, UsageError } from './usage.ts';

type RulesOptions = { readonly out?: string; readonly kubernetes?: boolean; readonly cluster?: string };

/** On top of every file: whoever mends a rule by hand loses it. */
export const ruleFileHead =
  'Made by `edgewise slo rules` from the definitions of the objectives: change those, and make it again.';

/** Whose rules are made: a Prometheus evaluates those of its own cluster only. Null: there is one cluster, and nobody names it. */
const clusterOf = ({ clusters }: Config, slos: readonly Slo[], asked: string | undefined): string | null => {
  const names = [...new Set([...clusters.map(({ name }) => name), ...slos.flatMap(({ cluster }) => cluster ?? [])])];
  if (asked !== undefined && !names.includes(asked))
    throw new UsageError(`--cluster ${asked}: expected one of the clusters: ${names.join(', ') || 'none is named'}`);
  if (asked === undefined && names.length > 1)
    throw new UsageError(`--cluster is missing: the rules of each cluster go to its own Prometheus (${names.join(', ')})`);
  return asked ?? names[0] ?? null;
};

const placeOf = (cluster: string | null, { clusters, sloSettings }: Config): RulePlace => {
  const known = clusters.find(({ name }) => name === cluster);
  return known === undefined
    ? { dialect: dialects[sloSettings.meshOf(cluster)], pins: [] }
    : { dialect: renamed(dialects[known.mesh], known.renames), pins: known.pinned };
};

/** With what the reading of the files refused and told, so that no objective is left out in silence. */
const ruleFileOf = (config: Config, { slos, refused, notices }: SloFiles, asked: string | undefined): RuleFile => {
  const cluster = clusterOf(config, slos, asked);
  const home = config.clusters[0]?.name ?? cluster;
  const own = slos.filter((slo) => (slo.cluster ?? home) === cluster);
  const made = burnRules(own, placeOf(cluster, config));
  const said = notices.filter(({ name }) => own.some((slo) => slo.name === name));
  return {
    groups: made.groups,
    refused: [...refused.map((one) => ({ name: one.name ?? one.file, reason: refusalText(one) })), ...made.refused],
    notices: [...said.map(({ file, name, text }) => ({ name: name ?? file, text })), ...made.notices],
  };
};

/** What the command line names, else what the settings do. */
const objectivesOf = (config: Config, files: readonly string[]): SloFiles => {
  if (files.length === 0) return config.objectives;
  const { texts, refused } = sloTexts(files);
  const read = readSloFiles(texts, config.sloSettings);
  return { ...read, refused: [...refused, ...read.refused] };
};

const write = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--out ${file} cannot be written (${(error as { readonly code?: string }).code ?? 'unknown'})`);
  }
};

/** `edgewise slo rules [FILE…]`: alerts on the burn of the objectives, for Prometheus. Ends with 1 where some objective has none. */
export const sloRulesCommand = (
  config: Config,
  files: readonly string[],
  { out, kubernetes = false, cluster }: RulesOptions,
): void => {
  const file = ruleFileOf(config, objectivesOf(config, files), cluster);
  if (file.groups.length + file.refused.length === 0)
    throw new UsageError('there are no objectives: name files with some here or in SLO_FILES');
  const text = ruleFileText(file, ruleFileHead, kubernetes);
  if (out === undefined) print(text);
  else write(out, text);
  for (const { name, reason } of file.refused) process.stderr.write(`without rules: ${name}: ${reason}\n`);
  if (file.refused.length > 0) process.exitCode = 1;
};
