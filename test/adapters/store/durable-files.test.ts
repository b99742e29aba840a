import fs, { mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createDurable, openDurable } from '../../../src/adapters/store/durable-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewise-files-'));
const { fdatasyncSync } = fs;
afterAll(() => {
  fs.fdatasyncSync = fdatasyncSync;
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true, force: true });
});

it('a commit that the disk refuses to take is no commit: PostgreSQL panics', async () => {
  await createDurable(join(folder, 'pg'), null);
  const engine = await openDurable(join(folder, 'pg'));
  await engine.exec('create table t (n int)');
  fs.fdatasyncSync = () => {
    throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
  };
  syncBuiltinESMExports();
  await expect(engine.query('insert into t values (1)')).rejects.toMatchObject({ severity: 'PANIC', code: '58030' });
}, 120_000);
