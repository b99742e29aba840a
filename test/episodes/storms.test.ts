import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { closeStale, fold, refresh } from '../../src/episodes/upkeep.ts';
import type { MetricsSource } from '../../src/ports.ts';
import { alertOf, episodes, wordsOf } from '../support/episodes.ts';
import { call, holding } from '../support/metrics.ts';

const { store, ahead, worldOn, accept, told, hear } = episodes('storms');

const callers = ['cart', 'web', 'mobile', 'admin', 'billing', 'search', 'gift', 'crm', 'erp', 'chat', 'mail'];
const sickFor = (callee: string): MetricsSource =>
  holding(callers.flatMap((caller) => call(caller, callee, { 200: 700, 503: 300 })));

/** Counts what is asked of it. */
const counting = (metrics: MetricsSource) => {
  let asked = 0;
  const one =
    <Given extends readonly unknown[], Answer>(ask: (...given: Given) => Answer) =>
    (...given: Given): Answer => {
      asked += 1;
      return ask(...given);
    };
  return { metrics: { ...metrics, instant: one(metrics.instant), range: one(metrics.range) }, asked: () => asked };
};

const openAbout = async (callee: string): Promise<readonly Incident[]> =>
  (await store().openIncidents())
    .filter(({ title }) => title.endsWith(`→ ${callee}`))
    .toSorted(
      (a, b) => Number(a.title.includes(' callers ')) - Number(b.title.includes(' callers ')) || (a.title < b.title ? -1 : 1),
    );
const titles = (incidents: readonly Incident[]): readonly string[] => incidents.map(({ title }) => title);
const headOf = ({ lastRoot }: Incident): string =>
  (lastRoot?.blocks.find(({ type }) => type === 'header')?.['text'] as { readonly text: string } | undefined)?.text ?? '';
const resolved = (alerts: readonly Alert[]): readonly Alert[] => alerts.map((alert) => ({ ...alert, status: 'resolved' }));

