import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/ports.ts';
import type { KeptDatabase } from './store-audit.ts';

const hourMs = 3_600_000;

/** What is done once, whoever hears of it; run on each engine. */
export const onceContract = (name: string, make: () => Promise<KeptDatabase>): void => {
  describe(`${name}: what is done once`, () => {
    const untilMs = Date.now() + hourMs;

    it('is done by the first who says any of its names, also after a restart; names of others are free', async () => {
      const database = await make();
      const before = await database.open();
      expect(await before.once(['trigger:1', 'envelope:a'], untilMs)).toBe(true);
      expect(await before.once(['trigger:1', 'envelope:b'], untilMs)).toBe(false);
      expect(await before.once(['envelope:a'], untilMs)).toBe(false);
      expect(await before.once(['trigger:2', 'trigger:2'], untilMs)).toBe(true);
      await before.close();
      const after = await database.open();
      expect(await after.once(['envelope:a', 'trigger:3'], untilMs)).toBe(false);
      expect(await after.once(['trigger:4 \u0000 \ud800 \' "'], untilMs)).toBe(true);
      await after.close();
    }, 120_000);

    it('is done by one of many who say its names at once, each with a name of their own', async () => {
      const database = await make();
      const store = await database.open();
      const said = (gesture: number) =>
        ['z', 'a', 'm', 'c'].map((own) =>
          store.once([`trigger:${gesture}`, `envelope:${own}${gesture}`, `sig:${gesture}`], untilMs),
        );
      const answers = await Promise.all([1, 2, 3].flatMap(said));
      for (const first of [0, 4, 8]) expect(answers.slice(first, first + 4).toSorted()).toEqual([false, false, false, true]);
      await store.close();
    }, 120_000);

    it('is forgotten past its time and not before, to the last name, and no name is kept in the clear', async () => {
      const database = await make();
      const store: Store = await database.open();
      // More than are deleted by one statement.
      await store.once(
        Array.from({ length: 1201 }, (_, index) => `old:${index}`),
        Date.now() - 1,
      );
      await store.once(['trigger:canary'], untilMs);
      await store.retain({ bodiesBeforeMs: 0, incidentsBeforeMs: 0 });
      expect(await store.once(['trigger:canary'], untilMs)).toBe(false);
      await store.close();
      expect(await database.ask("select string_agg(id, ' ') from edgewise.once")).toMatch(/^[0-9a-f]{64}$/);
    }, 120_000);
  });
};
