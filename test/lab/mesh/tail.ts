import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Reads what was added to a file since the last look, as whole lines. The file may not be there yet. */
export type Tail = { readonly read: () => readonly string[]; readonly close: () => void };

export const tailOf = (path: string): Tail => {
  let descriptor: number | null = null;
  let offset = 0;
  let rest = '';
  const open = (): number | null => {
    try {
      descriptor ??= openSync(path, 'r');
    } catch {
      descriptor = null;
    }
    return descriptor;
  };
  return {
    read: () => {
      const file = open();
      if (file === null) return [];
      const { size } = fstatSync(file);
      if (size <= offset) return [];
      const chunk = Buffer.alloc(size - offset);
      offset += readSync(file, chunk, 0, chunk.length, offset);
      const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
      rest = lines.pop() ?? '';
      return lines.filter((line) => line !== '');
    },
    close: () => {
      if (descriptor !== null) closeSync(descriptor);
      descriptor = null;
    },
  };
};
