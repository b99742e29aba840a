import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { istio } from '../../src/dialects/istio.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { ReceivedTrace } from '../../src/domain/trace.ts';
import { handleDelivery } from '../../src/episodes/delivery.ts';
import { recentEvidence } from '../../src/episodes/recent.ts';
import type { EpisodeWorld } from '../../src/episodes/world.ts';
import type { MetricsSource, OutboxItem, Store, TraceSource } from '../../src/ports.ts';
import { groupOf, scope } from '../contracts/store-values.ts';
import { call, down, holding } from '../support/metrics.ts';
import { alertWith, setting } from '../support/report.ts';
import { requestTrace, storeWith, tracingBy } from '../support/trace-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewise-telling-'));
let store: Store;
beforeAll(async () => {
  store = await openEmbedded({ dataDir: folder, clock: systemClock, log: () => undefined });
}, 60_000);
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const sick = holding(call('checkout', 'payments', { 200: 700, 503: 300 }));
const well = holding(call('checkout', 'payments', { 200: 1000 }));

const worldOn = (metrics: MetricsSource, traces?: TraceSource): EpisodeWorld => ({
  store,
  clock: systemClock,
  log: () => undefined,
  charts: null,
  clusterOf: (name) => ({
    name,
    dialect: istio,
    metrics,
    rules: null,
    deadlineMs: 2000,
    ...(traces === undefined ? {} : { tracing: tracingBy(traces) }),
  }),
  alertsOf: () => null,
  settingOf: () => setting,
  routeOf: (_, __, severity) => ({ channel: '#mesh-alerts', mention: severity === 'page' ? '<!subteam^S0123ABC>' : null }),
  hasPictureChannel: false,
  wakeSender: () => undefined,
  linkOf: () => null,
  channelBudget: 0,
  recent: recentEvidence(() => undefined),
  onGaps: () => undefined,
});

const startsAtMs = Date.now() - 60_000;
const about = (fingerprint: string, callee: string, severity: string, status: Alert['status'] = 'firing'): Alert => ({
  ...alertWith(
    {
      alertname: fingerprint,
      severity,
      source_workload: 'checkout',
      source_workload_namespace: 'shop',
      destination_service_name: callee,
      destination_service_namespace: 'shop',
      destination_workload: `${callee}-v1`,
    },
    {},
    status,
  ),
  fingerprint,
  startsAtMs,
});

let deliveries = 0;
/** One delivery, heard to its end; gives what is then told to Slack, in order. */
const hear = (metrics: MetricsSource, ...alerts: readonly Alert[]): Promise<readonly OutboxItem[]> =>
  hearIn(worldOn(metrics), ...alerts);

const hearIn = async (world: EpisodeWorld, ...alerts: readonly Alert[]): Promise<readonly OutboxItem[]> => {
  deliveries += 1;
  const group = { ...groupOf(`g${deliveries}`), alerts, notificationReason: null };
  const ids = new Promise<string>((resolve) => {
    void store
      .work(async (job) => {
        if (job.kind === 'triage') resolve(job.deliveryId);
      }, 1)
      .then(async (stop) => {
        await ids;
        await stop();
      });
  });
  await store.accept({ ...scope, receivedAtMs: Date.now(), group });
  await handleDelivery(world, await ids);
  const told: OutboxItem[] = [];
  for (;;) {
    const items = await store.outbox.claim(Date.now() + 1000, 60_000, 50, scope.workspace);
    if (items.length === 0) return told;
    told.push(...items);
    for (const item of items) await store.outbox.sent(item, { channelId: 'C1', ts: `${deliveries}.${told.length}` });
  }
};

const words = (items: readonly OutboxItem[], purpose: OutboxItem['purpose']): readonly string[] =>
  items.filter((item) => item.purpose === purpose).map(({ message }) => message.text);

