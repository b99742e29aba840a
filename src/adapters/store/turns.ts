import { AsyncLocalStorage } from 'node:async_hooks';
import type { Turn } from './database.ts';

export type InTurn = <T>(work: () => Promise<T>, turn?: Turn) => Promise<T>;

/**
 * One after the other, each only when `check` does not throw. What goes first waits for whatever runs and for no more; after it one of the
 * others has its turn, so that a flood of the first does not stop them.
 */
export const inTurns = (check: () => void): InTurn => {
  const waiting: Readonly<Record<Turn, (() => Promise<void>)[]>> = { first: [], later: [] };
  let isRunning = false;
  const workAll = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    for (let last: Turn = 'later'; ; ) {
      const turn: Turn = waiting.first.length > 0 && (last === 'later' || waiting.later.length === 0) ? 'first' : 'later';
      const work = waiting[turn].shift();
      if (work === undefined) break;
      last = turn;
      await work();
    }
    isRunning = false;
  };
  return (work, turn = 'later') =>
    new Promise((resolve, reject) => {
      // Whoever started the loop must not lend its transaction to the others.
      const own = AsyncLocalStorage.bind(work);
      waiting[turn].push(async () => {
        try {
          check();
          resolve(await own());
        } catch (error) {
          reject(error);
        }
      });
      void workAll();
    });
};
