import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { engineFor } from '../support/engine.ts';

const engines = [await engineFor('prometheus'), await engineFor('promtool'), await engineFor('alertmanager')];
const skipped = engines.find((engine) => engine.skipped !== '')?.skipped ?? '';
const entry = resolve(import.meta.dirname, '../../src/entry.cjs');

const folder = mkdtempSync(join(tmpdir(), 'edgewise-demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A demo with a temporary folder of its own, by which everything that belongs to it is known. */
const start = (name: string, ...words: readonly string[]) => {
  const temporary = mkdtempSync(join(folder, `${name}-`));
  const child = spawn(process.execPath, [entry, 'demo', ...words], {
    env: { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1', SLACK_BOT_TOKEN: 'xoxb-of-the-real-workspace' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, temporary, text: () => text, ended: once(child, 'exit') as Promise<[number | null]> };
};

/** Processes that were started with this temporary folder; a listening port dies with its process. */
const processesOf = async (temporary: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(`TMPDIR=${temporary}`)) found.push(`${pid} ${await readFile(`/proc/${pid}/cmdline`, 'utf8')}`);
  }
  return found;
};

const nothingIsLeft = async (temporary: string): Promise<void> => {
  await expect.poll(() => processesOf(temporary), { timeout: 10_000 }).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
};

describe.skipIf(skipped !== '')(`the demo on real engines${skipped}`, () => {
  it('tells the bad version, saves message and picture, ends by itself and leaves nothing', async () => {
    const out = join(folder, 'out');
    const { ended, text, temporary } = start('once', '--once', '--scenario', 'bad-version', '--out', out);
    expect(await ended, text()).toEqual([0, null]);
    const message = JSON.parse(readFileSync(join(out, 'message.json'), 'utf8')) as {
      readonly text: string;
      readonly blocks: readonly unknown[];
    };
    const [header, verdict] = message.text.split('\n');
    expect(header).toMatch(/checkout → payments|→ checkout/);
    expect(verdict).toMatch(/[Vv]ersion v2 of payments/);
    if (!header?.includes('checkout → payments')) expect(verdict).toContain('suffers from below');
    expect(JSON.stringify(message.blocks)).toContain('First check');
    expect([...readFileSync(join(out, 'golden-signals.png')).subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
    await nothingIsLeft(temporary);
  }, 600_000);

  it.each(['Writing eight days', 'Starting Edgewise'])(
    'told to end twice while it is "%s" leaves nothing',
    async (step) => {
      const { child, ended, text, temporary } = start('stopped', '--port', '0');
      await expect.poll(text, { timeout: 120_000 }).toContain(step);
      child.kill('SIGINT');
      await expect.poll(text, { timeout: 60_000 }).toContain('Stopping');
      child.kill('SIGINT');
      expect(await ended, text()).toEqual([0, null]);
      await nothingIsLeft(temporary);
    },
    300_000,
  );
});
