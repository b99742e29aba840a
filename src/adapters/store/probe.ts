import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import type { Installation } from '../../domain/installation.ts';
import { addressOf } from './address.ts';
import type { Row } from './database.ts';
import { guarded, refusal } from './errors.ts';
import { installationOf } from './installations.ts';
import { refuseTransactionPooling } from './postgres.ts';

/** What a look at PostgreSQL found, without changing anything. */
type PostgresProbe = { readonly version: string; readonly isEncrypted: boolean };

const question = `select current_setting('server_version') as version, pg_is_in_recovery() as standby,
  to_regnamespace('edgewise') is not null or has_database_privilege(current_database(), 'create') as may`;

type Address = { readonly url: string; readonly caFile: string | null };

const looking = <T>({ url, caFile }: Address, look: (pool: pg.Pool, tls: string) => Promise<T>): Promise<T> =>
  guarded(async () => {
    const { connection, tls } = addressOf(url, caFile ?? undefined);
    const pool = new pg.Pool({ ...connection, max: 2, connectionTimeoutMillis: 5000, application_name: 'edgewise doctor' });
    pool.on('error', () => undefined);
    try {
      return await look(pool, tls);
    } finally {
      await pool.end();
    }
  });

/** Throws `SourceError` in plain words where the store could not open. */
export const probePostgres = (address: Address): Promise<PostgresProbe> =>
  looking(address, async (pool, tls) => {
    await refuseTransactionPooling(pool);
    const [row] = (await pool.query<Row>(question)).rows;
    if (row?.['standby'] === true) throw refusal('is a standby, which takes no writes: point DATABASE_URL at the primary');
    if (row?.['may'] !== true) throw refusal('does not let this user create its schema: grant create on the database');
    return { version: String(row['version']), isEncrypted: tls !== 'disabled' };
  });

/** Who has installed the app; nobody where the schema is older than that, or not there. */
export const probeInstallations = (address: Address): Promise<readonly Installation[]> =>
  looking(address, async (pool) => {
    const [table] = (await pool.query<Row>("select to_regclass('edgewise.installation') is not null as exists")).rows;
    if (table?.['exists'] !== true) return [];
    return (await pool.query<Row>('select * from edgewise.installation order by team_id')).rows.map(installationOf);
  });

const standing = (path: string): string => (existsSync(path) ? path : standing(dirname(path)));

/** Whether the embedded store finds its place: `made` or `new`. Throws `SourceError` where it cannot be written. */
export const probeDirectory = (directory: string): Promise<'made' | 'new'> =>
  guarded(async () => {
    const place = standing(resolve(directory));
    try {
      if (!statSync(place).isDirectory()) throw new Error('not a directory');
      accessSync(place, constants.W_OK);
    } catch (error) {
      throw refusal(`data directory ${directory} cannot be written (${place})`, error);
    }
    const version = join(directory, 'pg', 'PG_VERSION');
    return existsSync(version) && readFileSync(version, 'utf8').trim() !== '' ? 'made' : 'new';
  });
