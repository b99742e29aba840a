import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseSync } from '@swc/core';
import { afterEach, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'edgewise-entry-'));
  folders.push(made);
  return made;
};

/** What ES5 does not have, as swc calls it. */
const modern = new Set([
  'ArrowFunctionExpression',
  'TemplateLiteral',
  'TaggedTemplateExpression',
  'Import',
  'ImportDeclaration',
  'ClassDeclaration',
  'ClassExpression',
  'ForOfStatement',
  'ArrayPattern',
  'ObjectPattern',
  'AssignmentPattern',
  'RestElement',
  'SpreadElement',
  'OptionalChainingExpression',
  'AwaitExpression',
  'YieldExpression',
  'MetaProperty',
]);

const modernParts = (text: string): readonly string[] => {
  const found: string[] = [];
  const open: unknown[] = [parseSync(text, { syntax: 'ecmascript', target: 'es2024' })];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const node = next as Record<string, unknown>;
    const type = String(node['type'] ?? '');
    if (modern.has(type) || (type === 'VariableDeclaration' && node['kind'] !== 'var') || node['async'] === true)
      found.push(type);
    if (type === 'BinaryExpression' && ['??', '**'].includes(String(node['operator']))) found.push(type);
    if (Array.isArray(node['arguments']))
      for (const argument of node['arguments']) if ((argument as { spread?: unknown }).spread) found.push('SpreadElement');
    open.push(...Object.values(node));
  }
  return found;
};

/** A program that runs before the entry and makes Node say that it is old. */
const pretend = (version: string): readonly string[] => {
  const file = join(folder(), 'old.cjs');
  const versions = `Object.assign({}, process.versions, { node: ${JSON.stringify(version)} })`;
  writeFileSync(file, `Object.defineProperty(process, 'versions', { value: ${versions} });\n`);
  return ['--require', file];
};

const installation = (): string => {
  const made = folder();
  mkdirSync(join(made, 'src'));
  for (const file of ['entry.cjs', 'start.cjs']) cpSync(join(root, 'src', file), join(made, 'src', file));
  return made;
};

describe('the first file that runs', () => {
  it.each(['src/entry.cjs', '.ci/setup.cjs'])('%s is in syntax that every Node reads', (file) => {
    expect(modernParts(readFileSync(join(root, file), 'utf8'))).toEqual([]);
    expect(modernParts('const a = () => `$' + '{[...b]}`; import(c?.d)').length).toBeGreaterThan(4);
  });

  it.each(['0.10.48', '6.17.1', '20.20.2', '22.18.0'])('explains on Node %s what is needed, and ends with 2', (version) => {
    const { status, stderr } = spawnSync(process.execPath, [...pretend(version), join(installation(), 'src/entry.cjs')], {
      encoding: 'utf8',
    });
    expect(status).toBe(2);
    expect(stderr).toContain(`Edgewise needs Node 22.19 or newer; this is ${version}.\n`);
    expect(stderr).toContain('npm ci');
  });

  it.skipIf(process.platform === 'win32')(
    'brings up the Node that npm ci installed, with the same words and the same end',
    () => {
      const place = installation();
      const bin = join(place, 'node_modules/node/bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'node'), '#!/bin/sh\nshift\necho "brought up: $*"\nexit 7\n');
      chmodSync(join(bin, 'node'), 0o755);
      const words = [...pretend('20.20.2'), join(place, 'src/entry.cjs'), 'triage', '-', '--json'];
      const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 7, stdout: 'brought up: triage - --json\n' });
    },
  );

  it.each(['22.19.0', '24.0.0', '30.1.2'])('goes on with Node %s', (version) => {
    const place = installation();
    writeFileSync(join(place, 'src/cli.js'), "console.log('started', process.argv.slice(2).join(' '));\n");
    const words = [...pretend(version), join(place, 'src/entry.cjs'), 'serve'];
    expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: 'started serve\n' });
  });
});

describe.skipIf(process.platform === 'win32')('the long run', () => {
  /** What the command line was started with: its flags, its process id, its words. */
  const started = (words: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const place = installation();
    writeFileSync(
      join(place, 'src/cli.js'),
      'console.log(JSON.stringify([process.execArgv, process.pid, process.argv.slice(2), process.env.MALLOC_ARENA_MAX ?? null]));\n',
    );
    const child = spawnSync(process.execPath, ['--no-warnings', join(place, 'src/entry.cjs'), ...words], {
      encoding: 'utf8',
      env,
    });
    expect(child).toMatchObject({ status: 0, stderr: '' });
    const [flags, pid, said, arenas] = JSON.parse(child.stdout) as [string[], number, string[], string | null];
    return { flags, isSame: pid === child.pid, said, arenas };
  };

  it('serve begins again in the same process with a small heap, keeping the flags and words that it was given', () => {
    expect(started(['serve', '--x', 'y z'])).toEqual({
      flags: ['--max-semi-space-size=4', '--heap-growing-percent=50', '--liftoff-only', '--no-warnings'],
      isSame: true,
      said: ['serve', '--x', 'y z'],
      arenas: '2',
    });
    expect(started(['serve'], { MALLOC_ARENA_MAX: '4' })).toMatchObject({ arenas: '4' });
  });

  it('one question starts as it was called: its heap lives for seconds', () => {
    expect(started(['triage', '-'])).toMatchObject({ flags: ['--no-warnings'], arenas: null });
  });
});

/** Node of the machine, outside the checkout's own node_modules; often older than what we need. */
const machine = spawnSync('node', ['-v'], {
  encoding: 'utf8',
  env: {
    PATH: (process.env['PATH'] ?? '')
      .split(':')
      .filter((part) => !part.includes('node_modules'))
      .join(':'),
  },
});
const old = machine.status === 0 && Number(/^v(\d+)/.exec(machine.stdout)?.[1]) < 22 ? machine.stdout.trim() : null;

describe.skipIf(old === null)(`the machine's own Node ${old ?? 'is not too old, or there is none: skipped'}`, () => {
  it('runs the command line by the Node of the checkout', () => {
    const path = (process.env['PATH'] ?? '')
      .split(':')
      .filter((part) => !part.includes('node_modules'))
      .join(':');
    const { status, stdout } = spawnSync('node', [join(root, 'src/entry.cjs'), '--help'], {
      encoding: 'utf8',
      env: { PATH: path },
    });
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: edgewise');
  }, 60_000);
});

describe('the setup before npm test', () => {
  const checkout = (): { readonly place: string; readonly run: () => ReturnType<typeof spawnSync> } => {
    const place = folder();
    for (const part of ['.ci', 'node_modules']) mkdirSync(join(place, part));
    cpSync(join(root, '.ci/setup.cjs'), join(place, '.ci/setup.cjs'));
    writeFileSync(join(place, 'package-lock.json'), '{}');
    const npm = join(place, 'npm-cli.js');
    writeFileSync(
      npm,
      "require('fs').writeFileSync(process.cwd() + '/node_modules/.package-lock.json', '{}'); console.log('npm', process.argv[2]); process.exit(Number(process.env.FAIL || 0));\n",
    );
    const env = { ...process.env, npm_execpath: npm };
    return { place, run: () => spawnSync(process.execPath, [join(place, '.ci/setup.cjs')], { encoding: 'utf8', env }) };
  };

  it('installs once, and again when the lock file is newer', () => {
    const { place, run } = checkout();
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('npm ci\n') });
    expect(run()).toMatchObject({ status: 0, stdout: '' });
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(place, 'package-lock.json'), later, later);
    expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('npm ci\n') });
  });
});
