import type { ConstructorOptions } from 'pg-boss';
import type { Clock, Log, Store } from '../../ports.ts';
import { auditOf } from './audit.ts';
import { budgetOf } from './budget.ts';
import type { Database } from './database.ts';
import { deliveriesOf } from './deliveries.ts';
import { digestsOf } from './digests.ts';
import { guarded } from './errors.ts';
import { incidentsOf } from './incidents.ts';
import { installationsOf } from './installations.ts';
import { startJobs } from './jobs.ts';
import { migrate } from './migrations.ts';
import { onceOf } from './once.ts';
import { outboxOf } from './outbox.ts';
import { sloDaysForMs, sloDaysOf } from './slo-days.ts';
import { standingsOf } from './standings.ts';

/** Small, since on the one connection of PGlite everything else waits meanwhile. */
const deletedAtOnce = 500;

/** Deletes until nothing is left; `text` takes the moment and how many. */
const sweep = async (database: Database, text: string, beforeMs: number): Promise<void> => {
  for (let left = deletedAtOnce; left === deletedAtOnce; ) {
    left = (await database.query(text, [beforeMs, deletedAtOnce])).length;
  }
};

const deliveriesText =
  'delete from edgewise.delivery where id in (select id from edgewise.delivery where received_at < $1 limit $2) returning 1';
const incidentsText =
  'delete from edgewise.incident where id in (select id from edgewise.incident where closed_at < $1 limit $2) returning 1';
const auditText = 'delete from edgewise.audit where seq in (select seq from edgewise.audit where at < $1 limit $2) returning 1';
const onceText =
  'delete from edgewise.once where id in (select id from edgewise.once where keep_until < $1 limit $2) returning 1';

const sloDaysText =
  'delete from edgewise.slo_day where ctid in (select ctid from edgewise.slo_day where day < $1 limit $2) returning 1';

const standingsText =
  'delete from edgewise.slo_standing where ctid in (select ctid from edgewise.slo_standing where at < $1 limit $2) returning 1';
const digestsText = 'delete from edgewise.digest where id in (select id from edgewise.digest where at < $1 limit $2) returning 1';

type Engine = {
  readonly database: Database;
  /** How pg-boss reaches the same database. */
  readonly boss: ConstructorOptions;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  /** Throws `SourceError` when nothing more may be accepted. */
  readonly ensureRoom: () => void;
  /** Runs last, also when the jobs do not stop cleanly. */
  readonly closeEngine: () => Promise<void>;
};

/** The store over any of the two engines. */
export const storeOver = async ({ database, boss, clock, log, ensureRoom, closeEngine }: Engine): Promise<Store> => {
  await migrate(database);
  const { triage, stop, work, later, queue } = await startJobs(database, boss, clock, log);
  return {
    ...deliveriesOf(database, triage, ensureRoom),
    ...incidentsOf(database, clock.nowMs, later),
    ...auditOf(database),
    ...onceOf(database),
    ...budgetOf(database),
    ...sloDaysOf(database),
    ...standingsOf(database),
    ...digestsOf(database, clock.nowMs),
    outbox: outboxOf(database),
    installations: installationsOf(database),
    work,
    later,
    queue,
    retain: ({ bodiesBeforeMs, incidentsBeforeMs }) =>
      guarded(async () => {
        await sweep(database, deliveriesText, bodiesBeforeMs);
        await sweep(database, incidentsText, incidentsBeforeMs);
        await sweep(database, auditText, incidentsBeforeMs);
        await sweep(database, sloDaysText, clock.nowMs() - sloDaysForMs);
        await sweep(database, standingsText, bodiesBeforeMs);
        await sweep(database, digestsText, incidentsBeforeMs);
        await sweep(database, onceText, clock.nowMs());
      }),
    healthy: () =>
      database.query('select 1').then(
        () => true,
        () => false,
      ),
    close: () => guarded(() => stop().finally(closeEngine)),
  };
};
