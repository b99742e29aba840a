import type { PGlite, Transaction } from '@electric-sql/pglite';
import { fromPglite } from 'pg-boss';
import type { Clock, Log, Store } from '../../ports.ts';
import { ambient, bossDatabase, type Connection, type Database, guarded, type Row } from './database.ts';
import { lockDirectory, prepareDirectory } from './directory.ts';
import { openDurable } from './durable-files.ts';
import { freeOrphans } from './jobs.ts';
import { storeOver } from './store.ts';

export type EmbeddedOptions = { readonly dataDir: string; readonly clock: Pick<Clock, 'nowMs'>; readonly log: Log };

/** PGlite's promises resolve in microtasks: without this a busy loop over the store starves timers and sockets. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const connectionOf = (engine: PGlite | Transaction): Connection => ({
  query: async (text, values = []) => (await engine.query(text, [...values])).rows as Row[],
  script: async (text) => {
    await engine.exec(text);
  },
});

const databaseOf = (engine: PGlite): Database =>
  ambient(
    connectionOf(engine),
    async (work) => {
      await breathe();
      return engine.transaction((transaction) => work(connectionOf(transaction)));
    },
    () => engine.close(),
  );

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

/** The embedded store: one process on a local disk, durable, locked. Throws `SourceError` in plain words when it may not or cannot open. */
export const openEmbedded = ({ dataDir, clock, log }: EmbeddedOptions): Promise<Store> =>
  guarded(async () => {
    const lock = lockDirectory(dataDir);
    try {
      const engine = await openDurable(await prepareDirectory(dataDir));
      const database = databaseOf(engine);
      await freeOrphans(database);
      const stopHousekeeping = housekeeping(database, log);
      const db = { ...fromPglite(engine), ...bossDatabase(database) };
      return await storeOver(database, { db, backend: 'pglite' }, clock, log, async () => {
        stopHousekeeping();
        await engine.close().catch(() => undefined);
        lock.release();
      });
    } catch (error) {
      lock.release();
      throw error;
    }
  });
