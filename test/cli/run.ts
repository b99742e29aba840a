import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** The entry that users start. */
export const entry = join(root, 'src/entry.cjs');

type Ended = { readonly status: number | null; readonly out: string; readonly err: string };

type Started = {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when standard error holds this text; rejects when the program ends before. */
  readonly says: (text: string) => Promise<void>;
  readonly ended: Promise<Ended>;
};

/** Starts the real command line with nothing in its environment but what is given. */
export const start = (
  words: readonly string[],
  env: Record<string, string> = {},
  cwd = root,
  node = process.execPath,
): Started => {
  const child = spawn(node, [entry, ...words], { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  const ended = once(child, 'close').then(([status]): Ended => ({ status: status as number | null, out, err }));
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (err.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`ended without saying ${text}: ${err}`)));
    });
  return { child, says, ended };
};

/** Runs it to its end. */
export const run = (words: readonly string[], env?: Record<string, string>, input = ''): Promise<Ended> => {
  const { child, ended } = start(words, env);
  child.stdin.on('error', () => undefined).end(input);
  return ended;
};
