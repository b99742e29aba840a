import type { ConstructorOptions } from 'pg-boss';
import type { Clock, Delivery, Log, Store } from '../../ports.ts';
import { type Database, guarded } from './database.ts';
import { deliveryId } from './identity.ts';
import { incidentsOf } from './incidents.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { migrate } from './migrations.ts';
import { outboxOf } from './outbox.ts';

/** The delivery and its job in one transaction: what was acknowledged is triaged, whatever happens in between. */
const acceptInto =
  (database: Database, jobs: Jobs): Store['accept'] =>
  (delivery) =>
    guarded(() =>
      database.transact(async () => {
        const id = deliveryId(delivery);
        const rows = await database.query(
          `insert into edgewise.delivery (id, workspace, cluster, group_key, received_at, body)
         select $1, $2, $3, $4, $5, $6 where not exists (select 1 from edgewise.delivery where id = $7)
         on conflict (id) do nothing returning id`,
          [
            id,
            delivery.workspace,
            delivery.cluster,
            delivery.group.groupKey,
            delivery.receivedAtMs,
            JSON.stringify(delivery.group),
            deliveryId(delivery, -1),
          ],
        );
        if (rows.length === 0) return 'duplicate';
        await jobs.triage(id, JSON.stringify([delivery.workspace, delivery.cluster, delivery.group.groupKey]));
        return 'accepted';
      }),
    );

const deliveryFrom =
  (database: Database): Store['delivery'] =>
  (id) =>
    guarded(async () => {
      const [row] = await database.query(
        'select workspace, cluster, received_at, body from edgewise.delivery where id = $1 and body is not null',
        [id],
      );
      if (row === undefined) return null;
      return {
        id,
        workspace: String(row['workspace']),
        cluster: String(row['cluster']),
        receivedAtMs: Number(row['received_at']),
        group: row['body'] as Delivery['group'],
      };
    });

/** The store over any of the two engines. */
export const storeOver = async (
  database: Database,
  options: ConstructorOptions,
  clock: Pick<Clock, 'nowMs'>,
  log: Log,
  closeEngine: () => Promise<void>,
): Promise<Store> => {
  await migrate(database);
  const jobs = await startJobs(database, options, log);
  return {
    accept: acceptInto(database, jobs),
    delivery: deliveryFrom(database),
    work: jobs.work,
    later: jobs.later,
    queue: jobs.queue,
    ...incidentsOf(database, clock.nowMs, jobs.later),
    outbox: outboxOf(database),
    retain: ({ bodiesBeforeMs, incidentsBeforeMs }) =>
      guarded(async () => {
        await database.query('delete from edgewise.delivery where received_at < $1', [bodiesBeforeMs]);
        await database.query('delete from edgewise.incident where closed_at < $1', [incidentsBeforeMs]);
      }),
    healthy: async () => {
      try {
        await database.query('select 1');
        return true;
      } catch {
        return false;
      }
    },
    close: async () => {
      await jobs.stop().catch(() => undefined);
      await closeEngine();
    },
  };
};
