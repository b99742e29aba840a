import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlertGroup } from '../../src/domain/alert.ts';
import { hear, open, subjectKey } from '../../src/domain/episode.ts';
import type { Incident, OutboxMessage, OutboxPurpose } from '../../src/domain/incident.ts';
import type { Decision, Job, Store } from '../../src/ports.ts';
import { alertWith, edgeNamed } from '../support/report.ts';

const scope = { workspace: 'T1', cluster: 'prod' };
const startMs = 1_795_504_520_000;

export const groupOf = (name: string, groupKey = `{}:{alertname="${name}"}`): AlertGroup => ({
  receiver: 'edgewise',
  status: 'firing',
  groupKey,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  routeLabels: {},
  externalUrl: 'http://am-1:9093',
  truncatedAlerts: 0,
  notificationReason: null,
  alerts: [{ ...alertWith({ alertname: name }), fingerprint: name }],
});

let serial = 0;
const incidentOf = (name: string): Incident => {
  const subject = { kind: 'edge', edge: edgeNamed('checkout', name) } as const;
  serial += 1;
  return open(
    { ...scope, id: `i-${serial}`, key: subjectKey(subject, alertWith(), ''), subject, title: name, channel: '#oncall' },
    [{ ...alertWith(), fingerprint: name }],
    startMs,
  );
};
const message = (incident: Incident, purpose: OutboxPurpose, name: string = purpose): OutboxMessage => ({
  key: `${incident.id}:${name}`,
  incidentId: incident.id,
  purpose,
  message: { text: name, blocks: [{ type: 'divider' }] },
  broadcast: purpose === 'escalation',
  picture: purpose === 'picture' ? { name: 'hero', png: new Uint8Array([1, 2, 3]), altText: 'alt' } : null,
});
const decided = (incident: Incident, messages: readonly OutboxMessage[]): Decision => ({ incident, messages, jobs: [] });

