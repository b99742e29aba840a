import { execFile } from 'node:child_process';

/** How a short program ended. `text` is its output, or its complaint when it failed. */
type Ran = { readonly ok: boolean; readonly text: string };

/** Runs a program without a shell, to its end, or until `signal` ends it. Never throws. */
export const run = (
  path: string,
  programArguments: readonly string[],
  options: {
    readonly cwd?: string;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal | undefined;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const { cwd, timeoutMs = 120_000, signal } = options;
    const settings = {
      timeout: timeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'utf8' as const,
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...options.environment },
    };
    const child = execFile(path, [...programArguments], settings, (error, stdout, stderr) => {
      signal?.removeEventListener('abort', end);
      resolve(error === null ? { ok: true, text: stdout.trim() } : { ok: false, text: (stderr || error.message).trim() });
    });
    // Not execFile's own `signal`: that one answers before the program has ended.
    const end = (): void => void child.kill();
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
