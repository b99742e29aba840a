import { describe, expect, it } from 'vitest';
import type { ChartRenderer } from '../../src/ports.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { call, holding } from '../support/metrics.ts';

const { store, ahead, worldOn, hear } = episodes('flapping');
const sick = holding(call('checkout', 'payments', { 200: 700, 503: 300 }));
const charts: ChartRenderer = {
  draw: async () => ({ name: 'hero', png: new Uint8Array([1]), widthPx: 1, heightPx: 1, altText: 'errors' }),
  close: async () => undefined,
};

describe('an edge that fails and recovers again and again', () => {
  it('calls people three times and then only edits its message, until it has been quiet for half an hour', async () => {
    const world = { ...worldOn(sick), charts };
    let startsAtMs = Date.now();
    const comes = async () => {
      startsAtMs += 240_000;
      ahead(120_000);
      return hear(world, alertOf('checkout', 'payments', { startsAtMs }));
    };
    const goes = async () => {
      ahead(120_000);
      return hear(world, alertOf('checkout', 'payments', { startsAtMs, status: 'resolved' }));
    };
    await comes();
    for (const turn of [1, 2, 3]) {
      await goes();
      const told = await comes();
      expect(wordsOf(told, 'escalation')).toHaveLength(1);
      expect(wordsOf(told, 'escalation')[0]?.includes('It is flapping: back 3×')).toBe(turn === 3);
    }
    for (const turn of [4, 5]) {
      await goes();
      const told = await comes();
      expect(told.map(({ purpose }) => purpose)).toEqual(['edit']);
      expect(JSON.stringify(told[0]?.message.blocks)).toContain(`flapping: came back ${turn}×`);
    }
    expect((await store().openIncidents()).map(({ reopened }) => reopened)).toEqual([5]);
    await goes();
    ahead(25 * 60_000);
    expect(wordsOf(await comes(), 'escalation')).toHaveLength(1);
  });
});