describe('many callers of one callee in trouble', () => {
  it('are one message when they come in one delivery, and one resolution when all are well', async () => {
    const world = worldOn(sickFor('payments'));
    const alerts = callers.map((caller) => alertOf(caller, 'payments'));
    const items = await hear(world, ...alerts);
    expect(items.map(({ purpose }) => purpose)).toEqual(['root']);
    expect(wordsOf(items, 'root')[0]).toMatch(/^🔴 11 callers → payments: 30 % failing/);
    expect(JSON.stringify(items[0]?.message.blocks)).toContain(
      '*Callers:* cart, web, mobile, admin, billing, search, gift, crm and 3 more',
    );
    const [storm, ...others] = await openAbout('payments');
    expect(others).toEqual([]);
    expect(storm?.alerts).toHaveLength(11);
    expect(wordsOf(await hear(world, ...resolved(alerts.slice(1))), 'resolution')).toEqual([]);
    const end = await hear(world, ...resolved(alerts.slice(0, 1)));
    expect(wordsOf(end, 'resolution')).toEqual([expect.stringMatching(/^✅ Resolved: 11 callers → payments/)]);
    expect(wordsOf(end, 'thread')[0]).toMatch(/11 alerts were folded into this incident/);
    expect(await openAbout('payments')).toEqual([]);
  });

  it('come back into the message of their storm, with those that are new among them', async () => {
    const later = { startsAtMs: Date.now() };
    const items = await hear(
      worldOn(sickFor('payments')),
      ...['cart', 'web', 'newcomer'].map((caller) => alertOf(caller, 'payments', later)),
    );
    expect(wordsOf(items, 'root')).toEqual([]);
    expect(wordsOf(items, 'escalation')).toEqual([expect.stringMatching(/\*12 callers → payments\* is back, \*page\*/)]);
    expect(wordsOf(items, 'edit')).toEqual([expect.stringMatching(/^🔴 3 of 12 callers → payments/)]);
  });

  it('are two messages and then a storm when they come one by one; further ones are counted, and nothing is asked for them', async () => {
    const { metrics, asked } = counting(sickFor('orders'));
    const world = worldOn(metrics);
    expect((await hear(world, alertOf('cart', 'orders'))).map(({ purpose }) => purpose)).toEqual(['root']);
    expect((await hear(world, alertOf('web', 'orders'))).map(({ purpose }) => purpose)).toEqual(['root']);
    const third = await hear(world, alertOf('mobile', 'orders'));
    expect(wordsOf(third, 'root')).toEqual([expect.stringMatching(/^🔴 3 callers → orders: 30 % failing/)]);
    const before = asked();
    expect(before).toBeGreaterThan(0);
    for (const caller of callers.slice(3)) {
      const items = await hear(world, alertOf(caller, 'orders'));
      expect(items.map(({ purpose }) => purpose)).toEqual(['edit']);
    }
    expect(asked()).toBe(before);
    const open = await openAbout('orders');
    expect(titles(open)).toEqual(['cart → orders', 'web → orders', '11 callers → orders']);
    const storm = open.at(-1) as Incident;
    expect(headOf(storm)).toMatch(/^🔴 11 callers → orders: 30 % failing/);
    expect(storm.lastHeader).toBe(headOf(storm));
    expect(storm.lastRoot?.text).toMatch(/^🔴 11 callers → orders/);
  });

  it('are told apart in the thread, once', async () => {
    const storm = (await openAbout('orders')).at(-1) as Incident;
    await fold(worldOn(sickFor('orders')), storm.id);
    const lines = wordsOf(await told(), 'thread').join('\n');
    for (const caller of callers.slice(3)) expect(lines).toContain(`*EdgeErrorRatioHigh* of ${caller} (page)`);
    await fold(worldOn(sickFor('orders')), storm.id);
    expect(await told()).toEqual([]);
  });

  it('keep their number when the figures are read again', async () => {
    const storm = (await openAbout('orders')).at(-1) as Incident;
    await refresh(worldOn(sickFor('orders')), storm.id);
    const items = (await told()).filter(({ rootId }) => rootId === storm.id);
    expect(wordsOf(items, 'edit')).toEqual([expect.stringMatching(/^🔴 11 callers → orders/)]);
  });

  it('leave an edge that has its own incident to that', async () => {
    const items = await hear(worldOn(sickFor('orders')), alertOf('cart', 'orders', { name: 'EdgeSlow', severity: 'warning' }));
    expect(items.map(({ rootId }) => rootId)).toEqual([(await openAbout('orders'))[0]?.id]);
    expect((await openAbout('orders')).map(({ alerts }) => alerts.length)).toEqual([2, 1, 9]);
  });

  it('call nobody for each: a louder alert is broadcast once, the next ones as loud are not', async () => {
    const world = worldOn(sickFor('ledger'));
    await hear(world, ...callers.slice(0, 3).map((caller) => alertOf(caller, 'ledger', { severity: 'warning' })));
    const louder = await hear(world, alertOf('admin', 'ledger'));
    expect(wordsOf(louder, 'escalation')).toEqual([
      expect.stringMatching(/^<!subteam\^S0123ABC> \*4 callers → ledger\* is now \*page\*/),
    ]);
    expect(wordsOf(louder, 'edit')).toEqual([expect.stringMatching(/^🔴 4 callers → ledger/)]);
    await refresh(world, louder[0]?.rootId ?? '');
    expect(wordsOf(await told(), 'edit')).toEqual([expect.stringMatching(/^🔴 4 callers → ledger/)]);
    expect(
      (await hear(world, alertOf('billing', 'ledger'), alertOf('search', 'ledger'))).map(({ broadcast }) => broadcast),
    ).toEqual([false]);
  });

  it('say nothing twice when the work is done twice', async () => {
    const world = worldOn(sickFor('stock'));
    const first = await accept(callers.slice(0, 4).map((caller) => alertOf(caller, 'stock')));
    await handleDelivery(world, first);
    await handleDelivery(world, first);
    expect((await told()).map(({ purpose }) => purpose)).toEqual(['root']);
    const second = await accept([alertOf('gift', 'stock')]);
    await handleDelivery(world, second);
    await handleDelivery(world, second);
    expect((await told()).map(({ purpose }) => purpose)).toEqual(['edit']);
    const [storm] = await openAbout('stock');
    expect(storm?.title).toBe('5 callers → stock');
    expect(storm?.alerts).toHaveLength(5);
  });

  it('are one incident also when two deliveries are heard at once, and none of them is lost', async () => {
    const world = worldOn(sickFor('mailer'));
    const [one, two] = [
      await accept(callers.slice(0, 4).map((c) => alertOf(c, 'mailer'))),
      await accept(callers.slice(4, 8).map((c) => alertOf(c, 'mailer'))),
    ];
    await Promise.all([handleDelivery(world, one), handleDelivery(world, two)]);
    await told();
    const open = await openAbout('mailer');
    expect(titles(open)).toEqual(['8 callers → mailer']);
    expect(open[0]?.alerts).toHaveLength(8);
  });

  it('of services of one name in two namespaces are no storm', async () => {
    const there = { destination_service_namespace: 'bank' };
    await hear(
      worldOn(sickFor('auth')),
      alertOf('cart', 'auth'),
      alertOf('web', 'auth'),
      alertOf('mobile', 'auth', { labels: there }),
      alertOf('admin', 'auth', { labels: there }),
    );
    expect(titles(await openAbout('auth')).toSorted()).toEqual(['admin → auth', 'cart → auth', 'mobile → auth', 'web → auth']);
  });

  it('of two clusters are no storm', async () => {
    const world = worldOn(sickFor('quota'));
    for (const [caller, cluster] of [
      ['cart', 'prod'],
      ['web', 'prod'],
      ['mobile', 'west'],
    ] as const)
      await handleDelivery(world, await accept([alertOf(caller, 'quota')], cluster));
    await told();
    expect(titles(await openAbout('quota')).toSorted()).toEqual(['cart → quota', 'mobile → quota', 'web → quota']);
  });
});

describe('an alert that outlives its incident', () => {
  it('is told anew: silenced in Alertmanager it was no longer reported, and the silence has ended', async () => {
    const world = worldOn(sickFor('vault'));
    const alert = alertOf('cart', 'vault');
    await hear(world, alert);
    const silencedElsewhere = {
      ...world,
      alertsOf: () => ({
        name: 'Alertmanager',
        active: async () => [{ ...alert, state: 'suppressed' as const, silencedBy: ['s1'], inhibitedBy: [] }],
      }),
    };
    await closeStale(silencedElsewhere);
    ahead(11 * 60_000);
    await closeStale(silencedElsewhere);
    expect(wordsOf(await told(), 'resolution').join('\n')).toMatch(/No longer reported: cart → vault/);
    ahead(2 * 3_600_000);
    const items = await hear(worldOn(sickFor('vault')), alert);
    expect(wordsOf(items, 'root')).toEqual([expect.stringMatching(/^🔴 cart → vault/)]);
    expect(titles(await openAbout('vault'))).toEqual(['cart → vault']);
  });
});
