import { accessSync, constants, readFileSync } from 'node:fs';
import { entries } from './entries.ts';
import type { Command, Entry } from './entry.ts';
import { file } from './kinds.ts';
import { type Mistake, masked, nearest } from './mistakes.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Checked values by the name of their setting. */
export type Values = ReadonlyMap<string, unknown>;

/** What is set, and not to nothing: an empty value is an unset one, as in a compose file. Proxies are also known in lower case. */
export const given = (env: Environment, name: string): string | null => {
  const value = (Object.hasOwn(env, name) ? env[name] : undefined)?.trim() ?? '';
  if (value !== '') return value;
  return /_PROXY$/.test(name) ? given(env, name.toLowerCase()) : null;
};

export const canRead = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** The trimmed text of a file, or null where it cannot be read. */
export const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
};

type Found = { readonly value: string | null; readonly mistakes: readonly Mistake[] };

/** A value, or the content of the file that NAME_FILE names. */
const find = (env: Environment, { name, isSecret }: Entry): Found => {
  const direct = given(env, name);
  const path = isSecret ? given(env, `${name}_FILE`) : null;
  if (path === null) return { value: direct, mistakes: [] };
  if (direct !== null) {
    const both = { name: `${name} and ${name}_FILE`, given: 'set both', expected: 'only one of the two', example: null };
    return { value: null, mistakes: [both] };
  }
  const value = textOf(path);
  if (value !== null && value !== '') return { value, mistakes: [] };
  const what = value === null ? 'a file that can be read' : 'a file with something in it';
  const example = `/etc/edgewise/${name.toLowerCase().replaceAll('_', '-')}`;
  return { value: null, mistakes: [{ name: `${name}_FILE`, given: masked(path, false), expected: what, example }] };
};

const known: readonly string[] = entries.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
const families =
  /^(PROMETHEUS|RULES|ALERTMANAGER|GRAFANA|KIALI|TRACES|EXEMPLAR|KUBERNETES|SLACK|WEBHOOK|DATABASE|SILENCE|SLO|SLOTH)_/;
/** What Kubernetes puts into every pod beside a service called prometheus or grafana. */
const serviceLink = /_(PORT|SERVICE_HOST|SERVICE_PORT)(_|$)/;

/** Names that look like one of ours and are not: of our families, or too long to be alike by chance. */
const typos = (env: Environment): readonly Mistake[] =>
  Object.keys(env)
    .filter((name) => !known.includes(name) && !serviceLink.test(name) && (families.test(name) || name.length >= 10))
    .sort()
    .flatMap((name) => {
      const near = nearest(name, known);
      return near === null || given(env, name) === null || given(env, near) !== null
        ? []
        : [{ name, given: 'not a setting', expected: `${near}; did you mean that?`, example: null }];
    });

type Read = {
  readonly values: Values;
  readonly mistakes: readonly Mistake[];
};

/** Reads every setting that `command` looks at. `isGivenElsewhere` names what the YAML file says instead. */
export const readValues = (env: Environment, command: Command, isGivenElsewhere: (name: string) => boolean): Read => {
  const values = new Map<string, unknown>();
  const mistakes: Mistake[] = [...typos(env)];
  for (const entry of entries.filter(({ usedBy }) => usedBy.includes(command))) {
    const { name, kind, example, fallback, isSecret, neededBy } = entry;
    const found = find(env, entry);
    mistakes.push(...found.mistakes);
    const text = found.value ?? fallback;
    if (text === null) {
      if (neededBy.includes(command) && !isGivenElsewhere(name) && found.mistakes.length === 0)
        mistakes.push({ name, given: null, expected: kind.expected, example });
      continue;
    }
    const parsed = kind.schema.safeParse(text);
    if (parsed.success && (kind !== file || canRead(text))) values.set(name, parsed.data);
    else mistakes.push({ name, given: masked(text, isSecret), expected: kind.expected, example });
  }
  return { values, mistakes };
};
