import { SourceError } from '../../domain/gathered.ts';
import type { Ask } from '../../ports.ts';

/** At most `limit` at once; the others wait in turn. */
const limiter = (limit: number) => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
};

/** Equal questions asked at the same time are asked once: 40 alerts on one edge cost the calls of one. */
export const singleFlight = (concurrency: number) => {
  const inTurn = limiter(concurrency);
  const flights = new Map<string, Promise<unknown>>();
  return <T>(key: string, ask: Ask, work: () => Promise<T>): Promise<T> => {
    const running = flights.get(key) as Promise<T> | undefined;
    if (running === undefined) {
      const flight = inTurn(work).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    }
    // A shared flight dies with the patience of its first asker; whoever still has patience asks again.
    return running.catch((error: unknown) =>
      error instanceof SourceError && error.reason === 'timeout' && !ask.signal.aborted ? work() : Promise.reject(error),
    );
  };
};
