import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import { openThread } from '../../../src/adapters/store/engine-thread.ts';
import { openPostgres } from '../../../src/adapters/store/postgres.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { auditLine } from '../../../src/gestures/audit-line.ts';
import { auditContract, entry, type KeptDatabase } from '../../contracts/store-audit.ts';
import { onceContract } from '../../contracts/store-once.ts';
import { sloDaysContract } from '../../contracts/store-slo-days.ts';
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres.ts';

const quiet = { clock: systemClock, log: () => undefined } as const;
const folders: string[] = [];
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

const embedded = async (): Promise<KeptDatabase> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'edgewise-audit-'));
  folders.push(dataDir);
  return {
    open: () => openEmbedded({ dataDir, ...quiet }),
    ask: async (statements) => {
      const engine = await openThread(join(dataDir, 'pg'));
      try {
        return String(Object.values((await engine.script(statements)).at(-1) ?? {})[0]);
      } finally {
        await engine.close();
      }
    },
  };
};
auditContract('embedded PGlite', embedded);
onceContract('embedded PGlite', embedded);
sloDaysContract('embedded PGlite', embedded);

describe.skipIf(postgresMissing !== null)(`PostgreSQL${postgresMissing === null ? '' : `: ${postgresMissing}`}`, () => {
  let server: PostgresServer;
  let number = 0;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  const real = async (): Promise<KeptDatabase> => {
    number += 1;
    const name = `audit${number}`;
    const url = server.database(name);
    return { open: () => openPostgres({ url, ...quiet }), ask: async (statements) => server.query(statements, name) };
  };
  auditContract('real PostgreSQL', real);
  onceContract('real PostgreSQL', real);
  sloDaysContract('real PostgreSQL', real);
});

describe('the line of the log that says what somebody did', () => {
  it('has the same fields, and a time that people read', () =>
    expect(auditLine(entry)).toEqual({
      ...{ at: '2026-11-24T07:15:20.000Z', by: 'U012ABC', action: 'silence', outcome: 'done', detail: entry.detail },
      ...{ channelId: 'C012ABC', incidentId: 'i-1', workspace: 'T1', cluster: 'prod' },
    }));

  it('leaves out where there was no conversation or no incident, and tells a moment that is none', () =>
    expect(auditLine({ ...entry, channelId: null, incidentId: null, atMs: Number.NaN })).toEqual({
      ...{ at: 'NaN', by: 'U012ABC', action: 'silence', outcome: 'done', detail: entry.detail },
      ...{ workspace: 'T1', cluster: 'prod' },
    }));
});
