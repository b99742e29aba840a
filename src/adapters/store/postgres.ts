import pg from 'pg';
import type { Clock, Log, Store } from '../../ports.ts';
import { addressOf } from './address.ts';
import { ambient, type Connection, type Database, type Row } from './database.ts';
import { guarded, unsupported } from './errors.ts';
import { storeOver } from './store.ts';

type PostgresOptions = {
  /** `postgres://…`; TLS is decided by `addressOf`. */
  readonly url: string;
  readonly caFile?: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  /** For the store's own statements (default 8); the job queue takes 5 more. */
  readonly maxConnections?: number;
};

const connectionOf = (client: pg.Pool | pg.PoolClient): Connection => ({
  query: async (text, values = []) => (await client.query<Row>(text, [...values])).rows,
  script: async (text) => {
    const results: pg.QueryResult<Row> | pg.QueryResult<Row>[] = await client.query<Row>(text);
    return [results].flat().flatMap(({ rows }) => rows);
  },
});

/** pg-pool listens to idle connections only: one that breaks between two statements of a transaction would end the process. */
const transactOn =
  (pool: pg.Pool) =>
  async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const noteError = (error: Error): void => {
      broken = error;
    };
    client.on('error', noteError);
    try {
      await client.query('begin');
      const result = await work(connectionOf(client));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => noteError(failure));
      throw error;
    } finally {
      client.off('error', noteError);
      client.release(broken);
    }
  };

const databaseOf = (pool: pg.Pool): Database => ambient(connectionOf(pool), transactOn(pool));

/**
 * A pooler that hands each transaction another session breaks LISTEN, session settings and advisory locks. What a session was told
 * must still hold in its next transaction, while another session of the pooler is told something else.
 */
export const refuseTransactionPooling = async (pool: pg.Pool): Promise<void> => {
  const clients = await Promise.all([pool.connect(), pool.connect()]);
  try {
    for (const [index, client] of clients.entries())
      await client.query("select set_config('edgewise.session', $1, false)", [String(index)]);
    for (const [index, client] of [...clients.entries(), ...[...clients.entries()].reverse()]) {
      const { rows } = await client.query<Row>("select current_setting('edgewise.session', true) as session");
      if (rows[0]?.['session'] !== String(index)) {
        throw unsupported(
          'is behind a pooler in transaction mode (PgBouncer pool_mode = transaction): point DATABASE_URL at PostgreSQL itself or at a pool in session mode',
        );
      }
    }
  } finally {
    for (const client of clients) client.release();
  }
};

/** Told to each session after it began, not in its first packet, which PgBouncer refuses. A replica that hangs must not hold locks for ever. */
const sessionText = "set statement_timeout = '15s'; set idle_in_transaction_session_timeout = '15s'";

/** The store on PostgreSQL: any number of replicas. Throws `SourceError` in plain words when it may not or cannot open. */
export const openPostgres = ({ url, caFile, clock, log, maxConnections = 8 }: PostgresOptions): Promise<Store> =>
  guarded(async () => {
    const { connection, host, tls } = addressOf(url, caFile);
    if (tls === 'disabled') log('warn', 'connection to PostgreSQL is not encrypted (sslmode=disable)', { host });
    const shared = { ...connection, connectionTimeoutMillis: 5000, keepAlive: true, application_name: 'edgewise' };
    const onConnect = async (client: pg.ClientBase): Promise<void> => {
      await client.query(sessionText);
    };
    const pool = new pg.Pool({ ...shared, max: maxConnections, query_timeout: 20_000, onConnect });
    // Without a listener an idle connection that the server closes would end the process.
    pool.on('error', (error) => log('warn', 'connection to PostgreSQL lost, opening another', { error }));
    try {
      await refuseTransactionPooling(pool);
      return await storeOver({
        ...{ database: databaseOf(pool), clock, log, boss: { ...shared, max: 4 } },
        ensureRoom: () => undefined,
        closeEngine: () => pool.end(),
      });
    } catch (error) {
      await pool.end().catch(() => undefined);
      throw error;
    }
  });