describe('what Slack is told of an incident', () => {
  it('broadcasts a raised severity once, with the mention of the louder severity, whichever alert comes first in the delivery', async () => {
    expect((await hear(sick, about('warned', 'payments', 'warning'))).map(({ purpose }) => purpose)).toEqual(['root']);
    const told = await hear(sick, about('warned-too', 'payments', 'warning'), about('paged', 'payments', 'page'));
    const [escalation, ...others] = told.filter(({ broadcast }) => broadcast);
    expect(others).toEqual([]);
    expect(escalation?.message.text).toMatch(/^<!subteam\^S0123ABC> \*checkout → payments\* is now \*page\*: paged/);
    const again = await hear(sick, about('warned-too', 'payments', 'warning'), about('paged', 'payments', 'page'));
    expect(again.filter(({ broadcast }) => broadcast)).toEqual([]);
  });

  it('closes with a card that tells the peak, what changed back and what was changed meanwhile', async () => {
    const resolved = ['warned', 'warned-too', 'paged'].map((name) =>
      about(name, 'payments', name === 'paged' ? 'page' : 'warning', 'resolved'),
    );
    const told = await hear(well, ...resolved);
    expect(words(told, 'resolution')).toEqual([expect.stringMatching(/^✅ Resolved: checkout → payments/)]);
    const [card] = words(told, 'thread');
    expect(card).toMatch(/^\*Resolved\* at/);
    expect(card).toMatch(/\*Peak:\* 30 % failing/);
    expect(card).toMatch(/\*What changed back:\* errors 30 % → 0 %/);
    expect(told.filter(({ broadcast }) => broadcast)).toEqual([]);
  });

  it('broadcasts that it is back, once', async () => {
    const told = await hear(sick, { ...about('paged', 'payments', 'page'), startsAtMs: startsAtMs + 30_000 });
    expect(words(told, 'escalation')).toEqual([
      expect.stringMatching(/^<!subteam\^S0123ABC> \*checkout → payments\* is back, \*page\*: paged/),
    ]);
  });

  it('closes although every source is down', async () => {
    await hear(sick, about('cart-paged', 'cart', 'page'));
    const told = await hear(down, about('cart-paged', 'cart', 'page', 'resolved'));
    expect(words(told, 'resolution')).toEqual([expect.stringMatching(/^✅ Resolved: checkout → cart/)]);
    expect(words(told, 'thread')[0]).not.toMatch(/changed/i);
  });
});

describe('the worst request', () => {
  const failed = requestTrace(1, Date.now() - 30_000, {
    from: 'checkout',
    to: 'ledger',
    startMs: 0,
    tookMs: 40,
    code: '503',
    flags: 'UF',
  });
  const ledger = holding(call('checkout', 'ledger', { 200: 700, 503: 300 }));
  const slowly = (traces: readonly ReceivedTrace[]): TraceSource => {
    const store = storeWith(traces);
    const search: TraceSource['search'] = async (...given) => {
      await systemClock.sleep(900);
      return store.search(...given);
    };
    return { ...store, search };
  };
  const shown = (item: OutboxItem | undefined): string => JSON.stringify(item?.message.blocks);

  it('stands in the root when the store is quick', async () => {
    const told = await hearIn(worldOn(ledger, storeWith([failed])), about('quick', 'ledger', 'page'));
    expect(told.map(({ purpose }) => purpose)).toEqual(['root']);
    expect(shown(told[0])).toMatch(/A failed request:\*? checkout → ledger failed after 40 ms/);
  });

  it('never holds up the text: the root names the store that is still asked, and is edited when it answers', async () => {
    const broken = { from: 'checkout', to: 'wallet', startMs: 0, tookMs: 40, code: '503', flags: 'UF' };
    const wallet = holding(call('checkout', 'wallet', { 200: 700, 503: 300 }));
    const told = await hearIn(
      worldOn(wallet, slowly([requestTrace(2, Date.now() - 30_000, broken)])),
      about('late', 'wallet', 'page'),
    );
    expect(told.map(({ purpose }) => purpose)).toEqual(['root', 'edit']);
    expect(shown(told[0])).toMatch(/Still asking Tempo for the worst request/);
    expect(shown(told[1])).toMatch(/checkout → wallet failed after 40 ms/);
  });
});
