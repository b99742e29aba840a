import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../src/ports.ts';

/** A clock on which `factor` seconds pass in one: an outage of an hour is a test of seconds. */
export const fastClock = (factor: number, startMs = Date.now()): Clock => {
  const begin = performance.now();
  return {
    nowMs: () => Math.floor(startMs + (performance.now() - begin) * factor),
    sleep: async (ms, signal) => {
      await wait(Math.max(0, ms / factor), undefined, signal ? { signal } : {}).catch(() => undefined);
    },
  };
};
