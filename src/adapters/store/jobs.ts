import { type ConstructorOptions, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Clock, Job, Log, Store } from '../../ports.ts';
import { bossDatabase, type Database } from './database.ts';
import { guarded } from './errors.ts';
import { nameBasedId, orderedIds } from './identity.ts';

/** A schema of our own, so that another program's pg-boss in the same database stays another one. */
const jobsSchema = 'edgewise_jobs';

/** Ordered per group key: a failing head holds up its own group, and only for a while (`setAsideAfter`). */
const triageQueue = 'triage';
const laterQueue = 'later';
const recurringQueue = 'recurring';
/** What may read for minutes, and must hold up neither an alert nor what is told of it. */
const slowQueue = 'objectives';

/** pg-boss keeps a group blocked while a job of it has failed for good; so none ever does: after this many tries it leaves the order. */
const setAsideAfter = 5;

const settings = {
  retryLimit: 1000,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  heartbeatSeconds: 10,
  expireInSeconds: 120,
  retentionSeconds: 14 * 24 * 3600,
  deleteAfterSeconds: 600,
  notify: true,
} as const;

const queues = [
  { name: triageQueue, policy: 'key_strict_fifo', settings },
  { name: laterQueue, policy: 'standard', settings: { ...settings, retryDelayMax: 300, retryLimit: 200 } },
  { name: recurringQueue, policy: 'standard', settings: { ...settings, retryLimit: 0 } },
  { name: slowQueue, policy: 'standard', settings: { ...settings, retryDelayMax: 300, retryLimit: 200, expireInSeconds: 1200 } },
] as const;

/** Errors repeat many times a second while a database is away: one line in ten seconds says as much. */
const quietErrors = (clock: Pick<Clock, 'nowMs'>, log: Log): ((error: unknown) => void) => {
  let lastMs = 0;
  return (error) => {
    if (clock.nowMs() - lastMs < 10_000) return;
    lastMs = clock.nowMs();
    log('warn', 'job queue error', { error });
  };
};

/** Starts pg-boss: its schema, the queues with the settings of this release, and what recurs. */
const startBoss = async (options: ConstructorOptions, clock: Pick<Clock, 'nowMs'>, log: Log): Promise<PgBoss> => {
  const intervals = { superviseIntervalSeconds: 5, monitorIntervalSeconds: 5, maintenanceIntervalSeconds: 60 };
  const boss = new PgBoss({ schema: jobsSchema, ...intervals, useListenNotify: true, ...options });
  boss.on('error', quietErrors(clock, log));
  await boss.start();
  for (const queue of queues) {
    await boss.createQueue(queue.name, { policy: queue.policy, ...queue.settings });
    await boss.updateQueue(queue.name, queue.settings);
  }
  await boss.schedule(recurringQueue, '* * * * *', { kind: 'staleness' } satisfies Job, { key: 'staleness' });
  await boss.schedule(slowQueue, '23 * * * *', { kind: 'objectives' } satisfies Job, { key: 'objectives', retryLimit: 0 });
  await boss.schedule(recurringQueue, '17 * * * *', { kind: 'retention' } satisfies Job, { key: 'retention' });
  return boss;
};

