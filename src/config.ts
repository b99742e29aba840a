import { readFileSync } from 'node:fs';
import { assemble } from './config/assemble.ts';
import type { Command } from './config/entry.ts';
import { type FileConfig, readFileConfig } from './config/file.ts';
import { type Mistake, masked } from './config/mistakes.ts';
import { readObjectives } from './config/objectives.ts';
import { secretsOf } from './config/secrets.ts';
import type { Config } from './config/shape.ts';
import { mistakesTogether } from './config/together.ts';
import { canRead, type Environment, given, readValues } from './config/values.ts';

export type { Command } from './config/entry.ts';
export { formatMistakes } from './config/mistakes.ts';
export type { ClusterConfig, Config, SourceConfig } from './config/shape.ts';

type ReadFile = { readonly file: FileConfig | null; readonly mistakes: readonly Mistake[] };

const readYaml = (env: Environment): ReadFile => {
  const path = given(env, 'CONFIG_FILE');
  if (path === null) return { file: null, mistakes: [] };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    const mistake = {
      name: 'CONFIG_FILE',
      given: masked(path, false),
      expected: 'a file that can be read',
      example: '/etc/edgewise/edgewise.yaml',
    };
    return { file: null, mistakes: [mistake] };
  }
  const read = readFileConfig(text, canRead);
  return read.ok ? { file: read.file, mistakes: [] } : { file: null, mistakes: read.mistakes };
};

/** Reads every setting that `command` uses, from variables and the YAML file that CONFIG_FILE names; all mistakes at once. */
export const readSettings = (
  env: Environment,
  command: Command,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly mistakes: readonly Mistake[] } => {
  const { file, mistakes: fileMistakes } = readYaml(env);
  const { values, mistakes } = readValues(
    env,
    command,
    (name) =>
      // A file that cannot be read may well have said it: one mistake, not two.
      (name === 'PROMETHEUS_URL' && command === 'rules' && given(env, 'RULES_URL') !== null) ||
      (name === 'PROMETHEUS_URL' && (file?.clusters !== undefined || fileMistakes.length > 0)) ||
      (name === 'SLACK_BOT_TOKEN' && given(env, 'SLACK_CLIENT_ID') !== null) ||
      (name === 'SLACK_CHANNEL' && (file?.routing?.default !== undefined || fileMistakes.length > 0)),
  );
  const refused = new Set(mistakes.map(({ name }) => name));
  const { objectives, mistakes: sloMistakes } = readObjectives(values, file);
  const all = [...mistakes, ...fileMistakes, ...mistakesTogether(values, file, command, refused), ...sloMistakes];
  return all.length > 0
    ? { ok: false, mistakes: all }
    : { ok: true, config: { ...assemble(values, file, env, command, secretsOf(env, file)), objectives } };
};

/** Every secret of the settings, also where they are wrong otherwise: for what is said of a failure. */
export const secretsIn = (env: Environment): readonly string[] => secretsOf(env, readYaml(env).file);
