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

  it('suppress only rules that exist', () => {
    const source = files.map((file) => readFileSync(`src/stages/diagnose/rules/${file}.ts`, 'utf8')).join('\n');
    const named = [...source.matchAll(/(?:explains: (?:slow \? )?|explained = )\[([^\]]*)\]/g)].flatMap(([, list]) =>
      [...(list ?? '').matchAll(/'([^']+)'/g)].map(([, name]) => name),
    );
    expect(named.filter((name) => !files.includes(name ?? ''))).toEqual([]);
  });
});
