import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import { findEngine } from '../../src/demo/engines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewise-engines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const program = async (path: string, lines: readonly string[]): Promise<string> => {
  const full = join(folder, path);
  await mkdir(join(full, '..'), { recursive: true });
  await writeFile(full, `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(full, 0o755);
  return full;
};

describe('an engine is looked for', () => {
  it('where it is named, and nowhere else then', async () => {
    const path = await program('named/promtool', ['exit 0']);
    expect(await findEngine('promtool', { environment: { EDGEWISE_PROMTOOL: path, PATH: '' } })).toEqual({ path });
    const wrong = await findEngine('promtool', {
      environment: { EDGEWISE_PROMTOOL: '/nowhere/promtool', PATH: join(folder, 'named') },
    });
    expect(wrong).toEqual({ missing: 'EDGEWISE_PROMTOOL names /nowhere/promtool, which does not run here' });
  });

  it("on PATH, under Debian's name too, past programs that do not run here", async () => {
    const broken = await program('broken/alertmanager', ['exit 126']);
    const path = await program('debian/prometheus-alertmanager', ['exit 0']);
    const environment = { PATH: [join(broken, '..'), join(path, '..')].join(':') };
    expect(await findEngine('alertmanager', { environment })).toEqual({ path });
  });

  it('in the cache, the newest version first', async () => {
    await program('cache/prometheus-2.42.0/usr/bin/promtool', ['exit 0']);
    const path = await program('cache/prometheus-2.100.0/promtool', ['exit 0']);
    expect(await findEngine('promtool', { environment: { PATH: '' }, cacheDir: join(folder, 'cache') })).toEqual({ path });
  });

  it('in vain where the cache cannot be written, in clear words', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const engine = await findEngine('amtool', { environment: { PATH: '' }, cacheDir: join(file, 'cache') });
    expect(engine).toEqual({ missing: expect.stringMatching(/^amtool could not be unpacked into .*a-file/) });
  });
});

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
/** A zombie has ended, though its number is still taken until somebody reads its end. */
const runs = async (pid: number): Promise<boolean> =>
  alive(pid) && !/^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State: Z'));

describe('a running engine', () => {
  const server = [
    process.execPath,
    ['-e', "require('node:http').createServer((q, r) => r.end('ready')).listen(process.argv[1], '127.0.0.1')"],
  ] as const;

  it('is ready when its address answers, and gone with its children when it is stopped', async () => {
    const port = await freePort();
    const path = await program('family', ['sleep 1000 &', 'echo "child $!" >&2', `exec "${server[0]}" "$@"`]);
    const engine = await startEngine(path, [...server[1], String(port)], { readyUrl: `http://127.0.0.1:${port}/` });
    const child = Number(/child (\d+)/.exec(engine.lastLines().join('\n'))?.[1]);
    expect(await runs(child)).toBe(true);
    await engine.stop();
    await engine.stop();
    await engine.ended;
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await expect.poll(() => runs(child)).toBe(false);
  });

  it('that does not come up says its last words', async () => {
    const path = await program('fails', ['echo "cannot bind: address in use" >&2', 'exit 1']);
    const port = await freePort();
    await expect(startEngine(path, [], { name: 'prometheus', readyUrl: `http://127.0.0.1:${port}/` })).rejects.toThrow(
      /prometheus ended before it was ready[\s\S]*cannot bind/,
    );
  });

  it('that ignores the request to end is made to', async () => {
    const path = await program('stubborn', ["trap '' TERM", 'while :; do sleep 1; done']);
    const engine = await startEngine(path, [], { readyUrl: null, graceMs: 100 });
    await engine.stop();
  });

  it('ends when the one who started it is killed', async () => {
    const path = await program('orphan', ['echo "engine $$" >&2', 'exec sleep 1000']);
    const module = resolve(import.meta.dirname, '../../src/demo/engine-process.ts');
    const source = `
      import { startEngine } from ${JSON.stringify(module)};
      const engine = await startEngine(${JSON.stringify(path)}, [], { readyUrl: null });
      while (engine.lastLines().length === 0) await new Promise((done) => setTimeout(done, 10));
      console.log(engine.lastLines()[0]);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pid = Number(/engine (\d+)/.exec(line)?.[1]);
    expect(await runs(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => runs(pid), { timeout: 5000 }).toBe(false);
  });
});

describe.skipIf(!process.env['EDGEWISE_FETCH'])(
  "Debian's packages (skipped unless EDGEWISE_FETCH allows to download 30 MB)",
  () => {
    it('are unpacked once, by several at the same time, and run where they lie', async () => {
      const cacheDir = join(folder, 'fetched');
      const names = ['prometheus', 'promtool', 'alertmanager', 'amtool'] as const;
      const found = await Promise.all(names.map((name) => findEngine(name, { cacheDir, environment: { PATH: '' } })));
      for (const engine of found) expect(engine).toEqual({ path: expect.stringContaining(cacheDir) });
      expect((await readdir(cacheDir)).toSorted()).toEqual([
        expect.stringMatching(/^alertmanager-\d/),
        expect.stringMatching(/^prometheus-\d/),
      ]);
    });
  },
);
