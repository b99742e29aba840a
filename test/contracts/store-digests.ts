import { describe, expect, it } from 'vitest';
import type { NewDigest } from '../../src/domain/digest.ts';
import type { DigestSubscription } from '../../src/domain/digest-subscription.ts';
import { subscriptionKey } from '../../src/domain/digest-subscription.ts';
import type { OutboxMessage, OutboxPurpose } from '../../src/domain/incident.ts';
import type { KnownStanding } from '../../src/domain/slo/known.ts';
import { type Slo, windowMark } from '../../src/domain/slo.ts';
import type { Store } from '../../src/ports.ts';
import { decided, incidentOf, message, scope, startMs } from './store-values.ts';

const { workspace } = scope;
const slo: Slo = {
  name: 'payments-availability',
  about: { kind: 'named', service: 'payments' },
  sli: { kind: 'queries', counts: 'bad', counted: `x[${windowMark}]`, total: `y[${windowMark}]`, per: 'window' },
  objectivePpm: 999_000,
  window: { kind: 'rolling', days: 30 },
  cluster: null,
  owner: null,
  channel: null,
  origin: { format: 'Sloth', file: 'slos.yaml' },
};
const standing: KnownStanding = {
  slo,
  cluster: 'prod',
  atMs: startMs,
  period: { startMs: startMs - 1000, endMs: startMs, wholeSeconds: 2_592_000 },
  state: 'at-risk',
  left: 0.125,
  events: { total: 1000.5, bad: 0.25 },
  exhaustedAtMs: null,
};
const subscription: DigestSubscription = {
  channel: '#payments',
  channelName: 'payments',
  rhythm: 'daily',
  weekday: 1,
  minuteOfDay: 540,
  zone: 'Europe/Berlin',
  choice: { kind: 'own' },
  sinceMs: startMs,
  by: 'U012ABC',
};

let serial = 0;
const digestOn = (date: string, purposes: readonly OutboxPurpose[] = ['root']): NewDigest => {
  serial += 1;
  const id = `digest-${serial}`;
  const told = (purpose: OutboxPurpose): OutboxMessage => ({
    key: `${id}:${purpose}`,
    rootId: id,
    purpose,
    message: { text: purpose, blocks: [] },
    broadcast: false,
    picture: null,
  });
  return {
    id,
    workspace,
    subscription: subscriptionKey(subscription),
    date,
    atMs: startMs,
    channel: '#payments',
    memory: [{ name: slo.name, state: 'healthy', left: 0.5 }],
    messages: purposes.map(told),
  };
};

