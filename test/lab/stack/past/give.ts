import { Worker } from 'node:worker_threads';
import type { Counter } from '../../lab.ts';
import type { PastOrder } from './worker.ts';

type Word = { readonly end: readonly Counter[] } | { readonly sent: true };

/**
 * Draws a past and writes it into Prometheus, in a thread of its own: the mesh's applications and its load live in this one, and must not
 * wait. `onEnd` hears where the counters are to go on, before the past is written.
 */
export const givePast = (order: PastOrder, onEnd: (end: readonly Counter[]) => void, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: order });
    let isSent = false;
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (word: Word) => {
      if ('end' in word) onEnd(word.end);
      else isSent = true;
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', stop);
      if (isSent) resolve();
      else reject(signal.aborted ? signal.reason : new Error('the past was not written'));
    });
  });
