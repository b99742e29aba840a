import { globSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { inWords, type Refusal, type Teller, tellerOf } from './found.ts';
import type { SloText } from './read-files.ts';

const isYaml = (path: string): boolean => /\.(ya?ml|json)$/i.test(path);

/** What Kubernetes mounts beside the files of a ConfigMap, and what editors leave, begins with a dot. */
const isHidden = (path: string): boolean => path.split('/').some((part) => part.startsWith('.') && part !== '.' && part !== '..');

const statOf = (path: string): Stats | null => statSync(path, { throwIfNoEntry: false }) ?? null;

const inFolder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => isYaml(path) && !isHidden(path))
    .sort()
    .map((path) => join(folder, path));

/** A file by its name, the YAML of a folder and of those in it, or what a pattern finds. */
const pathsOf = (given: string): readonly string[] => {
  const stat = statOf(given);
  if (stat?.isDirectory()) return inFolder(given);
  if (stat !== null) return [given];
  return /[*?[{]/.test(given) ? [...globSync(given)].filter((path) => statOf(path)?.isFile()).sort() : [given];
};

/** More than this cannot be 1 MiB of characters, and is not read to find that out. */
const maxBytes = 4 * 1_048_576;

const textOf = (teller: Teller, file: string): SloText | null => {
  const stat = statOf(file);
  if (stat === null) return teller.refuse('file', inWords('not there'), 'a file, a folder or a pattern such as slos/*.yaml');
  if (!stat.isFile()) return teller.refuse('file', inWords('no file'), 'a file that can be read');
  if (stat.size > maxBytes) return teller.refuse('file', inWords(`${stat.size} bytes`), 'at most 1 MiB of YAML');
  return { file, text: readFileSync(file, 'utf8') };
};

/** The texts of everything that is named; what cannot be read is refused. A file that is named twice is read once. */
export const sloTexts = (
  given: readonly string[],
): { readonly texts: readonly SloText[]; readonly refused: readonly Refusal[] } => {
  const found = { slos: [], refused: [] as Refusal[], notices: [] };
  const unreadable = (file: string): null =>
    tellerOf(found, null, file, null).refuse('file', inWords('not readable'), 'a file that can be read');
  const paths = given.flatMap((path) => {
    try {
      const paths = pathsOf(path);
      if (paths.length === 0)
        tellerOf(found, null, path, null).refuse(
          'file',
          inWords('without any YAML'),
          'a file, a folder or a pattern with YAML in it',
        );
      return paths;
    } catch {
      unreadable(path);
      return [];
    }
  });
  const texts = [...new Set(paths)].flatMap((file) => {
    try {
      return textOf(tellerOf(found, null, file, null), file) ?? [];
    } catch {
      unreadable(file);
      return [];
    }
  });
  return { texts, refused: found.refused };
};
