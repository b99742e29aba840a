import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type FileConfig, fileKeys, fileSchema } from './file-schema.ts';
import { type Mistake, masked, nearest } from './mistakes.ts';

export type { FileConfig, FileSource, FileTraces } from './file-schema.ts';

type Result = { readonly ok: true; readonly file: FileConfig } | { readonly ok: false; readonly mistakes: readonly Mistake[] };
type Path = readonly PropertyKey[];
type Source = { readonly document: Document; readonly lines: LineCounter };

/** 1 MiB of YAML is thousands of clusters; more is not ours. */
const maxCharacters = 1_048_576;

const whole = (expected: string, line: number | null = null): Result => ({
  ok: false,
  mistakes: [{ name: `CONFIG_FILE${line === null ? '' : ` line ${line}`}`, given: 'not usable', expected, example: null }],
});

const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`),
    '',
  );

/** Where a path begins in the text: the key where there is one, else the node that holds it. */
const lineOf = ({ document, lines }: Source, path: Path): number | null => {
  for (let length = path.length; length >= 0; length -= 1) {
    const parent: unknown =
      length === 0 ? null : length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    const node: unknown = pair ? pair.key : length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return null;
};

const named = (source: Source, path: Path): string => {
  const line = lineOf(source, path);
  return `CONFIG_FILE${line === null ? '' : ` line ${line}`}${path.length === 0 ? '' : `, ${pathText(path)}`}`;
};

/** What stands there, when it is a plain value; structures are named by their kind. */
const shown = (value: unknown): string | null => {
  if (value === undefined) return null;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  return typeof value === 'string' ? masked(value, false) : String(value);
};

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inside, part) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, part)
        ? (inside as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );

const secretNames = fileKeys.filter((key) => key.endsWith('File')).map((key) => key.slice(0, -'File'.length));

/** The key that was meant: another spelling, or a secret that may only come from a file. */
const meant = (key: string): string => {
  const near = nearest(key, fileKeys);
  if (near !== null) return near;
  const secret = nearest(key, secretNames);
  return secret === null ? '' : `${secret}File (secrets come from files)`;
};

const mistakesOf = (source: Source, value: unknown, issue: z.core.$ZodIssue): readonly Mistake[] => {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const near = meant(key);
      return {
        name: named(source, [...issue.path, key]),
        given: 'not a setting',
        expected: near === '' ? 'it not to be there' : `${near}; did you mean that?`,
        example: null,
      };
    });
  const expected = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  const given = issue.code === 'invalid_key' ? JSON.stringify(String(issue.path.at(-1))) : shown(valueAt(value, issue.path));
  return [{ name: named(source, issue.path), given, expected, example: null }];
};

/** Files that the file names and that cannot be read; also of a file that is wrong otherwise, since all mistakes are told at once. */
const unreadable = (source: Source, value: unknown, canRead: (path: string) => boolean): readonly Mistake[] => {
  const clusters = valueAt(value, ['clusters']);
  return (Array.isArray(clusters) ? clusters : []).flatMap((_, index) =>
    ['prometheus', 'rules', 'alertmanager', 'traces'].flatMap((which) => {
      const path = ['clusters', index, which];
      const settings = valueAt(value, path);
      return Object.entries(typeof settings === 'object' && settings !== null ? settings : {})
        .filter(
          ([key, file]) =>
            fileKeys.includes(key) && key.endsWith('File') && typeof file === 'string' && file !== '' && !canRead(file),
        )
        .map(([key, file]) => ({
          name: named(source, [...path, key]),
          given: masked(String(file), false),
          expected: 'a file that can be read',
          example: null,
        }));
    }),
  );
};

/** A record of zod passes over `__proto__` in silence; here it is a mistake like every key that is none of ours. */
const hostileKey = /^\s*(?:-\s+)?["']?__proto__["']?\s*:|[{,]\s*["']?__proto__["']?\s*:/m;

/** Reads the file's text; every mistake with its line and path. `canRead` tells whether a file that is named can be read. */
export const readFileConfig = (text: string, canRead: (path: string) => boolean): Result => {
  if (text.length > maxCharacters) return whole('at most 1 MiB of YAML');
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, schema: 'core' });
    const [broken] = [...document.errors, ...document.warnings];
    if (broken)
      return whole(`YAML: ${broken.message.split('\n')[0]?.replace(/ at line.*$/, '')}`, lines.linePos(broken.pos[0]).line);
    const hostile = hostileKey.exec(text);
    if (hostile) return whole('no key __proto__', lines.linePos(hostile.index + hostile[0].indexOf('_')).line);
    // At most 100 aliases: a bomb of anchors would grow without end.
    const value: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
    const source = { document, lines };
    const parsed = fileSchema.safeParse(value);
    const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => mistakesOf(source, value, issue));
    const mistakes = [...shape, ...unreadable(source, value, canRead)];
    return parsed.success && mistakes.length === 0 ? { ok: true, file: parsed.data } : { ok: false, mistakes };
  } catch {
    return whole('YAML of reasonable depth, with at most 100 aliases');
  }
};
