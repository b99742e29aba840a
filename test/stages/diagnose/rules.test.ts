import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../../src/stages/diagnose/rules/index.ts';

const files = readdirSync('src/stages/diagnose/rules')
  .filter((file) => file !== 'index.ts')
  .map((file) => file.replace(/\.ts$/, ''));
const pages = readdirSync('templates/advice').map((file) => file.replace(/\.md$/, ''));

describe('the rules', () => {
  it('have one file, one line in the index and one page of advice each', () => {
    const names = rules.map(({ name }) => name).sort();
    expect([...files].sort()).toEqual(names);
    expect([...pages].sort()).toEqual(names);
  });

  it.each(pages)('explain %s under the same headings, in at most 12 lines', (name) => {
    const text = readFileSync(`templates/advice/${name}.md`, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(text.match(/^#.*$/gm)).toEqual([`# ${name}`, '## What it means', '## First checks']);
  });

  it('suppress only rules that exist, and never themselves', () => {
    const named = files.flatMap((file) => {
      const source = readFileSync(`src/stages/diagnose/rules/${file}.ts`, 'utf8');
      const lists = [...source.matchAll(/explains: ([^;]*?)\n {2,4}\};/g)].map(([, list]) => list ?? '');
      return lists.flatMap((list) => [...list.matchAll(/'([a-z-]+)'/g)].map(([, name]) => [file, name ?? ''] as const));
    });
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter(([file, name]) => !files.includes(name) || name === file)).toEqual([]);
  });
});
