import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { groupOf } from '../contracts/store-values.ts';
import { scope } from './store-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewise-disk-'));
const small = join(folder, 'small');
const open = (dataDir: string) => openEmbedded({ dataDir, clock: systemClock, log: () => undefined });

/** A disk of 170 MB, which only root can make. */
const whyNoDisk = ((): string | null => {
  try {
    execFileSync('mkdir', [small]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=170m', 'tmpfs', small], { stdio: 'ignore' });
    return null;
  } catch {
    return 'SKIPPED, may not mount a small disk (needs root)';
  }
})();
afterAll(() => {
  if (whyNoDisk === null) execFileSync('umount', ['-l', small]);
  rmSync(folder, { recursive: true, force: true });
});

const delivery = (name: string, filling = '') => {
  const group = groupOf(name);
  return { ...scope, receivedAtMs: Date.now(), group: { ...group, commonAnnotations: { filling } } };
};
/** Letters that do not compress. */
const noise = (): string => Array.from({ length: 4000 }, () => Math.random().toString(36)).join('');

describe('a full disk', () => {
  it.skipIf(whyNoDisk !== null)(
    `refuses deliveries, loses none, and takes them again once there is room${whyNoDisk === null ? '' : `: ${whyNoDisk}`}`,
    async () => {
      const store = await open(small);
      let count = 0;
      const fill = async (): Promise<void> => {
        for (; ; count += 1) await store.accept(delivery(`fill-${count}`, noise()));
      };
      await expect(fill()).rejects.toMatchObject({ name: 'SourceError', source: 'store', reason: 'too-expensive' });
      expect(count).toBeGreaterThan(10);
      expect((await store.queue()).count).toBe(count);
      expect(await store.healthy()).toBe(true);
      writeFileSync(join(small, 'somebody else'), Buffer.alloc(75_000_000));
      await expect(store.openIncidents()).rejects.toMatchObject({ reason: 'too-expensive' });
      expect(await store.healthy()).toBe(false);
      rmSync(join(small, 'somebody else'));
      expect(await store.openIncidents()).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=300m', small]);
      expect(await store.accept(delivery('room'))).toBe('accepted');
      await store.close();
      const again = await open(small);
      expect((await again.queue()).count).toBe(count + 1);
      await again.close();
    },
    90_000,
  );
});

describe('a damaged data directory', () => {
  it('is refused in plain words when its log is gone, and left as it is', async () => {
    const dataDir = join(folder, 'damaged');
    await (await open(dataDir)).close();
    const log = join(dataDir, 'pg', 'pg_wal');
    for (const name of readdirSync(log).filter((file) => /^[0-9A-F]{24}$/.test(file))) rmSync(join(log, name));
    for (let time = 0; time < 2; time += 1) await expect(open(dataDir)).rejects.toThrow(/does not open: it is damaged/);
    expect(readdirSync(join(dataDir, 'pg'))).toContain('PG_VERSION');
  }, 60_000);

  it('is refused when a file stands where it should be, or it cannot be written', async () => {
    const dataDir = join(folder, 'file');
    writeFileSync(dataDir, '');
    await expect(open(dataDir)).rejects.toMatchObject({ reason: 'refused', message: expect.stringMatching(/cannot be used/) });
  });
});