export type Jobs = Pick<Store, 'work' | 'later' | 'queue'> & {
  /** Once each delivery: the row of the delivery, in the same transaction, sees to that. */
  readonly triage: (deliveries: readonly { readonly deliveryId: string; readonly groupKey: string }[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Handle = (job: Job) => Promise<void>;

/** Runs one job. What went wrong is logged and not stored with the job: an error may quote an alert. */
const runnerOf =
  (boss: PgBoss, handle: Handle, log: Log) =>
  async ({ name, id, data, retryCount }: JobWithMetadata<Job>): Promise<void> => {
    const about = { id, kind: data.kind, attempt: retryCount + 1 };
    if (name === triageQueue && retryCount >= setAsideAfter) {
      log('error', 'triage set aside after failing again and again; its group goes on without it', about);
      await boss.send(laterQueue, data, { id: nameBasedId(`aside:${id}`), startAfter: 10 });
      return;
    }
    try {
      await handle(data);
    } catch (error) {
      log('warn', 'job failed, it will run again', { ...about, error });
      throw new Error(`${data.kind} failed, see the log`);
    }
  };

/** Retries and delayed jobs announce nothing when their time comes: only polling finds them. */
const polling = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1, includeMetadata: true } as const;

/** One worker; after a job it looks for the next at once, where pg-boss would sleep out its interval. */
const startWorker = async (boss: PgBoss, queue: string, run: (job: JobWithMetadata<Job>) => Promise<void>): Promise<void> => {
  let worker = '';
  const work = async ([job]: JobWithMetadata<Job>[]): Promise<void> => {
    if (job === undefined) return;
    await run(job).finally(() => boss.notifyWorker(worker));
  };
  worker = await boss.work<Job, void, typeof polling>(queue, polling, work);
};

const workWith =
  (boss: PgBoss, log: Log): Store['work'] =>
  (handle, concurrency) =>
    guarded(async () => {
      const run = runnerOf(boss, handle, log);
      for (let count = 0; count < concurrency; count += 1) await startWorker(boss, triageQueue, run);
      for (let count = 0; count < Math.ceil(concurrency / 2); count += 1) await startWorker(boss, laterQueue, run);
      for (const queue of [recurringQueue, slowQueue]) await startWorker(boss, queue, run);
      return async () => {
        await Promise.all(queues.map(({ name }) => boss.offWork(name, { wait: true })));
      };
    });

/** The same job for the same moment is one job; another moment is another, since a job that ran must not swallow a later wish. */
const laterId = (job: Job, atMs: number): string => nameBasedId(JSON.stringify(['later', job, atMs]));

const queueOf = ({ kind }: Job): string => (kind === 'digest' || kind === 'objectives' ? slowQueue : laterQueue);

const backlogText = `
  select count(*)::int as count, (extract(epoch from min(created_on)) * 1000)::float8 as oldest
    from ${jobsSchema}.job where name in ($1, $2) and data->>'kind' = 'triage' and state in ('created', 'retry', 'active')`;

/** pg-boss over the shared database. Sends join the transaction of the caller. */
export const startJobs = async (
  database: Database,
  options: ConstructorOptions,
  clock: Pick<Clock, 'nowMs'>,
  log: Log,
): Promise<Jobs> => {
  const boss = await startBoss(options, clock, log);
  const db = bossDatabase(database);
  const nextId = orderedIds(clock.nowMs);
  return {
    triage: async (deliveries) => {
      const jobs = deliveries.map(({ deliveryId, groupKey }) => ({
        id: nextId(),
        singletonKey: nameBasedId(groupKey),
        data: { kind: 'triage', deliveryId } satisfies Job,
      }));
      if (jobs.length > 0) await boss.insert(triageQueue, jobs, { db });
    },
    later: (job, atMs) =>
      guarded(async () => {
        await boss.send(queueOf(job), job, { id: laterId(job, atMs), startAfter: new Date(atMs), db });
      }),
    work: workWith(boss, log),
    queue: () =>
      guarded(async () => {
        const [row] = await database.query(backlogText, [triageQueue, laterQueue]);
        const oldest = row?.['oldest'] ?? null;
        return { count: Number(row?.['count'] ?? 0), oldestMs: oldest === null ? null : Number(oldest) };
      }),
    stop: () => boss.stop({ graceful: true, timeout: 10_000 }),
  };
};

/**
 * In embedded mode the lock proves that nobody else works: jobs that a killed process left active are orphans, and need not wait out
 * their heartbeat. Claiming one again counts as a try, so a job that kills its process is set aside in the end.
 */
export const freeOrphans = async (database: Database): Promise<void> => {
  const [table] = await database.query('select to_regclass($1) is not null as exists', [`${jobsSchema}.job`]);
  if (table?.['exists'] !== true) return;
  await database.query(
    `update ${jobsSchema}.job set state = 'retry', start_after = now(), heartbeat_on = null where state = 'active'`,
  );
};
