import { describe, expect, it } from 'vitest';
import { readText, refusalsOf } from './read.ts';

const lol = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${`*${'abcdefg'[at]},`.repeat(10)}]`),
];

describe('hostile files', () => {
  it.each([
    ['nested 20,000 deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'reasonable depth'],
    ['a billion laughs', lol.join('\n'), 'at most 100 aliases'],
    ['a key of the prototype', 'edgewise: slos/v1\n__proto__: {polluted: yes}\nslos: []', 'no such key'],
    ['10 MB', 'x'.repeat(10_000_000), 'at most 1 MiB'],
    ['a NUL', 'edgewise: slos/v1\u0000', 'U+0000 in line 1'],
    ['a name that reads backwards', 'edgewise: slos/v1\nslos: [{name: "a\u202Eb"}]', 'U+202E in line 2'],
    ['no YAML', 'a: [', 'expected YAML'],
    ['a key twice', 'a: 1\na: 2', 'Map keys must be unique'],
    ['a number', '42', 'no mapping'],
    ['no field that is known', 'constructor: x', 'expected SLOs of Edgewise'],
  ])('%s is refused in words', (_, text, words) => {
    const read = readText(text);
    expect(read.slos).toEqual([]);
    expect(refusalsOf(read).join('\n')).toContain(words);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('shows no character that a terminal would obey or that turns a line, however YAML writes it', () => {
    const name = '"\\e[2J\\u202Egood\\u009b1m"';
    const more = `{name: ${name}, service: ${name}, availability: 99, ${name}: x}`;
    const other = `apiVersion: openslo/v1\nkind: ${name}\nmetadata: {name: ${name}}`;
    const { refused, notices } = readText(`edgewise: slos/v1\ndefaults: {window: 30d}\nslos: [${more}]\n---\n${other}`);
    expect(refused.map(({ field }) => field)).toEqual(['service', '\\u{1b}[2J\\u{202e}good\\u{9b}1m']);
    expect(notices).toHaveLength(1);
    const all = [...refused, ...notices].flatMap((one) => Object.values(one)).join('');
    expect(all).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });

  it.each([
    ['an edge of spaces', 'edge', ' '.repeat(200_000)],
    ['an edge of arrows', 'edge', '-> '.repeat(100_000)],
    ['slashes', 'service', '/'.repeat(300_000)],
    ['questions', 'service', '?a'.repeat(150_000)],
  ])('%s without end is refused at once, by its length', (_, field, given) => {
    const beganMs = performance.now();
    const read = readText(`edgewise: slos/v1\nslos: [{name: a, ${field}: "${given}x", availability: 99, window: 30d}]`);
    expect(refusalsOf(read)).toEqual([expect.stringContaining(`a ${field}: ${given.length + 1} characters, expected`)]);
    // Minutes, before lengths were looked at; a busy machine may need a second for the YAML.
    expect(performance.now() - beganMs).toBeLessThan(5000);
  });

  it('tells once what a list has hundreds of times', () => {
    const list = JSON.stringify(Array.from({ length: 300 }, () => ({ record: 'x', expr: 'y' })));
    expect(refusalsOf(readText(list))).toEqual([
      expect.stringMatching(/^file file: a mapping of "record", "expr", expected SLOs of/),
    ]);
  });

  it.each([
    ['groups: [{name: a, rules: []}]', 'file file: a mapping of "groups", expected no rules'],
    ['apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}', 'PrometheusRule", expected no rules'],
    ['version: prometheus/v2\nservice: a\nslos: []', 'file version: "prometheus/v2", expected SLOs of Edgewise'],
    ['edgewise: slos/v1\nslos: []', 'file slos: an empty list, expected at least one objective'],
    ['edgewise: slos/v1\ndefaults: x\nslos: [{}]', 'file defaults: "x", expected a mapping, such as {window: 30d}'],
  ])('%j is refused by what it is', (text, words) => expect(refusalsOf(readText(text)).join('\n')).toContain(words));

  it('says nothing of an empty file', () => expect(readText('# later\n')).toEqual({ slos: [], refused: [], notices: [] }));
});
