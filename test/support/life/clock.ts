import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../src/ports.ts';

type Sleeper = { readonly atMs: number; readonly isIdle: boolean; readonly wake: () => void };

/** Turns of the event loop without anything on its way after which nothing more happens by itself. */
const quietTurns = 4;

/**
 * A story's own clock. It stands still while anything is on its way, and goes on to what comes next: hours pass in a moment, and every run
 * sees the same times. What can be woken early sleeps idly: nobody needs to wait for it.
 */
export const storyClock = (startMs: number) => {
  let nowMs = startMs;
  let onTheirWay = 0;
  let last: Promise<void> = Promise.resolve();
  let arrived = Promise.withResolvers<void>();
  const sleepers = new Set<Sleeper>();
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const wake = (): void => {
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper: Sleeper = { atMs: nowMs + Math.max(0, ms), isIdle: signal !== undefined, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
  return {
    clock,
    /**
     * Waits for it: until it has ended the clock does not move. What ends is heard of in the order in which it began, each alone: a disk and
     * a socket would race, and no two runs would be the same.
     */
    waitsFor: async <T>(work: Promise<T>): Promise<T> => {
      if (onTheirWay === 0) arrived = Promise.withResolvers<void>();
      onTheirWay += 1;
      const before = last;
      const heard = Promise.withResolvers<void>();
      last = heard.promise;
      try {
        return await work;
      } finally {
        await before;
        onTheirWay -= 1;
        if (onTheirWay === 0) arrived.resolve();
        setImmediate(heard.resolve);
      }
    },
    /** Resolves when everybody sleeps. */
    settled: async (): Promise<void> => {
      for (let quiet = 0; quiet < quietTurns; quiet = onTheirWay === 0 ? quiet + 1 : 0)
        await (onTheirWay === 0 ? turn() : arrived.promise);
    },
    /** When the next one wakes; of idle ones only where they count. */
    nextMs: (withIdle: boolean): number =>
      [...sleepers].reduce(
        (next, { atMs, isIdle }) => (isIdle && !withIdle ? next : Math.min(next, atMs)),
        Number.POSITIVE_INFINITY,
      ),
    /** Moves on to a moment and wakes whose time has come, the earliest first. */
    goTo: (atMs: number): void => {
      nowMs = Math.max(nowMs, atMs);
      for (const { wake } of [...sleepers].filter((one) => one.atMs <= nowMs).sort((a, b) => a.atMs - b.atMs)) wake();
    },
  };
};

export type StoryClock = ReturnType<typeof storyClock>;
