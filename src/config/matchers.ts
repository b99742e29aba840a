import { RE2JS } from 're2js';
import { type Labels, labelOf } from '../domain/alert.ts';
import type { Matcher } from '../domain/promql.ts';
import type { LabelTest } from '../domain/routing.ts';

const parts = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"([^"]*)"|([^"\s]*))\s*$/;

/** Whether a text is one label against one value, as Alertmanager writes matchers: `team="x"`, `severity=~"a|b"`. */
export const isMatcher = (text: string): boolean => parts.test(text);

/** A matcher as text, taken apart. */
export const matcherOf = (text: string): Matcher => {
  const [, label = '', op = '=', quoted, bare = ''] = parts.exec(text) ?? [];
  return { label, op: op as Matcher['op'], value: quoted ?? bare };
};

/** Whether a matcher's regular expression, where it has one, is one that RE2 takes. */
export const hasGoodPattern = (text: string): boolean => {
  const { op, value } = matcherOf(text);
  if (op === '=' || op === '!=') return true;
  try {
    RE2JS.compile(value);
    return true;
  } catch {
    return false;
  }
};

/** All matchers must hold; a missing label is empty; regular expressions match the whole value, on RE2, which cannot be made to hang. */
export const labelTest = (matchers: readonly string[]): LabelTest => {
  const tests = matchers.map((text): LabelTest => {
    const { label, op, value } = matcherOf(text);
    const read = (labels: Labels): string => labelOf(labels, label) ?? '';
    if (op === '=') return (labels) => read(labels) === value;
    if (op === '!=') return (labels) => read(labels) !== value;
    const pattern = RE2JS.compile(value);
    const isMatch = (labels: Labels): boolean => pattern.matcher(read(labels)).matches();
    return op === '=~' ? isMatch : (labels) => !isMatch(labels);
  });
  return (labels) => tests.every((test) => test(labels));
};
