import { storeError } from './errors.ts';

type Waiting<T, R> = {
  readonly item: T;
  readonly bytes: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
};

/** Batches that may run at once: one that hangs on a lock must not hold up all. */
const lanes = 2;
const most = { items: 100, bytes: 4 * 1024 * 1024 } as const;

/**
 * Whoever waits while a transaction runs goes into the next one together: a commit costs the same for one as for a hundred. `run` gives a
 * result for each item, in order. An item that the store cannot take fails alone; a store that is away fails for all of the batch.
 */
export const groupCommit = <T, R>(run: (items: readonly T[]) => Promise<readonly R[]>) => {
  const waiting: Waiting<T, R>[] = [];
  let running = 0;
  const nextBatch = (): readonly Waiting<T, R>[] => {
    let bytes = 0;
    let count = 0;
    for (const one of waiting) {
      bytes += one.bytes;
      if (count > 0 && (count >= most.items || bytes > most.bytes)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  };
  const commit = async (batch: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
    } catch (error) {
      if (batch.length > 1 && storeError(error).reason === 'bug') for (const one of batch) await commit([one]);
      else for (const { reject } of batch) reject(error);
    }
  };
  const work = async (): Promise<void> => {
    running += 1;
    while (waiting.length > 0) await commit(nextBatch());
    running -= 1;
  };
  return (item: T, bytes: number): Promise<R> =>
    new Promise((resolve, reject) => {
      waiting.push({ item, bytes, resolve, reject });
      if (running < lanes) void work();
    });
};
