import { describe, expect, it } from 'vitest';
import type { RootBudget, Store } from '../../src/ports.ts';
import { scope, startMs } from './store-values.ts';

const minuteMs = 60_000;

/** How a store keeps to the budget of a channel; run on each engine. */
export const budgetContract = (name: string, open: () => Promise<Store>): void => {
  describe(`${name}: new messages of a channel`, () => {
    const budget = (channel: string, atMs = startMs): RootBudget => ({ channel, most: 3, atMs, withinMs: 10 * minuteMs });

    it('are granted up to the budget, also to those that ask at once, and to the same one again', async () => {
      const store = await open();
      try {
        const keys = Array.from({ length: 12 }, (_, n) => `edge:${n}`);
        const granted = await Promise.all(keys.map((key) => store.claimRoot(scope, key, budget('#a'))));
        expect(granted.filter((isMine) => isMine)).toHaveLength(3);
        const again = await Promise.all(keys.map((key) => store.claimRoot(scope, key, budget('#a'))));
        expect(again).toEqual(granted);
      } finally {
        await store.close();
      }
    });

    it('are counted by channel and workspace, over all clusters, for as long as it says', async () => {
      const store = await open();
      try {
        const claim = (key: string, channel: string, atMs = startMs, where = scope) =>
          store.claimRoot(where, key, budget(channel, atMs));
        for (const cluster of ['one', 'two', 'three']) expect(await claim('k', '#b', startMs, { ...scope, cluster })).toBe(true);
        expect(await claim('k', '#b')).toBe(false);
        expect(await claim('k', '#c')).toBe(true);
        expect(await claim('k', '#b', startMs, { ...scope, workspace: 'T9' })).toBe(true);
        expect(await claim('k', '#b', startMs + 10 * minuteMs - 1)).toBe(false);
        expect(await claim('k', '#b', startMs + 10 * minuteMs)).toBe(true);
      } finally {
        await store.close();
      }
    });
  });
};
