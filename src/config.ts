import { existsSync, readFileSync } from 'node:fs';
import { assemble, type Environment, type Values } from './config/assemble.ts';
import { type Command, entries } from './config/entries.ts';
import { readFileConfig } from './config/file.ts';
import { distance, type Mistake, masked } from './config/mistakes.ts';
import type { Config } from './config/shape.ts';

export type { Command } from './config/entries.ts';
export { formatMistakes, type Mistake } from './config/mistakes.ts';
export type { ClusterConfig, Config, SourceConfig } from './config/shape.ts';

/** Back ends that want signatures or OAuth, and the bridge that gives them. */
const bridges: readonly (readonly [RegExp, string])[] = [
  [/(^|\.)aps-workspaces\..*\.amazonaws\.com$/, 'Amazon Managed Prometheus needs SigV4: run aws-sigv4-proxy and point to it'],
  [
    /\.prometheus\.monitor\.azure\.com$/,
    'Azure Monitor needs OAuth: run its authentication proxy (aad-auth-proxy) and point to it',
  ],
  [
    /(^|\.)monitoring\.googleapis\.com$/,
    'Google Managed Prometheus needs OAuth: run its frontend (prometheus-engine/frontend) and point to it',
  ],
];

const bridgeMistake = (name: string, url: string): readonly Mistake[] => {
  const found = bridges.find(([host]) => host.test(new URL(url).hostname));
  return found ? [{ name, given: JSON.stringify(url), expected: found[1], example: null }] : [];
};

/** A value, or the content of the file that NAME_FILE names. */
const settingValue = (
  env: Environment,
  name: string,
  isSecret: boolean,
): { readonly value: string | null; readonly mistake: Mistake | null } => {
  const direct = env[name];
  const file = isSecret ? env[`${name}_FILE`] : undefined;
  if (direct !== undefined && direct !== '')
    return {
      value: direct,
      mistake:
        file === undefined ? null : { name, given: 'set twice', expected: `either ${name} or ${name}_FILE`, example: null },
    };
  if (file === undefined || file === '') return { value: null, mistake: null };
  if (!existsSync(file))
    return {
      value: null,
      mistake: {
        name: `${name}_FILE`,
        given: JSON.stringify(file),
        expected: 'a file that can be read',
        example: `/etc/edgewise/${name.toLowerCase()}`,
      },
    };
  return { value: readFileSync(file, 'utf8').trim(), mistake: null };
};

const typos = (env: Environment): readonly Mistake[] => {
  const known = entries.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
  return Object.keys(env)
    .filter(
      (name) => !known.includes(name) && /^(PROMETHEUS|SLACK|WEBHOOK|ALERTMANAGER|RULES|DATABASE|GRAFANA|KIALI)_/.test(name),
    )
    .flatMap((name) => {
      const near = known.find((candidate) => distance(name, candidate) <= 2);
      return near === undefined ? [] : [{ name, given: 'not a setting', expected: `did you mean ${near}?`, example: null }];
    });
};

const readEntries = (
  env: Environment,
  command: Command,
  hasFileClusters: boolean,
): { readonly values: Values; readonly mistakes: readonly Mistake[]; readonly secrets: readonly string[] } => {
  const values = new Map<string, unknown>();
  const mistakes: Mistake[] = [...typos(env)];
  const secrets: string[] = [];
  for (const { name, schema, expected, example, fallback, isSecret, neededBy } of entries) {
    const { value, mistake } = settingValue(env, name, isSecret);
    if (mistake) mistakes.push(mistake);
    const text = value ?? fallback;
    if (text === null) {
      const isNeeded = neededBy.includes(command) && !(name === 'PROMETHEUS_URL' && hasFileClusters);
      if (isNeeded && mistake === null) mistakes.push({ name, given: null, expected, example });
      continue;
    }
    const parsed = schema.safeParse(text);
    if (parsed.success) values.set(name, parsed.data);
    else mistakes.push({ name, given: masked(text, isSecret), expected, example });
    if (isSecret && value !== null) secrets.push(...value.split(/[,\s]+/));
  }
  return { values, mistakes, secrets };
};

const crossMistakes = (config: Config): readonly Mistake[] => [
  ...config.clusters.flatMap(({ prometheus, rules, alertmanager }) => [
    ...bridgeMistake('PROMETHEUS_URL', prometheus.url),
    ...(rules.url === prometheus.url ? [] : bridgeMistake('RULES_URL', rules.url)),
    ...(alertmanager ? bridgeMistake('ALERTMANAGER_URL', alertmanager.url) : []),
  ]),
];

/** Reads every setting that `command` uses; all mistakes at once. */
export const readSettings = (
  env: Environment,
  command: Command,
): { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly mistakes: readonly Mistake[] } => {
  const path = env['CONFIG_FILE'];
  const isMissing = path !== undefined && path !== '' && !existsSync(path);
  const read = path === undefined || path === '' || isMissing ? null : readFileConfig(readFileSync(path, 'utf8'));
  const file = read?.ok ? read.file : null;
  const { values, mistakes, secrets } = readEntries(env, command, file?.clusters !== undefined);
  const all = [
    ...mistakes,
    ...(isMissing
      ? [
          {
            name: 'CONFIG_FILE',
            given: JSON.stringify(path),
            expected: 'a file that can be read',
            example: '/etc/edgewise/edgewise.yaml',
          },
        ]
      : []),
    ...(read && !read.ok ? read.mistakes : []),
  ];
  if (all.length > 0) return { ok: false, mistakes: all };
  const config = assemble(values, file, env, secrets);
  const cross = crossMistakes(config);
  return cross.length > 0 ? { ok: false, mistakes: cross } : { ok: true, config };
};
