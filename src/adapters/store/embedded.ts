import type { PGlite, Transaction } from '@electric-sql/pglite';
import { fromPglite } from 'pg-boss';
import type { Clock, Log, Store } from '../../ports.ts';
import { ambient, bossDatabase, type Connection, type Database, type Row } from './database.ts';
import { lockDirectory, prepareDirectory } from './directory.ts';
import { openDurable } from './durable-files.ts';
import { guarded, refusal } from './errors.ts';
import { freeOrphans } from './jobs.ts';
import { type Room, roomOn } from './room.ts';
import { storeOver } from './store.ts';

export type EmbeddedOptions = { readonly dataDir: string; readonly clock: Pick<Clock, 'nowMs'>; readonly log: Log };

/** PGlite's promises resolve in microtasks: without this a busy loop over the store starves timers and sockets. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const connectionOf = (engine: PGlite | Transaction): Connection => ({
  query: async (text, values = []) => (await engine.query(text, [...values])).rows as Row[],
  script: async (text) => (await engine.exec(text)).flatMap(({ rows }) => rows as Row[]),
});

/** One after the other, each only when `check` does not throw. */
const queueOfOne = (check: () => void): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(breathe).then(check).then(work);
    last = result.catch(() => undefined);
    return result;
  };
};

/** A script that fails inside its own BEGIN leaves the one connection in an aborted transaction: it is ended before anybody else's turn. */
const databaseOf = (engine: PGlite, room: Room): Database => {
  const inTurn = queueOfOne(room.forAnything);
  const { query, script } = connectionOf(engine);
  const scriptOrNothing = async (text: string): Promise<readonly Row[]> => {
    try {
      return await script(text);
    } catch (error) {
      await script('ROLLBACK').catch(() => undefined);
      throw error;
    }
  };
  return ambient(
    { query: (text, values) => inTurn(() => query(text, values)), script: (text) => inTurn(() => scriptOrNothing(text)) },
    (work) => inTurn(() => engine.transaction((transaction) => work(connectionOf(transaction)))),
  );
};

const checkpointEveryMs = 60_000;
const vacuumEveryMs = 300_000;

/** Single-user PostgreSQL has no background workers: without these the log and the job table grow without bound. */
const housekeeping = (database: Database, log: Log): (() => void) => {
  const quietly = (text: string) => () =>
    void database.script(text).catch((error: unknown) => log('warn', 'store housekeeping failed', { text, error }));
  const timers = [setInterval(quietly('CHECKPOINT'), checkpointEveryMs), setInterval(quietly('VACUUM (ANALYZE)'), vacuumEveryMs)];
  for (const timer of timers) timer.unref();
  return () => timers.forEach(clearInterval);
};

/** A damaged directory makes PostgreSQL panic, which reaches us as a broken program. */
const openEngine = async (data: string): Promise<PGlite> => {
  try {
    return await openDurable(data);
  } catch (error) {
    if (error instanceof Error && error.name === 'SourceError') throw error;
    throw refusal(
      `data directory ${data} does not open: it is damaged, or its disk is full. Make room, restore it from a backup, or move it away to start empty`,
      error,
    );
  }
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
export const openEmbedded = ({ dataDir, clock, log }: EmbeddedOptions): Promise<Store> =>
  guarded(async () => {
    const lock = lockDirectory(dataDir);
    let engine: PGlite | null = null;
    const close = async (): Promise<void> => {
      await engine?.close().catch((error: unknown) => log('warn', 'embedded store did not close cleanly', { error }));
      lock.release();
    };
    try {
      const room = roomOn(dataDir);
      room.forAnything();
      engine = await openEngine(await prepareDirectory(dataDir));
      const database = databaseOf(engine, room);
      await freeOrphans(database);
      const db = { ...fromPglite(engine), ...bossDatabase(database) };
      const stopHousekeeping = housekeeping(database, log);
      const store = await storeOver({
        ...{ database, clock, log, boss: { db, backend: 'pglite' }, ensureRoom: room.forMore },
        closeEngine: () => {
          stopHousekeeping();
          return close();
        },
      });
      await logReach(database, log);
      return store;
    } catch (error) {
      await close();
      throw error;
    }
  });
