import type { Clock, Log, Store } from '../../ports.ts';
import { ambient, bossDatabase, type Database } from './database.ts';
import { lockDirectory, prepareDirectory } from './directory.ts';
import { type EngineThread, openThread } from './engine-thread.ts';
import { guarded, refusal } from './errors.ts';
import { freeOrphans } from './jobs.ts';
import { roomOn } from './room.ts';
import { storeOver } from './store.ts';
import { type InTurn, inTurns } from './turns.ts';

export type EmbeddedOptions = {
  readonly dataDir: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  /** Hears when the engine broke for good: only a new process opens it again. */
  readonly onLost?: (error: Error) => void;
};

/** What fails inside a BEGIN leaves the one connection in an aborted transaction: it is ended before anybody else's turn. */
const databaseOf = (engine: EngineThread, inTurn: InTurn): Database => {
  const orNothing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      await engine.script('ROLLBACK').catch(() => undefined);
      throw error;
    }
  };
  return ambient(
    {
      query: (text, values) => inTurn(() => engine.query(text, values)),
      script: (text) => inTurn(() => orNothing(() => engine.script(text))),
    },
    (work, turn) =>
      inTurn(
        () =>
          orNothing(async () => {
            await engine.script('BEGIN');
            const result = await work(engine);
            await engine.script('COMMIT');
            return result;
          }),
        turn,
      ),
  );
};

const checkpointEveryMs = 60_000;
const vacuumEveryMs = 300_000;

const tablesText = `
  select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname <> 'information_schema'`;

/** Single-user PostgreSQL has no background workers: without these the log and the job table grow without bound. A table a turn: others wait. */
const housekeeping = (database: Database, log: Log): (() => void) => {
  const quietly = (what: string, work: () => Promise<unknown>) => () =>
    void work().catch((error: unknown) => log('warn', 'store housekeeping failed', { what, error }));
  const vacuum = async (): Promise<void> => {
    for (const { name } of await database.query(tablesText)) await database.script(`VACUUM (ANALYZE) ${name}`);
  };
  const timers = [
    setInterval(
      quietly('checkpoint', () => database.script('CHECKPOINT')),
      checkpointEveryMs,
    ),
    setInterval(quietly('vacuum', vacuum), vacuumEveryMs),
  ];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
};

/** A damaged directory makes PostgreSQL panic, which reaches us as a broken program. */
const openEngine = async (data: string, onLost?: (error: Error) => void): Promise<EngineThread> => {
  try {
    return await openThread(data, onLost);
  } catch (error) {
    if (error instanceof Error && error.name === 'SourceError') throw error;
    throw refusal(
      `data directory ${data} does not open: it is damaged, or its disk is full. Make room, restore it from a backup, or move it away to start empty`,
      error,
    );
  }
};

/** How pg-boss hears of new jobs. Inside somebody's transaction a LISTEN would be undone with it. */
const listenOn =
  (engine: EngineThread, inTurn: InTurn) =>
  async (channel: string, onNotification: (payload: string) => void, onReady: () => void) => {
    await inTurn(() => engine.listen(channel, onNotification));
    onReady();
    return { close: () => Promise.resolve() };
  };

/** How far the data reaches, so that a restart after a crash can be compared with what was said before. */
const logReach = async (database: Database, log: Log): Promise<void> => {
  const [row] = await database.query(
    `select pg_current_wal_lsn()::text as log, (select count(*)::int from edgewise.delivery) as deliveries,
            (select max(received_at) from edgewise.delivery) as newest`,
  );
  log('info', 'embedded store opened', { log: row?.['log'], deliveries: row?.['deliveries'], newestMs: row?.['newest'] });
};

/** The embedded store: one process on a local disk, durable, locked. Throws `SourceError` in plain words when it may not or cannot open. */
export const openEmbedded = ({ dataDir, clock, log, onLost }: EmbeddedOptions): Promise<Store> =>
  guarded(async () => {
    const lock = lockDirectory(dataDir);
    let engine: EngineThread | null = null;
    let stopHousekeeping = (): void => undefined;
    const close = async (): Promise<void> => {
      stopHousekeeping();
      await engine?.close().catch((error: unknown) => log('warn', 'embedded store did not close cleanly', { error }));
      lock.release();
    };
    try {
      const room = roomOn(dataDir);
      room.forAnything();
      const opened = await openEngine(await prepareDirectory(dataDir), onLost);
      engine = opened;
      const inTurn = inTurns(room.forAnything);
      const database = databaseOf(opened, inTurn);
      await freeOrphans(database);
      const db = { ...bossDatabase(database), listen: listenOn(opened, inTurn) };
      stopHousekeeping = housekeeping(database, log);
      const store = await storeOver({
        ...{ database, clock, log, boss: { db, backend: 'pglite' }, ensureRoom: room.forMore },
        closeEngine: close,
      });
      await logReach(database, log);
      return store;
    } catch (error) {
      await close();
      throw error;
    }
  });
