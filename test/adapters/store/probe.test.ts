import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import { probeDirectory, probePostgres } from '../../../src/adapters/store/probe.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

describe.skipIf(postgresMissing !== null)(`a look at PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  it('tells its version and leaves nothing behind', async () => {
    const url = server.database('probed');
    expect(await probePostgres({ url, caFile: null })).toEqual({ version: expect.stringMatching(/^\d+/), isEncrypted: true });
    expect(server.query("select count(*) from pg_namespace where nspname in ('edgewise', 'pgboss')", 'probed')).toMatch(/\b0\b/);
  });

  it('says that the user may not create its schema', async () => {
    const url = server.database('walled');
    server.query('create role reader login', 'walled');
    const reader = new URL(url);
    reader.username = 'reader';
    await expect(probePostgres({ url: reader.toString(), caFile: null })).rejects.toMatchObject({
      name: 'SourceError',
      reason: 'refused',
      message: expect.stringContaining('grant create on the database'),
    });
  });

  it('says that the database is not there', async () => {
    await expect(probePostgres({ url: server.url.replace(/postgres$/, 'nothing'), caFile: null })).rejects.toMatchObject({
      reason: 'absent',
    });
  });
});

describe('a look at the embedded store', () => {
  it('does not disturb the Edgewise that has it open', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgewise-probe-'));
    try {
      const dataDir = join(folder, 'data');
      expect(await probeDirectory(dataDir)).toBe('new');
      const store = await openEmbedded({ dataDir, clock: systemClock, log: () => undefined });
      expect(await probeDirectory(dataDir)).toBe('made');
      expect(await store.healthy()).toBe(true);
      await store.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
