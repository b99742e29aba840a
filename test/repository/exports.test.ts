import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unusedExports } from '../../.ci/exports.ts';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** What is found unused where `src/a.ts` exports and `test/b.ts` may take it. */
const unusedOf = (exporting: string, using = ''): readonly string[] => {
  const root = mkdtempSync(join(tmpdir(), 'edgewise-exports-'));
  roots.push(root);
  for (const [folder, file, text] of [
    ['src', 'a.ts', exporting],
    ['test', 'b.ts', using],
  ] as const) {
    mkdirSync(join(root, folder));
    writeFileSync(join(root, folder, file), text);
  }
  return unusedExports(root).unused;
};

describe('exports', () => {
  it.each([
    ['a value', 'export const a: Record<string, string> = {};', ['src/a.ts: a']],
    ['a type', 'export type A = { readonly b: Readonly<string> };', ['src/a.ts: A']],
    ['a function', 'export function a() {}', ['src/a.ts: a']],
    ['a list, by the names given outside', 'const a = 1; const b = 2; export { a, b as c };', ['src/a.ts: a', 'src/a.ts: c']],
    ['what a pattern takes apart', 'export const [a, b] = [1, 2];', ['src/a.ts: a', 'src/a.ts: b']],
    ['one that only its own file uses', 'export const a = 1; const b = a; void b;', ['src/a.ts: a']],
  ])('that no other file uses are found: %s', (_what, text, expected) => {
    expect([...unusedOf(text)].sort()).toEqual(expected);
  });

  it.each([
    ['by its name', "import { a } from '../src/a.ts'; void a;"],
    ['by another name', "import { a as b } from '../src/a.ts'; void b;"],
    ['as a type', "import { type a } from '../src/a.ts'; export {};"],
    ['with the whole file', "import * as all from '../src/a.ts'; void all;"],
    ['lazily', "void import('../src/a.ts');"],
    ['in a type', "const b: typeof import('../src/a.ts') | null = null; void b;"],
  ])('are used %s', (_how, using) => {
    expect(unusedOf('export const a = 1;', using)).toEqual([]);
  });

  it('that are only passed on must be used behind that', () => {
    expect(unusedOf('export const a = 1;', "export { a } from '../src/a.ts';")).toEqual(['test/b.ts: a']);
  });
});
