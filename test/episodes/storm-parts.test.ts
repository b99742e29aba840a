import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { callersOf } from '../../src/domain/storm.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { closeStale, fold, refresh } from '../../src/episodes/upkeep.ts';
import type { OutboxItem } from '../../src/ports.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { call, holding } from '../support/metrics.ts';

const { store, clock, ahead, worldOn, accept, told, hear, now } = episodes('storm-parts');

const callers = ['cart', 'web', 'mobile', 'admin', 'billing', 'search', 'gift', 'crm', 'erp', 'chat', 'mail'];
/** Cart is worst: six of ten requests fail; of the others one of ten. */
const sickFor = (callee: string) =>
  holding(callers.flatMap((caller) => call(caller, callee, caller === 'cart' ? { 200: 400, 503: 600 } : { 200: 900, 503: 100 })));

const openAbout = async (callee: string): Promise<readonly Incident[]> =>
  (await store().openIncidents()).filter(({ title }) => title.endsWith(`→ ${callee}`));
const stormOn = async (callee: string): Promise<Incident> => {
  const storm = (await openAbout(callee)).find((one) => callersOf(one) !== null);
  if (storm === undefined) throw new Error(`no storm is open on ${callee}`);
  return storm;
};
const ended = (alerts: readonly Alert[]): readonly Alert[] => alerts.map((alert) => ({ ...alert, status: 'resolved' }));
const of = (items: readonly OutboxItem[], { id }: Incident): readonly OutboxItem[] => items.filter(({ rootId }) => rootId === id);
const textOf = ({ lastRoot }: Incident): string => JSON.stringify(lastRoot?.blocks);

describe('a storm', () => {
  it('counts down as its callers get well, and up as one comes back', async () => {
    const world = worldOn(sickFor('payments'));
    const alerts = callers.map((caller) => alertOf(caller, 'payments'));
    await hear(world, ...alerts);
    const some = await hear(world, ...ended(alerts.slice(0, 4)));
    expect(wordsOf(some, 'edit')).toEqual([expect.stringMatching(/^🔴 7 of 11 callers → payments: /)]);
    const storm = await stormOn('payments');
    expect(storm.lastHeader).toMatch(/^🔴 7 of 11 callers → payments: /);
    expect(textOf(storm)).toContain('*Callers:* 7 of 11 still affected: billing, search, gift, crm, erp, chat, mail');
    const back = await hear(world, alertOf('web', 'payments', { startsAtMs: Date.now() }));
    expect(wordsOf(back, 'edit')).toEqual([expect.stringMatching(/^🔴 8 of 11 callers → payments: /)]);
    expect((await stormOn('payments')).title).toBe('11 callers → payments');
  });

  it('counts a caller while any alert of it fires', async () => {
    const world = worldOn(sickFor('carts'));
    const alerts = callers.slice(0, 3).map((caller) => alertOf(caller, 'carts'));
    await hear(world, ...alerts, alertOf('cart', 'carts', { name: 'EdgeSlow' }));
    await hear(world, ...ended(alerts.slice(0, 1)));
    expect(callersOf(await stormOn('carts'))?.affected).toEqual(['cart', 'web', 'mobile']);
  });

  it('is measured for all its callers together, first and later, and names the worst with its own figure', async () => {
    const world = worldOn(sickFor('orders'));
    const first = await hear(world, ...callers.map((caller) => alertOf(caller, 'orders')));
    // 600 of cart and 100 of each of ten others, of 11,000.
    expect(wordsOf(first, 'root')[0]).toMatch(/^🔴 11 callers → orders: 15 % failing/);
    const storm = await stormOn('orders');
    expect(textOf(storm)).not.toContain('callers affected');
    expect(textOf(storm)).toContain('*Worst caller:* cart, 60 % failing (600 of 1,000 requests)');
    expect(storm.edge?.source.workload).toBe('cart');
    expect(storm.peak.errorRatio).toBeCloseTo(1600 / 11_000, 3);
    ahead(60_000);
    await refresh(worldOn(holding(callers.flatMap((caller) => call(caller, 'orders', { 200: 500, 503: 500 })))), storm.id);
    expect(wordsOf(await told(), 'edit')[0]).toMatch(/^🔴 11 callers → orders: 50 % failing/);
  });

  it('costs no more questions than one edge does', async () => {
    const metrics = sickFor('ledger');
    const asked: string[] = [];
    const counting = {
      ...metrics,
      instant: (...given: Parameters<typeof metrics.instant>) => {
        asked.push(given[0]);
        return metrics.instant(...given);
      },
      range: (...given: Parameters<typeof metrics.range>) => {
        asked.push(given[0]);
        return metrics.range(...given);
      },
    };
    await hear(worldOn(counting), ...callers.map((caller) => alertOf(caller, 'ledger')));
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThanOrEqual(14);
    // What stands for all of them is nobody's name.
    for (const promql of asked) expect(promql).not.toContain('all callers');
  });

  it('is told anew ten times a minute at most while its callers flap, and as it stands when the minute is over', async () => {
    const world = worldOn(sickFor('stock'));
    const alerts = callers.slice(0, 4).map((caller) => alertOf(caller, 'stock'));
    await hear(world, ...alerts);
    let edits = 0;
    for (let round = 0; round < 15; round += 1) {
      const flapping = alertOf('admin', 'stock', { startsAtMs: Date.now() + round });
      edits += wordsOf(await hear(world, flapping), 'edit').length;
      edits += wordsOf(await hear(world, ...ended([flapping])), 'edit').length;
    }
    edits += wordsOf(await hear(world, ...ended(alerts.slice(3))), 'edit').length;
    expect(edits).toBe(10);
    const storm = await stormOn('stock');
    expect(storm.lastHeader).toMatch(/^🔴 3 of 4 callers → stock/);
    ahead(61_000);
    await fold(world, storm.id);
    expect(wordsOf(await told(), 'edit')).toEqual([expect.stringMatching(/^🔴 3 of 4 callers → stock/)]);
    await fold(world, storm.id);
    expect(await told()).toEqual([]);
  });
});

