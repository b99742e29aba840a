import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../src/domain/alert.ts';
import type { DayRows } from '../../src/domain/slo/reading.ts';
import { dayMs } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports.ts';
import type { KeptDatabase } from './store-audit.ts';
import { decided, incidentOf, scope, startMs } from './store-values.ts';

const question = 'sum by (response_code) (increase(istio_requests_total{destination_service_name="payments"}[1h]))';
const today = Math.floor(Date.now() / dayMs) * dayMs;

/** A day in which each hour had one request more than the last, and one hour had no value. */
const dayOf = (day: number, code = '200'): DayRows => ({
  day,
  rows: [
    {
      labels: labelsOf([['response_code', code]]),
      values: Array.from({ length: 24 }, (_, hour) => (hour === 3 ? null : hour + 0.125)),
    },
  ],
});

/** What a store keeps of the past that objectives are judged by; run on each engine. */
export const sloDaysContract = (name: string, make: () => Promise<KeptDatabase>): void => {
  const opened = async (use: (store: Store, database: KeptDatabase) => Promise<void>): Promise<void> => {
    const database = await make();
    const store = await database.open();
    try {
      await use(store, database);
    } finally {
      await store.close();
    }
  };

  describe(`${name}: hours of finished days`, () => {
    it(
      'are known of the cluster, the question and the days that were asked for, and of no others',
      () =>
        opened(async ({ sloDays }) => {
          const [first, second, third] = [today - 3 * dayMs, today - 2 * dayMs, today - dayMs];
          expect(await sloDays.known('prod', question, [first, second])).toEqual([]);
          for (const day of [first, second, third]) await sloDays.keep('prod', question, dayOf(day));
          await sloDays.keep('other', question, dayOf(first, '503'));
          await sloDays.keep('prod', `${question} `, dayOf(first, '404'));
          const known = await sloDays.known('prod', question, [third, first, today]);
          expect(known.toSorted((a, b) => a.day - b.day)).toEqual([dayOf(first), dayOf(third)]);
          expect(await sloDays.known('other', question, [first])).toEqual([dayOf(first, '503')]);
          expect(await sloDays.known('prod', `${question} `, [first])).toEqual([dayOf(first, '404')]);
          expect(await sloDays.known('prod', question, [])).toEqual([]);
        }),
      120_000,
    );

    it(
      'stay as the first has read them, also of replicas that read the same day at once',
      () =>
        opened(async ({ sloDays }) => {
          await sloDays.keep('prod', question, dayOf(today));
          await Promise.all(Array.from({ length: 8 }, (_, code) => sloDays.keep('prod', question, dayOf(today, `50${code}`))));
          expect(await sloDays.known('prod', question, [today])).toEqual([dayOf(today)]);
        }),
      120_000,
    );

    it(
      'are kept whole, whatever labels say; a day on which nothing was counted is known as one',
      () =>
        opened(async ({ sloDays }) => {
          const hostile = '<!channel> \' " \\u0000 \u{1f525}';
          const labels = labelsOf([
            ['__proto__', 'polluted'],
            [hostile, hostile],
          ]);
          const day: DayRows = { day: today, rows: [{ labels, values: [0, 1e-300, 1.7976931348623157e308, null] }] };
          await sloDays.keep(hostile, `${hostile}${'x'.repeat(100_000)}`, day);
          const [known] = await sloDays.known(hostile, `${hostile}${'x'.repeat(100_000)}`, [today]);
          expect(known).toEqual(day);
          expect(Object.entries(known?.rows[0]?.labels ?? {})).toContainEqual(['__proto__', 'polluted']);
          expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
          await sloDays.keep('prod', question, { day: today, rows: [] });
          expect(await sloDays.known('prod', question, [today])).toEqual([{ day: today, rows: [] }]);
        }),
      120_000,
    );

    it('outlive a restart, and incidents of their age; what no window of a year reaches is forgotten, to the last', async () => {
      const database = await make();
      const store = await database.open();
      const [reached, unreached] = [today - 370 * dayMs, today - 400 * dayMs];
      await store.sloDays.keep('prod', question, dayOf(reached));
      // More than are deleted by one statement.
      for (let index = 0; index < 1201; index += 1)
        await store.sloDays.keep('prod', question, { day: unreached - index * dayMs, rows: [] });
      await store.retain({ bodiesBeforeMs: today, incidentsBeforeMs: today });
      await store.close();
      const again = await database.open();
      expect(await again.sloDays.known('prod', question, [unreached, reached])).toEqual([dayOf(reached)]);
      await again.close();
      expect(await database.ask('select count(*)::text from edgewise.slo_day')).toBe('1');
    }, 120_000);
  });

  describe(`${name}: incidents of a window`, () => {
    it(
      'are those that are open, and those that closed in it; the first to open before the others',
      () =>
        opened(async (store) => {
          const kept = ['late', 'early', 'closed-before', 'closed-in', 'open-for-long'].map(incidentOf);
          const [late, early, before, inside, long] = kept.map((incident, index) => ({
            ...incident,
            openedAtMs: [startMs + 3000, startMs - 2000, startMs - 9000, startMs - 5000, startMs - 90 * dayMs][index] ?? 0,
          }));
          if (!late || !early || !before || !inside || !long) throw new Error('no incidents');
          const closed = (incident: typeof late, closedAtMs: number) => ({ ...incident, state: 'resolved' as const, closedAtMs });
          for (const one of [late, early, closed(before, startMs - 1), closed(inside, startMs), long])
            await store.change(scope, one.key, 0, () => decided(one, []));
          const titles = async (atMs: number) => (await store.incidentsSince(atMs)).map(({ title }) => title);
          expect(await titles(startMs)).toEqual(['open-for-long', 'closed-in', 'early', 'late']);
          expect(await titles(startMs + 1)).toEqual(['open-for-long', 'early', 'late']);
          expect(await titles(0)).toEqual(['open-for-long', 'closed-before', 'closed-in', 'early', 'late']);
        }),
      120_000,
    );
  });
};
