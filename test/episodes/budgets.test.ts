import { describe, expect, it } from 'vitest';
import type { KnownStanding } from '../../src/domain/slo/known.ts';
import type { Slo } from '../../src/domain/slo.ts';
import { refresh } from '../../src/episodes/upkeep.ts';
import { spoken } from '../../src/stages/compose/spoken.ts';
import { alertOf, away, episodes, sickFor } from '../support/episodes.ts';
import { call, holding } from '../support/metrics.ts';

const { store, clock, ahead, worldOn, hear, told, now } = episodes('budgets');
const minuteMs = 60_000;
const forever = (): Promise<never> => new Promise(() => undefined);

const availability = (name: string, service: string, more: Partial<Slo> = {}): Slo => ({
  ...{ name, about: { kind: 'service', callee: { namespace: 'shop', workload: null, service } } },
  ...{ objectivePpm: 999_000, window: { kind: 'rolling', days: 30 }, cluster: null, owner: null, channel: null },
  sli: { kind: 'availability', bad: 'failed', reporter: 'source' },
  origin: { format: 'Edgewise', file: 'slos.yaml' },
  ...more,
});
/** An hour ago 41 % was left of what 60 million requests allow. */
const standing = (slo: Slo, more: Partial<KnownStanding> = {}): KnownStanding => {
  const atMs = clock.nowMs() - 60 * minuteMs;
  return {
    ...{ slo, cluster: 'prod', atMs, state: 'healthy', left: 0.41, exhaustedAtMs: null },
    ...{
      period: { startMs: atMs - 2_592_000_000, endMs: atMs, wholeSeconds: 2_592_000 },
      events: { total: 60_000_000, bad: 35_400 },
    },
    ...more,
  };
};
const knowing = async (...standings: readonly KnownStanding[]): Promise<void> => store().standings.keep('prod', standings);

describe('What an incident costs a budget', () => {
  it('stands in its message with what was left, is told anew with its figures, and in all on its card', async () => {
    await knowing(standing(availability('payments-availability', 'payments')));
    const startsAtMs = clock.nowMs() - minuteMs;
    const [root] = await hear(worldOn(sickFor('payments')), alertOf('checkout', 'payments', { startsAtMs }));
    if (root === undefined) throw new Error('nothing was told');
    expect(spoken(root.message)).toMatch(
      /Budget: costs \d+ % of the 30-day budget of payments-availability an hour · 41 % left at .+, gone in .*\d.* at this pace/,
    );

    ahead(30 * minuteMs);
    await refresh(worldOn(sickFor('payments')), root.rootId);
    const [edit] = await told();
    // By now the window is five minutes long: 300 in it are 3,600 an hour of the 60,000 that the budget allows.
    expect(spoken(edit?.message ?? root.message)).toMatch(
      /costs 6 % of .+ an hour · 41 % left at .+, gone in 6 h .+ at this pace/,
    );
    const after = await now({ id: root.rootId } as Parameters<typeof now>[0]);
    const spent = after?.budgets?.[0];
    // As many as the incident counts as failed.
    expect(spent?.bad).toBeCloseTo(after?.failedRequests ?? 0);

    ahead(minuteMs);
    const ended = await hear(worldOn(sickFor('payments')), alertOf('checkout', 'payments', { startsAtMs, status: 'resolved' }));
    const card = ended.find(({ purpose }) => purpose === 'thread');
    expect(card === undefined ? '' : spoken(card.message)).toMatch(
      /Budget: spent about \S+ % of the 30-day budget of payments-availability \([\d,]+ of 60,000 allowed\); \S+ % left/,
    );
  }, 60_000);

  it('is said of the two that are gone first, also of one that is overspent already', async () => {
    await knowing(
      standing(availability('cart-strict', 'cart', { objectivePpm: 999_900 }), { left: -0.12 }),
      standing(
        availability('cart-lenient', 'cart', { objectivePpm: 990_000, window: { kind: 'calendar', unit: 'month', zone: 'UTC' } }),
      ),
      standing(availability('cart-middle', 'cart', { objectivePpm: 998_000 })),
    );
    const [root] = await hear(worldOn(sickFor('cart')), alertOf('checkout', 'cart'));
    const lines = spoken(root?.message ?? { text: '', blocks: [] }).match(/Budget: .*/g) ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/of the 30-day budget of cart-strict an hour · overspent by 12 % at [^,]+$/);
    expect(lines[1]).toContain('cart-middle');
  }, 60_000);

  it('is not said where no objective is about it, where hardly anything is spent, or where the store does not say', async () => {
    await knowing(
      standing(availability('web-availability', 'web', { objectivePpm: 500_000 }), { events: { total: 1e12, bad: 0 } }),
      standing(availability('search-availability', 'search')),
      standing(availability('stock-availability', 'stock')),
    );
    const silent = async (callee: string, world = worldOn(sickFor(callee))): Promise<string> => {
      const [root] = await hear(world, alertOf('checkout', callee));
      return spoken(root?.message ?? { text: '', blocks: [] });
    };
    for (const callee of ['web', 'ledger']) {
      const text = await silent(callee);
      expect(text).toContain(callee);
      expect(text).not.toContain('Budget');
    }
    for (const [callee, all] of [
      ['search', away],
      ['stock', forever],
    ] as const) {
      const world = worldOn(sickFor(callee));
      const text = await silent(callee, { ...world, store: { ...world.store, standings: { ...world.store.standings, all } } });
      expect(text).toContain(`checkout → ${callee}: 30 % failing`);
      expect(text).not.toContain('Budget');
    }
  }, 60_000);

  it('is that of all its callers, which it says where more than one of them spends it', async () => {
    await knowing(standing(availability('basket-availability', 'basket')));
    const both = holding([
      ...call('checkout', 'basket', { 200: 700, 503: 300 }),
      ...call('web', 'basket', { 200: 800, 503: 200 }),
    ]);
    const startsAtMs = clock.nowMs() - 60 * minuteMs;
    const [root] = await hear(worldOn(both), alertOf('checkout', 'basket', { startsAtMs }));
    const text = spoken(root?.message ?? { text: '', blocks: [] });
    expect(text).toMatch(/costs 10 % of the 30-day budget of basket-availability an hour \(all callers\) · 41 % left/);
    const ended = await hear(worldOn(both), alertOf('checkout', 'basket', { startsAtMs, status: 'resolved' }));
    const card = ended.find(({ purpose }) => purpose === 'thread');
    expect(spoken(card?.message ?? { text: '', blocks: [] })).toMatch(/of 60,000 allowed, all callers\)/);
  }, 60_000);
});