const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await isSo()); waited += 20) {
    if (waited > 15_000) throw new Error('did not become so within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** What every store must do; run on each engine. `make` opens a store on its own empty database, or anew on the same one. */
export const storeContract = (name: string, make: () => Promise<Store>): void => {
  describe(`${name}: the store`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await make();
    }, 120_000);
    afterAll(async () => {
      await store.close();
    });
    const put = (incident: Incident, messages: readonly OutboxMessage[]) =>
      store.change(scope, incident.key, 0, () => decided(incident, messages));
    const claimAll = (nowMs: number) => store.outbox.claim(nowMs, 30_000, 50);

    it('accepts a delivery once, and the same content of an HA twin not again', async () => {
      const delivery = { ...scope, receivedAtMs: startMs, group: groupOf('A') };
      expect(await store.accept(delivery)).toBe('accepted');
      expect(
        await store.accept({
          ...delivery,
          receivedAtMs: startMs + 400,
          group: { ...delivery.group, externalUrl: 'http://am-2:9093' },
        }),
      ).toBe('duplicate');
      expect(await store.accept({ ...delivery, receivedAtMs: startMs + 30_000 })).toBe('duplicate');
      expect(await store.accept({ ...delivery, receivedAtMs: startMs + 300_000 })).toBe('accepted');
      expect(await store.accept({ ...delivery, cluster: 'other' })).toBe('accepted');
    });

    it('hands each accepted delivery to a worker, whole, in order within its group', async () => {
      const worked: string[] = [];
      const stop = await store.work(async (job: Job) => {
        if (job.kind !== 'triage') return;
        const delivery = await store.delivery(job.deliveryId);
        worked.push(`${delivery?.group.groupKey} ${delivery?.group.alerts[0]?.fingerprint}`);
      }, 4);
      for (const alert of ['b1', 'b2', 'b3'])
        await store.accept({ ...scope, receivedAtMs: startMs, group: groupOf(alert, 'group-b') });
      await until(() => worked.filter((line) => line.startsWith('group-b')).length >= 3);
      await stop();
      expect(worked.filter((line) => line.startsWith('group-b'))).toEqual(['group-b b1', 'group-b b2', 'group-b b3']);
    });

    it('runs a job again after its handler failed', async () => {
      let tries = 0;
      const stop = await store.work(async (job) => {
        if (job.kind !== 'refresh' || job.incidentId !== 'again') return;
        tries += 1;
        if (tries === 1) throw new Error('first try fails');
      }, 2);
      await store.later({ kind: 'refresh', incidentId: 'again', minute: 2 }, Date.now());
      await until(() => tries >= 2);
      await stop();
    });

    it('finds an incident by the episode of its alert, in its own workspace and cluster only', async () => {
      const incident = incidentOf('payments');
      await put(incident, [message(incident, 'root')]);
      const found = await store.incidentOfAlert(scope, 'payments', alertWith().startsAtMs);
      expect(found?.id).toBe(incident.id);
      expect(await store.incidentOfAlert({ ...scope, cluster: 'other' }, 'payments', alertWith().startsAtMs)).toBeNull();
      expect((await store.openIncidents()).map(({ id }) => id)).toContain(incident.id);
    });

    it('keeps one open incident a subject when many deliveries arrive at once', async () => {
      const key = incidentOf('storm').key;
      const seen = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          store.change(scope, key, 0, (current) => {
            const incident = current ?? incidentOf('storm');
            return decided(hear(incident, [{ ...alertWith(), fingerprint: `storm-${index}` }], startMs, true).incident, [
              message(incident, 'root'),
            ]);
          }),
        ),
      );
      expect(new Set(seen.map((incident) => incident?.id)).size).toBe(1);
      expect((await store.incident(seen[0]?.id ?? ''))?.alerts.length).toBe(13);
      expect((await claimAll(Date.now())).filter(({ incidentId }) => incidentId === seen[0]?.id).length).toBe(1);
    });

    it('gives back an incident closed recently, and opens anew after that', async () => {
      const incident = { ...incidentOf('closing'), state: 'resolved' as const, closedAtMs: startMs };
      await put(incident, []);
      let current: Incident | null = null;
      const look = (afterMs: number) =>
        store.change(scope, incident.key, afterMs, (found) => {
          current = found;
          return null;
        });
      await look(startMs - 1);
      expect(current).toMatchObject({ id: incident.id });
      await look(startMs + 1);
      expect(current).toBeNull();
    });

    it('changes nothing when the decision fails', async () => {
      const incident = incidentOf('failing');
      await expect(
        store.change(scope, incident.key, 0, () => {
          throw new Error('no');
        }),
      ).rejects.toThrow();
      expect(await store.incident(incident.id)).toBeNull();
    });

    it('sends the root first, then by priority, one message an incident at a time', async () => {
      const incident = incidentOf('ordered');
      await put(incident, [
        message(incident, 'thread', 't1'),
        message(incident, 'picture'),
        message(incident, 'root'),
        message(incident, 'escalation'),
      ]);
      const order: string[] = [];
      const nowMs = Date.now() + 1000;
      for (let round = 0; round < 6; round += 1) {
        const mine = (await claimAll(nowMs)).filter(({ incidentId }) => incidentId === incident.id);
        expect(mine.length).toBeLessThanOrEqual(1);
        for (const item of mine) {
          order.push(`${item.purpose}${item.rootTs ?? ''}${item.picture ? item.picture.png.length : ''}`);
          await store.outbox.sent(item, { channelId: 'C1', ts: '1.1' });
        }
      }
      expect(order).toEqual(['root', 'escalation1.1', 'thread1.1', 'picture1.13']);
      expect(await store.incident(incident.id)).toMatchObject({ rootTs: '1.1', channelId: 'C1' });
    });

    it('replaces an edit that waits by a newer one', async () => {
      const incident = incidentOf('edited');
      await put(incident, [message(incident, 'root')]);
      const nowMs = Date.now() + 2000;
      for (const item of await claimAll(nowMs)) await store.outbox.sent(item, { channelId: 'C1', ts: '2.1' });
      await put(incident, [message(incident, 'edit', 'e1')]);
      await put(incident, [message(incident, 'edit', 'e2')]);
      const mine = (await claimAll(nowMs)).filter(({ incidentId }) => incidentId === incident.id);
      expect(mine.map(({ key }) => key)).toEqual([`${incident.id}:e2`]);
    });

    it('leases: nobody else gets a claimed message, and one whose holder died comes back as unknown', async () => {
      const incident = incidentOf('leased');
      await put(incident, [message(incident, 'root')]);
      const nowMs = Date.now() + 3000;
      const [first] = (await claimAll(nowMs)).filter(({ incidentId }) => incidentId === incident.id);
      expect(first?.unknownSinceMs).toBeNull();
      expect((await claimAll(nowMs + 29_000)).filter(({ incidentId }) => incidentId === incident.id)).toEqual([]);
      const [again] = (await claimAll(nowMs + 31_000)).filter(({ incidentId }) => incidentId === incident.id);
      expect([again?.attempt, again?.unknownSinceMs]).toEqual([2, nowMs]);
      if (first) await store.outbox.sent(first, { channelId: 'C9', ts: '9.9' });
      const late = await claimAll(nowMs + 70_000);
      expect(late.some(({ incidentId }) => incidentId === incident.id)).toBe(true);
    });

    it('waits before a retry, remembers an unknown outcome, and parks what cannot be sent', async () => {
      const incident = incidentOf('retried');
      await put(incident, [message(incident, 'root')]);
      const mine = async (nowMs: number) => (await claimAll(nowMs)).find(({ incidentId }) => incidentId === incident.id);
      const nowMs = Date.now() + 100_000;
      const first = await mine(nowMs);
      if (!first) throw new Error('nothing to send');
      await store.outbox.retry(first, nowMs + 10_000, 'timeout', 'unknown');
      expect(await mine(nowMs + 5000)).toBeUndefined();
      const second = await mine(nowMs + 10_000);
      expect(second?.unknownSinceMs).toBe(nowMs);
      if (second) await store.outbox.park(second, 'channel_not_found');
      expect(await mine(nowMs + 999_000)).toBeUndefined();
    });

    it('takes the same message once', async () => {
      const incident = incidentOf('keyed');
      await put(incident, [message(incident, 'root')]);
      await put(incident, [message(incident, 'root')]);
      const before = await store.outbox.waiting();
      await put(incident, [message(incident, 'root')]);
      expect((await store.outbox.waiting()).count).toBe(before.count);
    });

    it('forgets bodies and closed incidents past their time', async () => {
      const old = { ...incidentOf('ancient'), state: 'resolved' as const, closedAtMs: 1000 };
      await put(old, []);
      await store.retain({ bodiesBeforeMs: startMs + 1_000_000_000, incidentsBeforeMs: 2000 });
      expect(await store.incident(old.id)).toBeNull();
    });

    it('says how much waits', async () => {
      expect((await store.queue()).count).toBeGreaterThanOrEqual(0);
      expect(await store.healthy()).toBe(true);
    });
  });
};
