import { readFile, stat } from 'node:fs/promises';
import { SourceError } from '../../domain/gathered.ts';

/** The trimmed text of a file that may be replaced while we run (mounted secrets rotate); read again when its time or size changed. */
export const rotatingFile = (path: string | undefined): (() => Promise<string | null>) => {
  let seen: { readonly stamp: string; readonly text: string } | null = null;
  return async () => {
    if (path === undefined) return null;
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs}:${size}:${ino}`;
      if (seen?.stamp !== stamp) seen = { stamp, text: (await readFile(path, 'utf8')).trim() };
      return seen.text;
    } catch (cause) {
      // A rotation may leave a moment without the file: what was read last still serves.
      if (seen) return seen.text;
      throw new SourceError('a secret file', 'absent', `cannot be read: ${path}`, { cause });
    }
  };
};
