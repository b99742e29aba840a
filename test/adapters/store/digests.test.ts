import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { digestsContract } from '../../contracts/store-digests.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

const quiet = { clock: systemClock, log: () => undefined } as const;
const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

digestsContract('embedded PGlite', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'edgewise-digests-'));
  folders.push(dataDir);
  return openEmbedded({ dataDir, ...quiet });
});

describe.skipIf(postgresMissing !== null)(`PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });
  let number = 0;
  digestsContract('real PostgreSQL', () => {
    number += 1;
    return openPostgres({ url: server.database(`digests${number}`), ...quiet });
  });
});
