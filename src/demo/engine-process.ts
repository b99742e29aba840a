import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../ports.ts';

/** A program that runs beside us and never outlives us. */
export type RunningEngine = {
  /** Asks it to end, waits, and insists after `graceMs`. Safe to call twice. */
  readonly stop: () => Promise<void>;
  /** Resolves when it has ended, by itself or because it was stopped. */
  readonly ended: Promise<void>;
  /** The last lines it wrote, both streams, oldest first. */
  readonly lastLines: () => readonly string[];
};

export type StartOptions = {
  /** As it is called in the log and in errors; default: the file name. */
  readonly name?: string;
  /** Answers 2xx once the engine is ready; null: ready as soon as it runs. */
  readonly readyUrl: string | null;
  readonly readyWithinMs?: number;
  readonly graceMs?: number;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly log?: Log;
  /** Ends a start that is under way; what runs already is for `stop`. */
  readonly signal?: AbortSignal | undefined;
  /** The variables of ours that it sees; default: all. */
  readonly inherits?: readonly string[];
  /** Hears every whole line of either stream. */
  readonly onLine?: (line: string) => void;
};

/**
 * Runs the engine under a shell that holds our end of a pipe: when this process dies, even by SIGKILL, the pipe closes
 * and the shell ends the whole process group. No exit hook could promise that.
 */
const supervisor = [
  'exec 3<&0',
  '"$@" 3<&- </dev/null &',
  'engine=$!',
  '( cat <&3; kill -TERM "$engine"; sleep 3; kill -KILL 0 ) >/dev/null 2>&1 &',
  'wait "$engine"',
  'code=$?',
  'trap "exit $code" TERM',
  'kill -TERM 0',
  'exit $code',
].join('\n');

const running = new Set<ChildProcess>();

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended already.
  }
};

process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** The last lines of both streams, for the error of an engine that does not come up. */
const recorder = (child: ChildProcess, onLine: (line: string) => void): (() => readonly string[]) => {
  const kept: string[] = [];
  const hear = (line: string): void => {
    if (line === '') return;
    kept.push(line);
    kept.splice(0, Math.max(0, kept.length - 40));
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface(stream).on('line', hear);
  return () => kept;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
};

const readyOrWhy = async (
  url: string,
  withinMs: number,
  hasEnded: () => boolean,
  signal: AbortSignal | undefined,
): Promise<string | null> => {
  const deadlineMs = performance.now() + withinMs;
  while (performance.now() < deadlineMs) {
    if (signal?.aborted) return 'was stopped while it started';
    if (hasEnded()) return 'ended before it was ready';
    if (await answers(url)) return null;
    await wait(50);
  }
  return `was not ready within ${withinMs / 1000} s`;
};

const inherited = (names: readonly string[] | undefined): NodeJS.ProcessEnv =>
  names === undefined ? process.env : Object.fromEntries(names.map((name) => [name, process.env[name]]));

/** Starts a program in its own process group and waits until it is ready. Throws with its last lines when it does not come up. */
export const startEngine = async (
  path: string,
  engineArguments: readonly string[],
  options: StartOptions,
): Promise<RunningEngine> => {
  const { name = path.split('/').at(-1) ?? path, readyUrl, readyWithinMs = 30_000, graceMs = 5000, log } = options;
  const child = spawn('/bin/sh', ['-c', supervisor, 'engine', path, ...engineArguments], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...inherited(options.inherits), ...options.environment },
  });
  running.add(child);
  const lastLines = recorder(child, options.onLine ?? (() => undefined));
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    // `close`, not `exit`: the shell ends first, the engine holds the streams until it has ended too.
    child.once('close', () => {
      isOver = true;
      running.delete(child);
      resolve();
    });
    child.once('error', () => undefined);
  });
  child.stdin?.on('error', () => undefined);
  const stop = async (): Promise<void> => {
    if (isOver) return;
    signalGroup(child, 'SIGTERM');
    const insist = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    await ended;
    clearTimeout(insist);
  };
  const why = readyUrl === null ? null : await readyOrWhy(readyUrl, readyWithinMs, () => isOver, options.signal);
  if (why !== null) {
    await stop();
    throw new Error(`${name} ${why}:\n${lastLines().slice(-8).join('\n')}`);
  }
  log?.('debug', 'engine started', { name });
  return { stop, ended, lastLines };
};

/** A port on loopback that was free a moment ago; for programs that cannot choose one themselves. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
