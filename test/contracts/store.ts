import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertGroup, labelsOf } from '../../src/domain/alert.ts';
import { hear } from '../../src/domain/episode.ts';
import type { Incident, OutboxMessage } from '../../src/domain/incident.ts';
import type { Decision, Job, Store } from '../../src/ports.ts';
import { alertWith } from '../support/report.ts';
import { installationsContract } from './store-installations.ts';
import { outboxContract } from './store-outbox.ts';
import { decided, groupOf, incidentOf, message, scope, startMs, until } from './store-values.ts';

/** What every store must do; run on each engine. `make` opens a store on an empty database of its own. */
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
    const claimAll = (nowMs: number) => store.outbox.claim(nowMs, 30_000, 50, scope.workspace);
    const mineOf = async (incident: Incident, nowMs: number) =>
      (await claimAll(nowMs)).filter(({ rootId }) => rootId === incident.id);

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

    it('keeps an alert as it came, whatever it says', async () => {
      const hostile = '\u0000 \ud800 <!channel> \' " \\u0000 \u{1f525}';
      const labels = labelsOf([
        ['alertname', hostile],
        ['__proto__', 'polluted'],
        ['constructor', 'x'],
      ]);
      const group: AlertGroup = {
        ...groupOf('hostile', hostile),
        groupLabels: labels,
        commonAnnotations: labels,
        alerts: [{ ...alertWith(), fingerprint: hostile, labels, startsAtMs: startMs + 0.125 }],
      };
      expect(await store.accept({ ...scope, workspace: hostile, receivedAtMs: startMs, group })).toBe('accepted');
      const ids: string[] = [];
      const stop = await store.work(async (job) => void (job.kind === 'triage' && ids.push(job.deliveryId)), 1);
      await until(async () => {
        for (const id of ids) if ((await store.delivery(id))?.group.alerts[0]?.fingerprint === hostile) return true;
        return false;
      });
      await stop();
      const kept = (await Promise.all(ids.map((id) => store.delivery(id)))).find((one) => one?.group.groupKey === hostile);
      expect(kept?.group).toEqual(group);
      expect(Object.getPrototypeOf(kept?.group.alerts[0]?.labels)).toBeNull();
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      const incident = { ...incidentOf(hostile), title: hostile, key: hostile, lead: { ...alertWith(), labels } };
      const alerts = incident.alerts.map((alert) => ({ ...alert, startsAtMs: startMs + 0.125 }));
      await put({ ...incident, alerts }, [message(incident, 'root', hostile)]);
      expect(await store.incidentOfAlert(scope, hostile, startMs + 0.125)).toMatchObject({
        id: incident.id,
        title: hostile,
      });
      const lead = (await store.incident(incident.id))?.lead;
      expect(lead).toEqual(incident.lead);
      expect(Object.getPrototypeOf(lead?.labels)).toBeNull();
      const [item] = await mineOf(incident, Date.now() + 500);
      expect(item?.message.text).toBe(hostile);
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
      expect((await store.incidentOfAlert(scope, 'storm-7', alertWith().startsAtMs))?.id).toBe(seen[0]?.id);
      expect((await claimAll(Date.now())).filter(({ rootId }) => rootId === seen[0]?.id).length).toBe(1);
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

    it('rejects with a SourceError and keeps nothing when the second of two open incidents takes a key', async () => {
      const [first, second] = [incidentOf('taken'), { ...incidentOf('other'), key: incidentOf('taken').key }];
      await put(first, []);
      await expect(store.change(scope, 'another key', 0, () => decided(second, [message(second, 'root')]))).rejects.toMatchObject(
        { name: 'SourceError', source: 'store' },
      );
      expect(await store.incident(second.id)).toBeNull();
    });

    it('keeps jobs only with the change that asked for them', async () => {
      const ran: string[] = [];
      const stop = await store.work(async (job) => void (job.kind === 'fold' && ran.push(job.incidentId)), 1);
      const [kept, lost] = [incidentOf('with-job'), incidentOf('without-job')];
      const withJob = (incident: Incident, messages: readonly OutboxMessage[]): Decision => ({
        ...decided(incident, messages),
        jobs: [{ job: { kind: 'fold', incidentId: incident.id }, atMs: Date.now() }],
      });
      const broken = { ...message(lost, 'root'), rootId: 'nobody' };
      await expect(store.change(scope, lost.key, 0, () => withJob(lost, [broken]))).rejects.toThrow();
      await store.change(scope, kept.key, 0, () => withJob(kept, []));
      await until(() => ran.length > 0);
      await stop();
      expect(ran).toEqual([kept.id]);
    });

    it('forgets bodies and closed incidents past their time', async () => {
      const old = { ...incidentOf('ancient'), state: 'resolved' as const, closedAtMs: 1000 };
      await put(old, []);
      const ids: string[] = [];
      await store.accept({ ...scope, receivedAtMs: 1000, group: groupOf('ancient') });
      const stop = await store.work(async (job) => void (job.kind === 'triage' && ids.push(job.deliveryId)), 1);
      await until(async () => ids.length > 0 && (await store.queue()).count === 0);
      await stop();
      expect(await store.delivery(ids.at(-1) ?? '')).not.toBeNull();
      await store.retain({ bodiesBeforeMs: 2000, incidentsBeforeMs: 2000 });
      expect(await store.incident(old.id)).toBeNull();
      expect(await store.delivery(ids.at(-1) ?? '')).toBeNull();
    });

    it('says how much waits', async () => {
      expect((await store.queue()).count).toBeGreaterThanOrEqual(0);
      expect(await store.healthy()).toBe(true);
    });

    outboxContract(() => store);
    installationsContract(() => store);
  });
};
