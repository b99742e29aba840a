import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/adapters/store/postgres.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { groupOf } from '../contracts/store-values.ts';
import { freePort, type PostgresServer, pgbouncer, postgresMissing, startPostgres, unprivileged } from '../support/postgres.ts';
import { scope } from './store-program.ts';

const missing = postgresMissing ?? (pgbouncer === null ? 'SKIPPED, no pgbouncer on PATH (apt-get install pgbouncer)' : null);

describe.skipIf(missing !== null)(`PgBouncer${missing === null ? '' : `: ${missing}`}`, () => {
  let folder: string;
  let server: PostgresServer;
  let pooler: ChildProcess | null = null;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'edgewise-pooler-'));
    server = await startPostgres();
  }, 60_000);
  afterEach(async () => {
    const ended = new Promise((resolve) => pooler?.once('exit', resolve));
    pooler?.kill('SIGKILL');
    await ended;
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const openThrough = async (mode: string) => {
    const port = await freePort();
    writeFileSync(join(folder, 'users'), '"edgewise" ""\n');
    writeFileSync(
      join(folder, 'ini'),
      [
        `[databases]\npostgres = host=127.0.0.1 port=${server.port}`,
        `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\npool_mode = ${mode}`,
        `auth_type = trust\nauth_file = ${folder}/users\ndefault_pool_size = 20\n`,
      ].join('\n'),
    );
    pooler = spawn(pgbouncer ?? '', [join(folder, 'ini')], { ...unprivileged(folder), stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise<void>((resolve) => {
      pooler?.stderr?.on('data', (chunk: Buffer) => chunk.toString().includes('process up') && resolve());
    });
    return openPostgres({ url: `postgres://edgewise@127.0.0.1:${port}/postgres`, clock: systemClock, log: () => undefined });
  };

  it.each(['transaction', 'statement'])('in %s mode is refused at the start, with what to do', async (mode) => {
    await expect(openThrough(mode)).rejects.toMatchObject({ name: 'SourceError', message: expect.stringMatching(/pool/) });
  });

  it('in session mode will do', async () => {
    const store = await openThrough('session');
    expect(await store.accept({ ...scope, receivedAtMs: Date.now(), group: groupOf('pooled') })).toBe('accepted');
    await store.close();
  });
});