/** What a store keeps of objectives and of what channels are told of them. `make` opens a store on an empty database. */
export const digestsContract = (name: string, make: () => Promise<Store>): void => {
  describe(`${name}: digests`, () => {
    const withStore = async (work: (store: Store) => Promise<void>): Promise<void> => {
      const store = await make();
      await work(store).finally(store.close);
    };
    const claim = (store: Store, nowMs: number) => store.outbox.claim(nowMs, 30_000, 50, workspace);

    it(
      'are told once a date and channel, whoever tells them, with all their messages or none',
      () =>
        withStore(async (store) => {
          expect(await store.digests.last(workspace, subscriptionKey(subscription))).toBeNull();
          const rivals = [1, 2, 3, 4].map(() => digestOn('2026-11-28', ['root', 'thread']));
          const told = await Promise.all(rivals.map(store.digests.tell));
          expect(told.toSorted()).toEqual([false, false, false, true]);
          expect(await store.outbox.waiting(workspace)).toMatchObject({ count: 2 });
          expect(await store.digests.tell(digestOn('2026-11-28'))).toBe(false);
          expect(await store.digests.tell({ ...digestOn('2026-11-28'), workspace: 'T2' })).toBe(true);
          const next = { ...digestOn('2026-11-29'), memory: [] };
          expect(await store.digests.tell(next)).toBe(true);
          const { date, atMs, memory } = next;
          expect(await store.digests.last(workspace, subscriptionKey(subscription))).toEqual({ date, atMs, memory });
        }),
      120_000,
    );

    it(
      'go to their channel as incidents do: the root first, its thread after it, where the root stands',
      () =>
        withStore(async (store) => {
          const digest = digestOn('2026-11-28', ['thread', 'picture', 'root']);
          await store.digests.tell(digest);
          const incident = incidentOf('beside');
          await store.change(scope, incident.key, 0, () => decided(incident, [message(incident, 'root')]));
          const seen: string[] = [];
          const nowMs = Date.now() + 1000;
          for (let round = 0; round < 4; round += 1) {
            const items = await claim(store, nowMs);
            for (const item of items) {
              seen.push(`${item.rootId === digest.id ? 'digest' : 'incident'} ${item.purpose} ${item.channel} ${item.rootTs}`);
              await store.outbox.sent(item, { channelId: 'C1', ts: `${round}.${seen.length}` });
            }
          }
          expect(seen).toEqual([
            'digest root #payments null',
            'incident root #oncall null',
            'digest thread #payments 0.1',
            'digest picture #payments 0.1',
          ]);
          expect((await store.incident(incident.id))?.rootTs).toBe('0.2');
        }),
      120_000,
    );

    it(
      'of a date are forgotten when incidents of their age are, with their messages',
      () =>
        withStore(async (store) => {
          await store.digests.tell({ ...digestOn('2025-01-01'), atMs: 1000 });
          await store.digests.tell({ ...digestOn('2026-11-28'), atMs: 9000 });
          await store.standings.keep('prod', [
            { ...standing, atMs: 1000 },
            { ...standing, slo: { ...slo, name: 'new' } },
          ]);
          await store.retain({ bodiesBeforeMs: 5000, incidentsBeforeMs: 5000 });
          expect((await claim(store, Date.now() + 1000)).map(({ message: { text } }) => text)).toEqual(['root']);
          expect((await store.standings.all()).map((known) => known.slo.name)).toEqual(['new']);
        }),
      120_000,
    );

    it(
      'are asked for by channel and rhythm: the last wish counts, in its own workspace',
      () =>
        withStore(async (store) => {
          const weekly = { ...subscription, rhythm: 'weekly', choice: { kind: 'names', names: ['pay*'] } } as const;
          await store.digests.subscribe(workspace, subscription);
          await store.digests.subscribe(workspace, weekly);
          await store.digests.subscribe(workspace, { ...subscription, channel: 'Payments', minuteOfDay: 600 });
          await store.digests.subscribe('T2', subscription);
          expect(await store.digests.subscriptions(workspace)).toEqual([
            { ...subscription, channel: 'Payments', minuteOfDay: 600 },
            weekly,
          ]);
          expect(await store.digests.unsubscribe(workspace, subscriptionKey(weekly))).toBe(true);
          expect(await store.digests.unsubscribe(workspace, subscriptionKey(weekly))).toBe(false);
          expect(await store.digests.subscriptions(workspace)).toHaveLength(1);
          expect(await store.digests.subscriptions('T2')).toEqual([subscription]);
        }),
      120_000,
    );

    it(
      'rest on how objectives stood: the newest reading of each, by cluster, whole',
      () =>
        withStore(async (store) => {
          const hostile = { ...standing, slo: { ...slo, name: '\u0000 \ud800 \' " <!channel>' } };
          await store.standings.keep('prod', [standing, hostile]);
          await store.standings.keep('prod', [{ ...standing, atMs: startMs - 1, left: 0.9 }]);
          await store.standings.keep('other', [{ ...standing, atMs: startMs + 1, left: null, events: null }]);
          await store.standings.keep('prod', []);
          const known = await store.standings.all();
          expect(known.filter((one) => one.slo.name === slo.name)).toEqual([
            { ...standing, atMs: startMs + 1, left: null, events: null },
            standing,
          ]);
          expect(known).toHaveLength(3);
        }),
      120_000,
    );
  });
};
