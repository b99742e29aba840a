import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { budgetContract } from '../../contracts/store-budget.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

const quiet = { clock: systemClock, log: () => undefined } as const;
const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

budgetContract('embedded PGlite', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'edgewise-budget-'));
  folders.push(dataDir);
  return openEmbedded({ dataDir, ...quiet });
});

describe.skipIf(postgresMissing !== null)(`PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  let number = 0;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  budgetContract('real PostgreSQL', () => {
    number += 1;
    return openPostgres({ url: server.database(`budget${number}`), ...quiet });
  });
});
