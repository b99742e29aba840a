import { mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../../src/adapters/store/embedded.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { storeContract } from '../../contracts/store.ts';

const folders: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'edgewise-store-'));
  folders.push(path);
  return path;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});
const open = (dataDir: string) => openEmbedded({ dataDir, clock: systemClock, log: () => undefined });

storeContract('embedded PGlite', () => open(folder()));

describe('the embedded data directory', () => {
  it('is closed to other users, and refused to a second process, with what to do', async () => {
    const path = folder();
    const store = await open(path);
    expect((statSync(join(path, 'pg')).mode & 0o777).toString(8)).toBe('700');
    await expect(open(path)).rejects.toThrow(/in use by another Edgewise/);
    await store.close();
    await (await open(path)).close();
  }, 60_000);

  it.each([
    ['without PG_VERSION', 'PG_VERSION', null, /damaged .no PG_VERSION/],
    ['of another major version', 'PG_VERSION', '17\n', /is of PostgreSQL 17, this Edgewise has 18/],
    ['without its control file', 'global/pg_control', null, /damaged .no global.pg_control/],
  ])(
    'is refused %s, never initialised over',
    async (_what, file, content, said) => {
      const path = folder();
      await (await open(path)).close();
      const target = join(path, 'pg', file);
      if (content === null) unlinkSync(target);
      else writeFileSync(target, content);
      await expect(open(path)).rejects.toThrow(said);
    },
    60_000,
  );
});
