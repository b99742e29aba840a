import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { storeContract } from '../../contracts/store.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

describe.skipIf(postgresMissing !== null)(`PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  const open = (url: string) => openPostgres({ url, clock: systemClock, log: () => undefined });

  storeContract('real PostgreSQL', () => open(server.database('contract')));

  it('insists on TLS with a checked name for a server elsewhere', async () => {
    await expect(open(server.url.replace('/postgres', '/postgres?sslmode=verify-full'))).rejects.toThrow(
      /cannot be reached|failed/,
    );
  });

  it('says in plain words that the server is not there', async () => {
    await expect(open('postgres://edgewise@127.0.0.1:1/postgres')).rejects.toMatchObject({
      source: 'the store',
      reason: 'unreachable',
    });
  });
});
