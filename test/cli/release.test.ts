import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system/clock.ts';

const root = resolve(import.meta.dirname, '../..');
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'edgewise-release-'));
  const built = spawnSync(process.execPath, [join(root, '.ci/build.ts'), join(place, 'dist')], { encoding: 'utf8' });
  expect(built, built.stdout + built.stderr).toMatchObject({ status: 0 });
  for (const part of ['node_modules', 'templates', 'package.json']) symlinkSync(join(root, part), join(place, part));
}, 180_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Plain Node, as in the image: nothing strips types there. */
const edgewise = (words: readonly string[]) =>
  spawnSync(process.execPath, ['--no-experimental-strip-types', join(place, 'dist/entry.cjs'), ...words], {
    encoding: 'utf8',
    cwd: place,
    env: { PATH: process.env['PATH'] ?? '' },
  });

describe('the release', () => {
  it('holds no demo, no workspace and no TypeScript', () => {
    const files = readdirSync(join(place, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('entry.cjs');
    expect(files).toContain('main.js');
    expect(files.filter((file) => /^(demo|workspace)|\.ts$/.test(file))).toEqual([]);
  });

  it('runs on plain Node, without stripping types', () => {
    expect(edgewise(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: edgewise') });
    expect(edgewise(['serve'])).toMatchObject({ status: 2, stderr: expect.stringContaining('SLACK_BOT_TOKEN: is missing') });
  }, 60_000);

  it('starts its embedded store without initdb: every new one is a copy of one', async () => {
    const program = join(place, 'dist/adapters/store/embedded.js');
    const { openEmbedded } = (await import(program)) as typeof import('../../src/adapters/store/embedded.ts');
    const identifiers: string[] = [];
    for (const name of ['one', 'two']) {
      const dataDir = join(place, name);
      const store = await openEmbedded({ dataDir, clock: systemClock, log: () => undefined });
      expect(await store.healthy()).toBe(true);
      await store.close();
      // ControlFileData begins with the identifier that initdb draws (src/include/catalog/pg_control.h).
      identifiers.push(readFileSync(join(dataDir, 'pg/global/pg_control')).subarray(0, 8).toString('hex'));
    }
    expect(identifiers[0]).toBe(identifiers[1]);
  }, 120_000);

  it('triages, and draws the picture with its worker, templates and fonts', () => {
    const out = join(place, 'out');
    const ended = edgewise(['triage', '--replay', join(root, 'test/scenarios/timeout'), '--out', out]);
    expect(ended.stderr).toBe('');
    expect(ended.status).toBe(0);
    expect(readFileSync(join(out, 'golden-signals.png')).subarray(1, 4).toString()).toBe('PNG');
  }, 120_000);

  it('says that the demo is not in it', () => {
    expect(edgewise(['demo'])).toMatchObject({ status: 2, stderr: 'the demo is in a checkout only: npm run demo\n' });
  }, 60_000);

  it('has what the Dockerfile copies', () => {
    const copied = [...readFileSync(join(root, 'Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
      ([, names = '']) => names.split(' '),
    );
    expect(copied.length).toBeGreaterThan(4);
    for (const name of copied) expect(existsSync(join(root, name)), name).toBe(true);
  });
});
