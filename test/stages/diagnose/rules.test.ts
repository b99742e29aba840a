import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noters } from '../../../src/stages/diagnose/notes/index.ts';
import { rules } from '../../../src/stages/diagnose/rules/index.ts';

const filesIn = (folder: string): readonly string[] =>
  readdirSync(`src/stages/diagnose/${folder}`)
    .filter((file) => file !== 'index.ts')
    .map((file) => file.replace(/\.ts$/, ''));
const files = filesIn('rules');
const pages = readdirSync('templates/advice').map((file) => file.replace(/\.md$/, ''));

/** What stands in brackets after the place, up to the bracket that closes it. */
const listAt = (source: string, from: number): string => {
  let depth = 0;
  for (let at = from; at < source.length; at += 1) {
    if ('[({'.includes(source[at] ?? '')) depth += 1;
    if ('])}'.includes(source[at] ?? '')) depth -= 1;
    if (depth < 0 || (depth === 0 && ',;'.includes(source[at] ?? ''))) return source.slice(from, at);
  }
  return source.slice(from);
};

/** The names of the rules that a rule may say it explains: of its own file, of a constant there, of what it shares with others. */
const explainedBy = (file: string): readonly string[] => {
  const own = readFileSync(`src/stages/diagnose/rules/${file}.ts`, 'utf8');
  const shared = own.includes('refusedWith(') ? readFileSync('src/stages/diagnose/refused.ts', 'utf8') : '';
  const ofOne = readFileSync('src/stages/diagnose/one-of-many.ts', 'utf8');
  return [own, shared].flatMap((source) =>
    [...source.matchAll(/\bexplains: /g)].flatMap(({ index }) => {
      const list = listAt(source, index + 'explains: '.length);
      const all = `${source}${ofOne}`;
      const constantsIn = (text: string): readonly string[] =>
        [...text.matchAll(/\b[a-z]\w+\b(?!['-])/g)]
          .map(([name]) => all.indexOf(`const ${name} = [`))
          .filter((at) => at >= 0)
          .map((at) => listAt(all, at));
      const constants = constantsIn(list);
      const lists = [list, ...constants, ...constants.flatMap(constantsIn)];
      return lists.flatMap((text) => [...text.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)].map(([, name]) => name ?? ''));
    }),
  );
};

describe('the rules', () => {
  it('have one file, one line in the index and one page of advice each', () => {
    const names = rules.map(({ name }) => name).sort();
    expect([...files].sort()).toEqual(names);
    const notes = noters.map(({ name }) => name).sort();
    expect([...filesIn('notes')].sort()).toEqual(notes);
    expect([...pages].sort()).toEqual([...names, ...notes].sort());
  });

  it.each(pages)('explain %s under the same headings, in at most 12 lines', (name) => {
    const text = readFileSync(`templates/advice/${name}.md`, 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
    expect(text.match(/^#.*$/gm)).toEqual([`# ${name}`, '## What it means', '## First checks']);
  });

  it('suppress only rules that exist, and never themselves', () => {
    const named = files.flatMap((file) => explainedBy(file).map((name) => [file, name] as const));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(([file, name]) => !files.includes(name) || name === file)).toEqual([]);
  });

  it('are read whole: also where the list is a constant, or depends on what is seen', () => {
    expect(explainedBy('traffic-surge')).toEqual(expect.arrayContaining(['healthy', 'circuit-breaker']));
    expect(explainedBy('one-pod-bad')).toEqual(expect.arrayContaining(['one-version-bad', 'callee-errors']));
    expect(explainedBy('slow-callee')).toEqual(expect.arrayContaining(['grpc-errors', 'client-gave-up']));
    expect(explainedBy('rbac-denied')).toContain('callee-errors');
  });

  it('explain each other in no pair: one of both is the cause', () => {
    const pairs = files.flatMap((file) =>
      explainedBy(file)
        .filter((name) => file < name && explainedBy(name).includes(file))
        .map((name) => `${file} and ${name}`),
    );
    expect([...new Set(pairs)]).toEqual([]);
  });
});
