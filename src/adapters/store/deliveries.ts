import type { AlertGroup } from '../../domain/alert.ts';
import type { Delivery, NewDelivery, Store } from '../../ports.ts';
import { type Database, type Row, storableText } from './database.ts';
import { guarded } from './errors.ts';
import { groupCommit } from './group-commit.ts';
import { deliveryId } from './identity.ts';
import type { Jobs } from './jobs.ts';
import { revivedGroup } from './revived.ts';

const deliveryOf = (id: string, row: Row): Delivery => ({
  id,
  workspace: String(row['workspace']),
  cluster: String(row['cluster']),
  receivedAtMs: Number(row['received_at']),
  group: revivedGroup(row['body'] as AlertGroup),
});

type New = NewDelivery & { readonly id: string; readonly before: string; readonly body: string };

const insertText = `
  insert into edgewise.delivery (id, workspace, cluster, received_at, body)
  select id, workspace, cluster, received_at, body::json
    from unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[]) as new (id, workspace, cluster, received_at, body, before)
   where not exists (select 1 from edgewise.delivery known where known.id = new.before)
  on conflict (id) do nothing returning id`;

/** Rows of those that are no repeats, with their jobs; the caller's transaction is around both. */
const insertAll = async (database: Database, triage: Jobs['triage'], deliveries: readonly New[]) => {
  const texts = (of: (delivery: New) => string): readonly string[] => deliveries.map((delivery) => storableText(of(delivery)));
  const rows = await database.query(insertText, [
    texts(({ id }) => id),
    texts(({ workspace }) => workspace),
    texts(({ cluster }) => cluster),
    deliveries.map(({ receivedAtMs }) => receivedAtMs),
    texts(({ body }) => body),
    texts(({ before }) => before),
  ]);
  const inserted = new Set(rows.map(({ id }) => String(id)));
  // Of two equal ones in one batch the first is the delivery.
  const taken = deliveries.map(({ id }) => inserted.delete(id));
  await triage(
    deliveries
      .filter((_, index) => taken[index])
      .map(({ id, workspace, cluster, group }) => ({
        deliveryId: id,
        groupKey: JSON.stringify([workspace, cluster, group.groupKey]),
      })),
  );
  return taken.map((isTaken) => (isTaken ? ('accepted' as const) : ('duplicate' as const)));
};

/** Deliveries as they were accepted. The row and its job are one transaction: what was acknowledged is triaged, whatever happens in between. */
export const deliveriesOf = (
  database: Database,
  triage: Jobs['triage'],
  ensureRoom: () => void,
): Pick<Store, 'accept' | 'delivery'> => {
  const together = groupCommit((deliveries: readonly New[]) =>
    database.transact(async () => {
      ensureRoom();
      return insertAll(database, triage, deliveries);
    }, 'first'),
  );
  return {
    accept: (delivery) =>
      guarded(async () => {
        const body = JSON.stringify(delivery.group);
        return together({ ...delivery, id: deliveryId(delivery), before: deliveryId(delivery, -1), body }, body.length);
      }),
    delivery: (id) =>
      guarded(async () => {
        const text = 'select workspace, cluster, received_at, body from edgewise.delivery where id = $1';
        const [row] = await database.query(text, [id]);
        return row === undefined ? null : deliveryOf(id, row);
      }),
  };
};
