import { type ConstructorOptions, PgBoss } from 'pg-boss';
import type { Job, Log, Store } from '../../ports.ts';
import { bossDatabase, type Database, guarded, type Row } from './database.ts';
import { nameBasedId } from './identity.ts';

/** Ordered per group key: a failing head blocks its own group only. */
const triageQueue = 'triage';
const laterQueue = 'later';
const recurringQueue = 'recurring';

const retries = {
  retryLimit: 12,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  heartbeatSeconds: 10,
  expireInSeconds: 120,
  deleteAfterSeconds: 3600,
  notify: true,
} as const;

/** Errors repeat many times a second while a database is away: one line in ten seconds says as much. */
const quietErrors = (log: Log): ((error: unknown) => void) => {
  let lastMs = 0;
  return (error) => {
    if (Date.now() - lastMs < 10_000) return;
    lastMs = Date.now();
    log('warn', 'job queue error', { error });
  };
};

export type Jobs = Pick<Store, 'work' | 'later' | 'queue'> & {
  readonly triage: (deliveryId: string, groupKey: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const laterId = (job: Job, atMs: number): string => nameBasedId(JSON.stringify(['later', job, Math.floor(atMs / 60_000)]));

/** pg-boss on the shared database. Sends join the transaction of the caller. */
export const startJobs = async (database: Database, options: ConstructorOptions, log: Log): Promise<Jobs> => {
  const boss = new PgBoss({ superviseIntervalSeconds: 5, monitorIntervalSeconds: 5, useListenNotify: true, ...options });
  boss.on('error', quietErrors(log));
  await boss.start();
  await boss.createQueue(triageQueue, { policy: 'key_strict_fifo', ...retries });
  await boss.createQueue(laterQueue, { policy: 'standard', ...retries });
  await boss.createQueue(recurringQueue, { policy: 'standard', ...retries, retryLimit: 0 });
  await boss.schedule(recurringQueue, '* * * * *', { kind: 'staleness' }, { key: 'staleness' });
  await boss.schedule(recurringQueue, '17 * * * *', { kind: 'retention' }, { key: 'retention' });
  const db = bossDatabase(database);
  return {
    triage: async (deliveryId, groupKey) => {
      await boss.send(triageQueue, { kind: 'triage', deliveryId } satisfies Job, {
        id: nameBasedId(`triage:${deliveryId}`),
        singletonKey: nameBasedId(groupKey),
        db,
      });
    },
    later: (job, atMs) =>
      guarded(async () => {
        await boss.send(laterQueue, job, { id: laterId(job, atMs), startAfter: new Date(atMs), db });
      }),
    work: async (handle, concurrency) => {
      const run = async (jobs: readonly { readonly data: unknown }[]): Promise<void> => {
        for (const { data } of jobs) await handle(data as Job);
      };
      // Delayed jobs and retries announce nothing when their time comes: only polling finds them.
      const polling = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1, batchSize: 1 } as const;
      await boss.work(triageQueue, { ...polling, localConcurrency: concurrency }, run);
      await boss.work(laterQueue, { ...polling, localConcurrency: Math.max(1, Math.floor(concurrency / 2)) }, run);
      await boss.work(recurringQueue, { ...polling, localConcurrency: 1 }, run);
      return async () => {
        for (const queue of [triageQueue, laterQueue, recurringQueue]) await boss.offWork(queue, { wait: true });
      };
    },
    queue: () =>
      guarded(async () => {
        const [row]: readonly Row[] = await database.query(
          "select count(*)::int as count, (extract(epoch from min(created_on)) * 1000)::float8 as oldest from pgboss.job where name = $1 and state in ('created', 'retry', 'active')",
          [triageQueue],
        );
        const oldest = row?.['oldest'];
        return { count: Number(row?.['count'] ?? 0), oldestMs: oldest === null || oldest === undefined ? null : Number(oldest) };
      }),
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
  };
};

/** In embedded mode the lock proves that nobody else works: jobs that a killed process left active are orphans, and need not wait out their heartbeat. */
export const freeOrphans = async (database: Database): Promise<void> => {
  const [table] = await database.query("select to_regclass('pgboss.job') as job");
  if (table?.['job'] !== null && table?.['job'] !== undefined) {
    await database.query(
      "update pgboss.job set state = 'retry', start_after = now(), heartbeat_on = null where state = 'active'",
    );
  }
};
