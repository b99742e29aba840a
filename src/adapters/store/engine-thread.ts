import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Connection, Row } from './database.ts';
import { type Asked, errorOf, type Told } from './engine-wire.ts';

type Question = Asked extends infer A ? (A extends { readonly id: number } ? Omit<A, 'id'> : never) : never;
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

/**
 * PGlite in a thread of its own: a statement takes milliseconds of computing and a commit waits for the disk, and both would hold up
 * the webhook, timers and sockets. When the thread ends, whatever waits and whatever comes later fails as unreachable.
 */
export const openThread = async (directory: string): Promise<EngineThread> => {
  const worker = new Worker(workerFile, { workerData: directory, resourceLimits });
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, ((payload: string) => void)[]>();
  let next = 0;
  let ended: Error | null = null;
  const answered = (id: number): Promise<readonly Row[]> =>
    new Promise((resolve, reject) => {
      if (ended) reject(ended);
      else waiting.set(id, { resolve, reject });
    });
  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', (told: Told) => {
    if ('channel' in told) for (const listener of listeners.get(told.channel) ?? []) listener(told.payload);
    else {
      const asker = waiting.get(told.id);
      waiting.delete(told.id);
      if ('fault' in told) asker?.reject(errorOf(told.fault));
      else asker?.resolve(told.rows);
    }
  });
  worker.on('error', (cause) => end(new Error(`the embedded store is unreachable: ${cause.message}`, { cause })));
  worker.on('exit', () => end(new Error('the embedded store is unreachable: it is closed')));
  const ask = (question: Question): Promise<readonly Row[]> => {
    next += 1;
    const answer = answered(next);
    if (!ended) worker.postMessage({ id: next, ...question });
    return answer;
  };
  const close = async (): Promise<void> => {
    await ask({ kind: 'close' }).finally(() => worker.terminate());
  };
  try {
    await answered(0);
  } catch (error) {
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
