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

  it('says nothing of an empty file', () => expect(readText('# later\n')).toEqual({ slos: [], refused: [], notices: [] }));
});
