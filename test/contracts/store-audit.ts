import { describe, expect, it } from 'vitest';
import type { AuditEntry, Store } from '../../src/ports.ts';
import { decided, incidentOf, message, scope, startMs } from './store-values.ts';

/** A database of its own: a store on it, and a look into it while no store is open. */
export type KeptDatabase = {
  readonly open: () => Promise<Store>;
  /** Runs statements; gives the first column of the last one's first row. */
  readonly ask: (statements: string) => Promise<string>;
};

/** Somebody silenced something. */
export const entry: AuditEntry = {
  ...scope,
  atMs: startMs,
  by: 'U012ABC',
  channelId: 'C012ABC',
  action: 'silence',
  incidentId: 'i-1',
  outcome: 'done',
  detail: 'alertname="X" for 2h: rollback',
};

/** What a store keeps of people's deeds; run on each engine. */
export const auditContract = (name: string, make: () => Promise<KeptDatabase>): void => {
  describe(`${name}: what people did`, () => {
    const kept = async ({ ask }: KeptDatabase): Promise<readonly Record<string, unknown>[]> =>
      JSON.parse(await ask("select coalesce(json_agg(a order by seq), '[]')::text from edgewise.audit a"));

    it('is kept in its order and whole, whatever it says; what cannot be kept is a failure of the store', async () => {
      const database = await make();
      const store = await database.open();
      const hostile = '\u0000 \ud800 <!channel> \' " \\u0000 \u{1f525}';
      await store.audit(entry);
      await store.audit({
        ...entry,
        atMs: startMs + 0.5,
        outcome: 'refused',
        channelId: null,
        incidentId: null,
        detail: hostile,
      });
      await Promise.all(['a', 'b', 'c'].map((detail) => store.audit({ ...entry, outcome: 'failed', detail })));
      const nobody = { ...entry, by: null as unknown as string };
      await expect(store.audit(nobody)).rejects.toMatchObject({ name: 'SourceError', source: 'store' });
      await store.close();
      const rows = await kept(database);
      expect(rows[0]).toEqual({
        ...{ seq: expect.any(Number), ...scope, at: startMs, by_user: 'U012ABC', channel_id: 'C012ABC' },
        ...{ action: 'silence', incident_id: 'i-1', outcome: 'done', detail: entry.detail },
      });
      expect(rows[1]).toMatchObject({
        ...{ at: startMs + 0.5, outcome: 'refused', channel_id: null, incident_id: null },
        detail: hostile.replace('\u0000', '\ufffd').toWellFormed(),
      });
      expect(
        rows
          .slice(2)
          .map(({ detail }) => detail)
          .toSorted(),
      ).toEqual(['a', 'b', 'c']);
    }, 120_000);

    it('outlives its incident, and is forgotten to the last entry when incidents of its age are', async () => {
      const database = await make();
      const store = await database.open();
      const incident = { ...incidentOf('audited'), state: 'resolved' as const, closedAtMs: 1000 };
      await store.change(scope, incident.key, 0, () => decided(incident, []));
      // More than are deleted by one statement.
      const old = Array.from({ length: 1201 }, (_, index) => index);
      for (const atMs of [...old, 2000, 5000]) await store.audit({ ...entry, atMs, incidentId: incident.id });
      await store.retain({ bodiesBeforeMs: 9000, incidentsBeforeMs: 2000 });
      expect(await store.incident(incident.id)).toBeNull();
      await store.close();
      expect((await kept(database)).map(({ at }) => at)).toEqual([2000, 5000]);
    }, 120_000);

    it('has room in a store of the release before, whose incidents stay', async () => {
      const database = await make();
      const before = await database.open();
      const incident = incidentOf('upgraded');
      await before.change(scope, incident.key, 0, () => decided(incident, [message(incident, 'root')]));
      await before.close();
      await database.ask(
        `drop table edgewise.audit, edgewise.once, edgewise.installation, edgewise.channel_root, edgewise.slo_day; delete from edgewise.migration where number > 1; select '1'`,
      );
      const store = await database.open();
      expect((await store.incident(incident.id))?.title).toBe('upgraded');
      await store.audit(entry);
      await store.close();
      expect(await kept(database)).toHaveLength(1);
      expect(await database.ask('select max(number)::text from edgewise.migration where minimum = 1')).toBe('6');
    }, 120_000);
  });
};
