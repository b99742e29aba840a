import type { AlertGroup } from '../../domain/alert.ts';
import type { Delivery, Store } from '../../ports.ts';
import type { Database, Row } from './database.ts';
import { guarded } from './errors.ts';
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

/** Deliveries as they were accepted. The row and its job are one transaction: what was acknowledged is triaged, whatever happens in between. */
export const deliveriesOf = (
  database: Database,
  triage: Jobs['triage'],
  ensureRoom: () => void,
): Pick<Store, 'accept' | 'delivery'> => ({
  accept: (delivery) =>
    guarded(() =>
      database.transact(async () => {
        ensureRoom();
        const { workspace, cluster, receivedAtMs, group } = delivery;
        const id = deliveryId(delivery);
        const rows = await database.query(
          `insert into edgewise.delivery (id, workspace, cluster, received_at, body)
           select $1, $2, $3, $4, $5 where not exists (select 1 from edgewise.delivery where id = $6)
           on conflict (id) do nothing returning id`,
          [id, workspace, cluster, receivedAtMs, JSON.stringify(group), deliveryId(delivery, -1)],
        );
        if (rows.length === 0) return 'duplicate';
        await triage(id, JSON.stringify([workspace, cluster, group.groupKey]));
        return 'accepted';
      }),
    ),
  delivery: (id) =>
    guarded(async () => {
      const text = 'select workspace, cluster, received_at, body from edgewise.delivery where id = $1';
      const [row] = await database.query(text, [id]);
      return row === undefined ? null : deliveryOf(id, row);
    }),
});
