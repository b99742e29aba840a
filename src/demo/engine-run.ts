import { execFile } from 'node:child_process';

/** How a short program ended. `text` is its output, or its complaint when it failed. */
export type Ran = { readonly ok: boolean; readonly text: string };

/** Runs a program without a shell, to its end. Never throws. */
export const run = (
  path: string,
  programArguments: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const { cwd, timeoutMs = 120_000 } = options;
    const settings = {
      timeout: timeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'utf8' as const,
      ...(cwd === undefined ? {} : { cwd }),
    };
    execFile(path, [...programArguments], settings, (error, stdout, stderr) => {
      resolve(error === null ? { ok: true, text: stdout.trim() } : { ok: false, text: (stderr || error.message).trim() });
    });
  });
