import type { z } from 'zod';
import type { dialects } from '../../dialects/index.ts';
import { masked } from '../../domain/masked.ts';
import { nearOf } from '../../domain/near.ts';
import type { Slo, SloOrigin } from '../../domain/slo.ts';

type SloFormat = SloOrigin['format'];

/** What was not understood, in the words of the one who may mend it. */
export type Refusal = {
  /** Null: what format the file is in is not known. */
  readonly format: SloFormat | null;
  readonly file: string;
  /** Of the objective, or of what else the file calls it; null: the whole file. */
  readonly name: string | null;
  readonly field: string;
  /** Null: it is missing. */
  readonly given: string | null;
  readonly expected: string;
};

/** Something about an objective that was understood, which its owner should know. */
export type Notice = { readonly file: string; readonly name: string | null; readonly text: string };

/** What files define. */
export type SloFiles = {
  readonly slos: readonly Slo[];
  readonly refused: readonly Refusal[];
  readonly notices: readonly Notice[];
};

/** What a file alone does not say. */
export type SloSettings = {
  /** Sloth's period, a flag of its own (`--default-slo-period`). */
  readonly slothPeriodDays: number;
  /** Which mesh a cluster runs; null: the only or first. */
  readonly meshOf: (cluster: string | null) => keyof typeof dialects;
};

/** Where a reader puts what it found of one file. */
export type Found = { readonly slos: Slo[]; readonly refused: Refusal[]; readonly notices: Notice[] };

/** Speaks of one objective of one file. */
export type Teller = {
  readonly file: string;
  /** Always null, so that a reader can end with it. */
  readonly refuse: (field: string, given: unknown, expected: string) => null;
  readonly notice: (text: string) => void;
};

const said = Symbol('said');

/** What was given, in our own words instead of the file's. */
export const inWords = (words: string): { readonly [said]: string } => ({ [said]: words });

/** YAML writes any character as an escape: nothing that is shown of a file may turn its line, or be obeyed by a terminal. */
const printable = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);

/** What a file calls something. */
const label = (text: string): string => printable(text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** Looking for secrets in longer ones takes too long. */
const longestShown = 2000;

/** A value as it may be shown; structures by their kind. */
const shown = (value: unknown): string | null => {
  if (typeof value === 'object' && value !== null && said in value) return String(value[said]);
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = String(value);
  return text.length > longestShown ? `${text.length} characters` : printable(masked(text, false));
};

export const tellerOf = (found: Found, format: SloFormat | null, file: string, name: string | null): Teller => {
  const own = name === null ? null : label(name);
  return {
    file,
    refuse: (field, given, expected) => {
      found.refused.push({ format, file, name: own, field: label(field), given: shown(given), expected });
      return null;
    },
    notice: (text) => {
      found.notices.push({ file, name: own, text: printable(text) });
    },
  };
};

/** The fields of a mapping of YAML; none of anything else. */
export const fieldsOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []);

/** What stands at a path of keys. */
export const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inside, key) => (Array.isArray(inside) ? inside[Number(key)] : fieldsOf(inside).get(String(key))), value);

/** A text there, null where it is none or empty. */
export const textAt = (value: unknown, ...path: readonly PropertyKey[]): string | null => {
  const text = valueAt(value, path);
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : null;
};

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text === '' ? '' : '.'}${String(key)}`),
    '',
  );

/** What was meant by a key that is none of ours; `meant` knows words of other tools and places. */
const intended = (key: string, known: readonly string[], meant: Readonly<Record<string, string>>): string => {
  if (Object.hasOwn(meant, key)) return `${meant[key]}; did you mean that?`;
  // `availability: 99,9` between braces: the comma ends the value.
  if (/^\d+$/.test(key)) return 'a point before decimals, such as 99.9';
  const [near] = nearOf(key, known, 1);
  return near === undefined ? 'it not to be there' : `${near}; did you mean that?`;
};

/** Checks a shape; each issue becomes a refusal, keys that are none of ours with the one that was meant. */
export const shaped = <T>(
  teller: Teller,
  schema: z.ZodType<T>,
  value: unknown,
  known: readonly string[],
  meant: Readonly<Record<string, string>> = {},
): T | null => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const { path } = issue;
    if (issue.code !== 'unrecognized_keys') teller.refuse(pathText(path), valueAt(value, path), issue.message);
    else
      for (const key of issue.keys)
        teller.refuse(pathText([...path, key]), inWords('no field of this format'), intended(key, known, meant));
  }
  return null;
};
