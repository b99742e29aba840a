import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { addressOf } from './address.ts';
import type { Row } from './database.ts';
import { guarded, refusal } from './errors.ts';
import { refuseTransactionPooling } from './postgres.ts';

/** What a look at PostgreSQL found, without changing anything. */
type PostgresProbe = { readonly version: string; readonly isEncrypted: boolean };

const question = `select current_setting('server_version') as version, pg_is_in_recovery() as standby,
  to_regnamespace('edgewise') is not null or has_database_privilege(current_database(), 'create') as may`;

/** Throws `SourceError` in plain words where the store could not open. */
export const probePostgres = ({
  url,
  caFile,
}: {
  readonly url: string;
  readonly caFile: string | null;
}): Promise<PostgresProbe> =>
  guarded(async () => {
    const { connection, tls } = addressOf(url, caFile ?? undefined);
    const pool = new pg.Pool({ ...connection, max: 2, connectionTimeoutMillis: 5000, application_name: 'edgewise doctor' });
    pool.on('error', () => undefined);
    try {
      await refuseTransactionPooling(pool);
      const [row] = (await pool.query<Row>(question)).rows;
      if (row?.['standby'] === true) throw refusal('is a standby, which takes no writes: point DATABASE_URL at the primary');
      if (row?.['may'] !== true) throw refusal('does not let this user create its schema: grant create on the database');
      return { version: String(row['version']), isEncrypted: tls !== 'disabled' };
    } finally {
      await pool.end();
    }
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
