import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Connection, Row } from './database.ts';
import { type Asked, errorOf, type Told } from './engine-wire.ts';

type Question = Asked extends infer A ? (A extends { readonly id: number } ? Omit<A, 'id'> : never) : never;
type Answer = Exclude<Told, { readonly channel: string }>;
type Waiting = { readonly resolve: (rows: readonly Row[]) => void; readonly reject: (error: Error) => void };

export type EngineThread = Connection & {
  /** Calls back at every NOTIFY on the channel. */
  readonly listen: (channel: string, onNotification: (payload: string) => void) => Promise<void>;
  readonly close: () => Promise<void>;
};

const workerFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './engine-worker.ts' : './engine-worker.js', import.meta.url),
);

/** V8's own heap; PGlite's memory is beside it. The largest delivery passes through several times. */
const resourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 12 };

/** A VACUUM of a large store takes minutes, nothing takes longer; an engine that panicked may never answer again. */
const answersWithinMs = 600_000;
const closesWithinMs = 10_000;

/** Who waits for which answer. After `end` everybody who waits, and everybody who comes, has its error. */
const answers = (withinMs: number, onLate: () => void) => {
  const waiting = new Map<number, Waiting>();
  let ended: Error | null = null;
  return {
    wait: (id: number): Promise<readonly Row[]> =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        const late = setTimeout(onLate, withinMs).unref();
        waiting.set(id, {
          resolve: (rows) => {
            clearTimeout(late);
            resolve(rows);
          },
          reject: (error) => {
            clearTimeout(late);
            reject(error);
          },
        });
      }),
    settle: (answer: Answer): void => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('fault' in answer) asker?.reject(errorOf(answer.fault));
      else asker?.resolve(answer.rows);
    },
    /** True the first time. */
    end: (error: Error): boolean => {
      if (ended) return false;
      ended = error;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
      return true;
    },
  };
};

/**
 * PGlite in a thread of its own: a statement takes milliseconds of computing and a commit waits for the disk, and both would hold up
 * the webhook, timers and sockets. When the thread ends, whatever waits and whatever comes later fails as unreachable; `onLost` hears of
 * an end that nobody asked for. Opening it again in the same process is nothing that PostgreSQL would do after a panic, nor do we.
 */
export const openThread = async (
  directory: string,
  onLost: (error: Error) => void = () => undefined,
  withinMs = answersWithinMs,
): Promise<EngineThread> => {
  const worker = new Worker(workerFile, { workerData: directory, resourceLimits });
  const listeners = new Map<string, ((payload: string) => void)[]>();
  let last = 0;
  let isWanted = true;
  const end = (why: string, cause?: Error): void => {
    const error = new Error(`the embedded store is unreachable: ${why}`, { cause });
    if (!pending.end(error)) return;
    void worker.terminate();
    if (isWanted) onLost(error);
  };
  const pending = answers(withinMs, () => end(`it did not answer within ${withinMs / 1000} s`));
  worker.on('message', (told: Told) => {
    if ('channel' in told) for (const listener of listeners.get(told.channel) ?? []) listener(told.payload);
    else pending.settle(told);
  });
  worker.on('error', (cause) => end(cause.message, cause));
  worker.on('exit', () => end(isWanted ? 'its thread ended' : 'it is closed'));
  const ask = async (question: Question): Promise<readonly Row[]> => {
    last += 1;
    // First the question: one that cannot be sent (a value that no thread can be given) throws here, and nobody waits for its answer.
    worker.postMessage({ id: last, ...question });
    return pending.wait(last);
  };
  const close = async (): Promise<void> => {
    isWanted = false;
    // What hangs is ended as kill -9 would: that loses nothing, and the lock is free for the next start.
    const late = setTimeout(() => end(`it did not close within ${closesWithinMs / 1000} s`), closesWithinMs);
    await ask({ kind: 'close' }).finally(() => {
      clearTimeout(late);
      return worker.terminate();
    });
  };
  try {
    await pending.wait(0);
  } catch (error) {
    isWanted = false;
    await worker.terminate();
    throw error;
  }
  return {
    query: (text, values = []) => ask({ kind: 'query', text, values }),
    script: (text) => ask({ kind: 'script', text }),
    listen: async (channel, onNotification) => {
      const known = listeners.get(channel);
      listeners.set(channel, [...(known ?? []), onNotification]);
      if (!known) await ask({ kind: 'listen', channel });
    },
    close,
  };
};
