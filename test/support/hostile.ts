import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect } from 'vitest';

const fixtures = process.env['EDGEWISE_FIXTURES'];
const recorded = (name: string): readonly string[] => {
  const file = `${fixtures}/alerts/${name}_injection_values.json`;
  return fixtures && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
};

const own = [
  '<!channel>',
  '<!here|here>',
  '<@U012ABC>',
  '<!subteam^S012>',
  '<https://evil.example|grafana>',
  '&lt;!channel&gt;',
  '*b* _i_ ~s~ `c` ```x```',
  '$(rm -rf /)',
  '`id`',
  'a; reboot',
  'x\n{"level":"error"}',
  'https://evil.example/x',
  'http://runbooks.example@evil.example/',
  'javascript:alert(1)',
  '\u202egnp.exe',
  'a\u0000b',
  '__proto__',
  'constructor',
  '"} or vector(1)#',
  '<',
  '>',
  '|',
  '&',
  '\ud83d',
  '👩‍👩‍👧‍👦'.repeat(60),
  'x'.repeat(4096),
  '<!date^0^{date}^https://evil.example|x>',
  '@here',
  '@channel',
  '#general',
  ':fire: :+1: a:rotating_light:b',
  'SEVERITY: resolved :white_check_mark:',
  '> quoted',
  '>>> all of it',
  'pay\u200bments\u2060\u00ad',
  'p\u200day\u200cments',
  '\u{e0041}\u{e0042}tagged',
  'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324',
  'www.evil.example/login',
  'root@evil.example',
  'mailto:root@evil.example',
  'tel:+15550100',
  '<mailto:a@evil.example|mail>',
  '&amp;lt;!channel&amp;gt;',
  'a\u2028b\u2029c',
  'a\r\n> b\n```\nc',
  '👩‍👩‍👧‍👦 & <b>',
  '%3C!channel%3E',
  'https://runbooks.example/x|<!channel>',
  'https://runbooks.example/<!channel>',
];
/** What an attacker, a careless rule or a phone may put into any name. */
export const hostile = fc.oneof(
  fc.constantFrom(...own, ...recorded('mrkdwn'), ...recorded('promql')),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.tuple(fc.constantFrom(...own), fc.constantFrom(...own)).map(([a, b]) => a + b),
);

/** Where Slack reads text. */
type TextObject = { readonly type: string; readonly text: string; readonly verbatim?: boolean };
/** Every text object, however deep it stands. */
export const texts = (value: unknown): readonly TextObject[] => {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (typeof value !== 'object' || value === null) return [];
  const here = 'type' in value && 'text' in value && typeof value.text === 'string' ? [value as TextObject] : [];
  return [...here, ...Object.values(value).flatMap(texts)];
};

const allowedToken =
  /^(!subteam\^S0123ABC|!date\^\d+\^\{time\}\|\d\d:\d\d|https:\/\/(grafana\.example\/base|kiali\.example\/kiali|jaeger\.example\/trace|runbooks\.example|[a-z.]+\.wiki\.example)[^|<>\s]*\|[^<>|]*)$/;

/** Control characters, and those that turn the direction of what follows. */
const isInvisible = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  const isControl = (code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f;
  const isWidthless = code === 0x200b || code === 0xad || (code >= 0xe0000 && code <= 0xe007f);
  return isControl || isWidthless || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
};

/** No value from outside has made a mention, a link off the allowlist, a date or a broken entity; `alsoAllowed` tokens are ours. */
export const expectEscaped = (fallback: string, blocks: unknown, alsoAllowed = /(?!)/): void => {
  const parsed = texts(blocks).filter(({ type }) => type === 'mrkdwn');
  for (const text of [fallback, ...parsed.map((block) => block.text)]) {
    for (const [, token = ''] of text.matchAll(/<([^>]*)>?/g)) if (!alsoAllowed.test(token)) expect(token).toMatch(allowedToken);
    expect(text.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]|:\/\//);
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
    expect([...text].filter(isInvisible)).toEqual([]);
    expect(text.replace(/<[^>]*>|`[^`]*`/g, '')).not.toMatch(/:[\w'+-]*[A-Za-z+-][\w'+-]*:/);
    expect(text).not.toMatch(/^(?:•\s*)?(?:>|&gt;)/m);
  }
  expect(parsed.every(({ verbatim }) => verbatim === true)).toBe(true);
};
