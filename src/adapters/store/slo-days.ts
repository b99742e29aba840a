import { createHash } from 'node:crypto';
import type { DayRows } from '../../domain/slo/reading.ts';
import { dayMs } from '../../domain/time.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { guarded } from './errors.ts';

/** A question may be long; whatever changes in it counts something else. */
const hashOf = (promql: string): string => createHash('sha256').update(promql).digest('hex');

/** The longest window is a year, of 366 days at most; what no window reaches any more is forgotten, with a month to spare. */
export const sloDaysForMs = 396 * dayMs;

/** Hours of finished days. Two replicas that read the same day have read the same. */
export const sloDaysOf = (database: Database): Pick<Store, 'sloDays'> => ({
  sloDays: {
    known: (cluster, promql, days) =>
      guarded(async () => {
        const text = 'select day, rows from edgewise.slo_day where cluster = $1 and question = $2 and day = any($3::float8[])';
        const found = await database.query(text, [cluster, hashOf(promql), days]);
        return found.map((row): DayRows => ({ day: Number(row['day']), rows: row['rows'] as DayRows['rows'] }));
      }),
    keep: (cluster, promql, { day, rows }) =>
      guarded(async () => {
        const text =
          'insert into edgewise.slo_day (cluster, question, day, rows) values ($1, $2, $3, $4) on conflict (cluster, question, day) do nothing';
        await database.query(text, [cluster, hashOf(promql), day, JSON.stringify(rows)]);
      }),
  },
});