describe('incidents that stood before a storm', () => {
  const begun = async (callee: string, severity = 'page') => {
    const world = worldOn(sickFor(callee));
    await hear(world, alertOf('cart', callee, { severity }));
    await hear(world, alertOf('web', callee, { severity }));
    const items = await hear(world, alertOf('mobile', callee, { severity }));
    const [storm, open] = [await stormOn(callee), await openAbout(callee)];
    const [cart, web] = ['cart', 'web'].map((caller) => open.find(({ title }) => title === `${caller} → ${callee}`));
    if (cart === undefined || web === undefined) throw new Error('they are gone');
    return { world, items, storm, cart, web };
  };

  it('say what they are part of, with a link once there is one, and are counted there', async () => {
    const { world, items, storm, cart } = await begun('mailer');
    expect(wordsOf(of(items, storm), 'root')).toEqual([expect.stringMatching(/^🔴 3 callers → mailer/)]);
    expect(wordsOf(of(items, cart), 'edit')).toHaveLength(1);
    expect(textOf(cart)).toContain('*Part of:* callers → mailer, which is told there');
    ahead(120_000);
    await refresh(world, cart.id);
    const linked = of(await told(), cart);
    expect(JSON.stringify(linked[0]?.message)).toMatch(
      /\*Part of:\* <https:\/\/acme\.slack\.com\/archives\/C1\/p\d+\|callers → mailer>/,
    );
    // Nothing of it is measured, nor told again.
    await refresh(world, cart.id);
    expect(await told()).toEqual([]);
    expect((await now(cart))?.measuredAtMs).toBe(cart.measuredAtMs);
  });

  it('call nobody: their escalation is the storm’s, once', async () => {
    const { world, storm, cart } = await begun('quota', 'warning');
    const items = await hear(world, alertOf('cart', 'quota', { name: 'EdgeDown' }));
    expect(of(items, cart).filter(({ broadcast }) => broadcast)).toEqual([]);
    expect(wordsOf(of(items, storm), 'escalation')).toEqual([
      expect.stringMatching(/^<!subteam\^S0123ABC> \*3 callers → quota\* is now \*page\*/),
    ]);
    expect((await now(cart))?.alerts).toHaveLength(2);
  });

  it('resolve as before, and leave the count; what comes back joins the storm', async () => {
    const { world, storm, cart } = await begun('vault');
    const items = await hear(world, ...ended([alertOf('cart', 'vault')]));
    expect(wordsOf(of(items, cart), 'resolution')).toEqual([expect.stringMatching(/^✅ Resolved: cart → vault/)]);
    expect(wordsOf(of(items, storm), 'edit')).toEqual([expect.stringMatching(/^🔴 2 of 3 callers → vault/)]);
    const back = await hear(world, alertOf('cart', 'vault', { startsAtMs: Date.now() }));
    expect(back.map(({ rootId }) => rootId)).toEqual([storm.id]);
    expect(wordsOf(back, 'edit')).toEqual([expect.stringMatching(/^🔴 3 callers → vault/)]);
  });

  it('stand for themselves again when the storm is over', async () => {
    const { world, storm, cart } = await begun('search');
    const items = await hear(world, ...ended([alertOf('mobile', 'search')]));
    expect(wordsOf(of(items, storm), 'resolution')).toEqual([expect.stringMatching(/^✅ Resolved: 3 callers → search/)]);
    expect(JSON.stringify(of(items, cart)[0]?.message)).not.toContain('Part of');
    await refresh(world, cart.id);
    expect(wordsOf(of(await told(), cart), 'edit')).toEqual([expect.stringMatching(/^🔴 cart → search: 60 % failing/)]);
  });

  it('stand for themselves again also when nobody reports the storm any more', async () => {
    const { world, storm, cart, web } = await begun('auth');
    const listing = {
      ...world,
      alertsOf: () => ({
        name: 'Alertmanager',
        active: async () =>
          ['cart', 'web'].map((caller) => ({
            ...alertOf(caller, 'auth'),
            state: 'active' as const,
            silencedBy: [],
            inhibitedBy: [],
          })),
      }),
    };
    await closeStale(listing);
    ahead(11 * 60_000);
    await closeStale(listing);
    await told();
    expect((await now(storm))?.state).toBe('unreported');
    expect([(await now(cart))?.partOf, (await now(web))?.partOf]).toEqual([null, null]);
  });

  it('and all who come at once into it are counted, and none is lost', async () => {
    const world = worldOn(sickFor('tax'));
    const startsAtMs = clock.nowMs();
    for (const caller of callers.slice(0, 3)) await hear(world, alertOf(caller, 'tax', { startsAtMs }));
    const ids: string[] = [];
    for (const caller of callers.slice(3)) ids.push(await accept([alertOf(caller, 'tax', { startsAtMs })]));
    await Promise.all(ids.map((id) => handleDelivery(world, id)));
    await told();
    const storm = await stormOn('tax');
    await refresh(world, storm.id);
    const open = await openAbout('tax');
    const counted = callersOf(await stormOn('tax'));
    expect(new Set(counted?.affected)).toEqual(new Set(callers));
    for (const one of open) if (one.id !== storm.id) expect(one.partOf?.incidentId).toBe(storm.id);
  });
});
