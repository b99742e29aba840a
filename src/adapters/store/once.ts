import { createHash } from 'node:crypto';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { guarded } from './errors.ts';

/** Some of these names are keys of a sort (a trigger opens a modal): what is kept is of one length, and opens nothing. */
const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex');

/** In one order, so that two who share some of their names cannot wait for each other; whoever comes second waits for the first's commit. */
const onceText = `
  insert into edgewise.once (id, keep_until)
  select id, $2::float8 from unnest($1::text[]) as said (id) order by id on conflict (id) do nothing returning id`;

/** What is done once, whoever of the replicas hears of it. A person waits for the answer, so it goes before other statements. */
export const onceOf = (database: Database): Pick<Store, 'once'> => ({
  once: (ids, keepUntilMs) =>
    guarded(async () => {
      const hashes = [...new Set(ids.map(hashOf))];
      const added = await database.transact(() => database.query(onceText, [hashes, keepUntilMs]), 'first');
      return added.length === hashes.length;
    }),
});
