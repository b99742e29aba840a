import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/adapters/store/embedded.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { type Accepted, pause, reckon, startVictim } from './store-support.ts';

const rounds = 20;
const folder = mkdtempSync(join(tmpdir(), 'edgewise-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open = (dataDir: string) => openEmbedded({ dataDir, clock: systemClock, log: () => undefined });

describe('kill -9 of the embedded store', () => {
  it(`loses no acknowledged delivery and doubles none, ${rounds} times over, one in five while it starts`, async () => {
    const slack = { path: join(folder, 'slack') };
    const accepted: Accepted[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const victim = startVictim('embedded', join(folder, 'data'), slack);
      if (round % 5 === 4) await pause(30 + Math.random() * 500);
      else {
        expect(await victim.ready, victim.said()).toBe(true);
        await pause(50 + Math.random() * 500);
      }
      await victim.kill();
      expect(victim.said()).toBe('');
      accepted.push(...victim.accepted);
    }
    const store = await open(join(folder, 'data'));
    await reckon(`embedded, ${rounds} kills`, store, slack, accepted);
    await store.close();
  }, 180_000);

  it('leaves no half-made directory when it is killed while it initialises', async () => {
    const dataDir = join(folder, 'first');
    for (const afterMs of [150, 700, 1500]) {
      const victim = startVictim('embedded', dataDir, { path: join(folder, 'slack-first') });
      await pause(afterMs);
      await victim.kill();
      expect(victim.said()).toBe('');
    }
    const store = await open(dataDir);
    expect(await store.healthy()).toBe(true);
    await store.close();
    // The child of a killed start may have written on for a while: the next start takes that away.
    await (await open(dataDir)).close();
    expect(readdirSync(dataDir).filter((name) => name.startsWith('init-'))).toEqual([]);
  }, 60_000);

  it('refuses a second process while the first lives, and lets it in at once when that one was killed', async () => {
    const slack = { path: join(folder, 'slack-second') };
    const dataDir = join(folder, 'data');
    const holder = startVictim('embedded', dataDir, slack);
    expect(await holder.ready).toBe(true);
    const second = startVictim('embedded', dataDir, slack);
    expect(await second.ready).toBe(false);
    expect(second.said()).toMatch(/REFUSED SourceError: data directory .* is in use by another Edgewise/);
    await holder.kill();
    await (await open(dataDir)).close();
  }, 60_000);
});
