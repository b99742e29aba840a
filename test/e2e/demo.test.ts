import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
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
const start = (name: string, ...given: readonly (string | Readonly<Record<string, string>>)[]) => {
  const words = given.filter((word) => typeof word === 'string');
  const environment = Object.assign({}, ...given.filter((word) => typeof word === 'object'));
  const temporary = mkdtempSync(join(folder, `${name}-`));
  const child = spawn(process.execPath, [entry, 'demo', ...words], {
    env: {
      ...process.env,
      ...environment,
      TMPDIR: temporary,
      NODE_DISABLE_COMPILE_CACHE: '1',
      SLACK_BOT_TOKEN: 'xoxb-of-the-real-workspace',
    },
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

describe('words on the command line that cannot be followed', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');

  it.each([
    [['--once', '--out', '/proc/edgewise'], /^--out \/proc\/edgewise cannot be made \(ENOENT\)\n$/],
    [['--once', '--out', file], /^--out .*a-file is a file, not a folder\n$/],
    [['--once', '--out', join(file, 'below')], /^--out .*below cannot be made \(ENOTDIR\)\n$/],
    [
      ['--scenario', 'bad-versoin'],
      /^There is no scenario "bad-versoin"; did you mean bad-version\? There are: connection-refused, /,
    ],
    [['--scenario', 'nosuch'], /^There is no scenario "nosuch"\. There are: connection-refused, /],
    [['--scenario', 'toString'], /^There is no scenario "toString"\. There are: /],
    [['--port', '65536'], /^--port must be a number from 0 to 65535, not 65536\n$/],
  ])(
    '%j is answered at once, with exit code 2, before anything is started',
    async (words, expected) => {
      const { ended, text, temporary } = start('mistaken', ...words);
      expect(await ended).toEqual([2, null]);
      expect(text()).toMatch(expected);
      await nothingIsLeft(temporary);
    },
    60_000,
  );

  it('a port that is taken is named, with exit code 2', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { ended, text, temporary } = start('taken', '--port', String(port));
    expect(await ended).toEqual([2, null]);
    expect(text()).toContain(`Port ${port} of the page is taken`);
    server.close();
    await nothingIsLeft(temporary);
  }, 60_000);

  it('an engine that does not run is named, with exit code 1', async () => {
    const { ended, text, temporary } = start(
      'engineless',
      { EDGEWISE_PROMETHEUS: '/bin/false' },
      '--once',
      '--out',
      join(folder, 'none'),
    );
    expect(await ended).toEqual([1, null]);
    expect(text()).toContain('The demo needs a real engine: EDGEWISE_PROMETHEUS names /bin/false, which does not run here');
    await nothingIsLeft(temporary);
  }, 60_000);
});

describe.skipIf(skipped !== '')(`the demo on real engines${skipped}`, () => {
  it('tells the bad version, saves message and picture, ends by itself and leaves nothing', async () => {
    const out = join(folder, 'out');
    const { ended, text, temporary } = start('once', '--once', '--scenario', 'bad-version', '--out', out);
    expect(await ended, text()).toEqual([0, null]);
    const message = JSON.parse(readFileSync(join(out, 'message.json'), 'utf8')) as {
      readonly text: string;
      readonly blocks: readonly unknown[];
      readonly thread: readonly { readonly files: readonly string[] }[];
    };
    const [header, verdict] = message.text.split('\n');
    expect(header).toMatch(/checkout → payments|→ checkout/);
    expect(verdict).toMatch(/[Vv]ersion v2 of payments/);
    if (!header?.includes('checkout → payments')) expect(verdict).toContain('suffers from below');
    expect(JSON.stringify(message.blocks)).toContain('First check');
    // The saved picture is the one of this message, not of another root that the same fault raised.
    expect(message.thread.flatMap(({ files }) => files).length).toBeGreaterThan(0);
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
      // The second may come when all is cleaned up and Node has given its signals back: then it is the last word.
      expect(
        [
          [0, null],
          [null, 'SIGINT'],
        ],
        text(),
      ).toContainEqual(await ended);
      await nothingIsLeft(temporary);
    },
    300_000,
  );
});
