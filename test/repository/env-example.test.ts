import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { entries } from '../../src/config/entries.ts';
import { envExample, settingsTable, withTable } from '../../src/config/example.ts';
import { readSettings } from '../../src/config.ts';

const root = resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('.env.example', () => {
  it('is what the table of settings makes (else: npm run env)', () => {
    expect(text('.env.example')).toBe(envExample());
  });

  it('is a file of variables, and what stands uncommented starts the bot', () => {
    const pairs = envExample()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
    expect(readSettings(Object.fromEntries(pairs), 'serve').ok).toBe(true);
    for (const { name } of entries) expect(envExample()).toMatch(new RegExp(`^#?${name}=`, 'm'));
  });
});

describe('docs/configuration.md', () => {
  it('has the table of settings as it is now (else: npm run env)', () => {
    const page = text('docs/configuration.md');
    expect(page).toContain(settingsTable());
    expect(withTable(page)).toBe(page);
  });
});

describe('the check of both', () => {
  it('fails by name when one is stale, and is part of npm run check', () => {
    expect(JSON.parse(text('package.json')).scripts.check).toContain('node .ci/env-example.ts');
    const copy = mkdtempSync(join(tmpdir(), 'edgewise-env-'));
    folders.push(copy);
    for (const part of ['.ci/env-example.ts', 'src', 'docs', '.env.example', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    const check = () => spawnSync(process.execPath, ['.ci/env-example.ts'], { cwd: copy, encoding: 'utf8' });
    expect(check()).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(copy, '.env.example'), `${envExample()}OLD=1\n`);
    writeFileSync(join(copy, 'docs/configuration.md'), text('docs/configuration.md').replace('Largest webhook body', 'Largest'));
    expect(check()).toMatchObject({
      status: 1,
      stderr: '.env.example is stale; run `npm run env`\ndocs/configuration.md is stale; run `npm run env`\n',
    });
  }, 60_000);
});
