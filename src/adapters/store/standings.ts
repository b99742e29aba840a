import type { KnownStanding } from '../../domain/slo/known.ts';
import type { Store } from '../../ports.ts';
import { type Database, storableText } from './database.ts';
import { guarded } from './errors.ts';

/** In one order, so that two who keep the same objectives cannot wait for each other. */
const keepText = `
  insert into edgewise.slo_standing (cluster, name, at, document)
  select $1::text, k.name, k.at, k.document::json
    from unnest($2::text[], $3::float8[], $4::text[]) as k (name, at, document) order by k.name
  on conflict (cluster, name) do update set at = excluded.at, document = excluded.document
    where slo_standing.at <= excluded.at`;

/** How objectives stood when they were last read. */
export const standingsOf = (database: Database): Pick<Store, 'standings'> => ({
  standings: {
    keep: (cluster, standings) =>
      guarded(async () => {
        const latest = [...new Map(standings.map((known) => [storableText(known.slo.name), known]))];
        if (latest.length === 0) return;
        const documents = latest.map(([, known]) => JSON.stringify(known));
        const [names, moments] = [latest.map(([name]) => name), latest.map(([, { atMs }]) => atMs)];
        await database.query(keepText, [cluster, names, moments, documents]);
      }),
    all: () =>
      guarded(async () => {
        const text = 'select document from edgewise.slo_standing order by cluster, name';
        return (await database.query(text)).map((row) => row['document'] as KnownStanding);
      }),
  },
});
