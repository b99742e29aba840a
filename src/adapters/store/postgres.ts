import { readFileSync } from 'node:fs';
import pg from 'pg';
import { SourceError } from '../../domain/gathered.ts';
import type { Clock, Log, Store } from '../../ports.ts';
import { ambient, type Connection, type Database, guarded, type Row } from './database.ts';
import { storeOver } from './store.ts';

export type PostgresOptions = {
  readonly url: string;
  readonly caFile?: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly log: Log;
  readonly maxConnections?: number;
};

const isLocal = (host: string): boolean =>
  host === '' || host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.') || host.startsWith('/');

/** TLS with the name checked, unless the server is on this machine or the address says `sslmode=disable`. */
const tlsOf = (url: URL, caFile: string | undefined): false | { readonly rejectUnauthorized: true; readonly ca?: string } => {
  const mode = url.searchParams.get('sslmode');
  if (
    mode === 'disable' ||
    (mode === null && caFile === undefined && isLocal(url.hostname || url.searchParams.get('host') || ''))
  )
    return false;
  return { rejectUnauthorized: true, ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }) };
};

const connectionOf = (client: pg.Pool | pg.PoolClient): Connection => ({
  query: async (text, values = []) => {
    const result = await client.query(text, [...values]);
    return (Array.isArray(result) ? result.flatMap((one: { rows?: Row[] }) => one.rows ?? []) : result.rows) as Row[];
  },
  script: async (text) => {
    await client.query(text);
  },
});

const databaseOf = (pool: pg.Pool): Database =>
  ambient(
    connectionOf(pool),
    async (work) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await work(connectionOf(client));
        await client.query('commit');
        client.release();
        return result;
      } catch (error) {
        await client.query('rollback').then(
          () => client.release(),
          () => client.release(true),
        );
        throw error;
      }
    },
    () => pool.end(),
  );

/**
 * A pooler that hands each transaction another session breaks LISTEN, advisory locks and prepared statements. What a session was told
 * must still hold in its next transaction, while other sessions of the pooler are being used.
 */
const refuseTransactionPooling = async (pool: pg.Pool): Promise<void> => {
  const clients = await Promise.all([pool.connect(), pool.connect()]);
  try {
    for (const [index, client] of clients.entries())
      await client.query(`select set_config('edgewise.session', $1, false)`, [String(index)]);
    for (let round = 0; round < 6; round += 1) {
      const order = round % 2 === 0 ? clients : [...clients].reverse();
      for (const client of order) {
        const { rows } = await client.query("select current_setting('edgewise.session', true) as session");
        if ((rows[0] as Row | undefined)?.['session'] !== String(clients.indexOf(client))) {
          throw new SourceError(
            'the store',
            'unsupported',
            'is behind a pooler in transaction mode (PgBouncer pool_mode = transaction): point DATABASE_URL at PostgreSQL itself or at a pool in session mode',
          );
        }
      }
    }
  } finally {
    for (const client of clients) client.release();
  }
};

/** The store on PostgreSQL: any number of replicas. Throws `SourceError` in plain words when it may not or cannot open. */
export const openPostgres = ({ url, caFile, clock, log, maxConnections = 8 }: PostgresOptions): Promise<Store> =>
  guarded(async () => {
    const address = new URL(url);
    const ssl = tlsOf(address, caFile);
    address.searchParams.delete('sslmode');
    const connection = { connectionString: address.toString(), ssl, connectionTimeoutMillis: 5000, application_name: 'edgewise' };
    const pool = new pg.Pool({ ...connection, max: maxConnections, statement_timeout: 15_000 });
    // Without a listener an idle connection that the server closes would end the process.
    pool.on('error', (error) => log('warn', 'store connection lost', { error }));
    try {
      await refuseTransactionPooling(pool);
      return await storeOver(databaseOf(pool), { ...connection, max: 4 }, clock, log, () => pool.end());
    } catch (error) {
      await pool.end().catch(() => undefined);
      throw error;
    }
  });
