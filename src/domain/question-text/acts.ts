import { type ActQuestion, type Options, type Question, unclear } from './question.ts';
import { bare, units, type Word } from './words.ts';

const lengths: Readonly<Record<string, number>> = { ...units, w: 7 * 86_400 };
const lengthPattern = /^(?:\d{1,5}[smhdw])+$/i;
const [leastSeconds, mostSeconds] = [60, 366 * 86_400];

/** `2h`, `90m`, `1h30m`, `1w` in seconds. */
const lengthOf = (text: string): number =>
  [...text.toLowerCase().matchAll(/(\d+)([smhdw])/g)].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (lengths[unit] ?? 0),
    0,
  );

const textOf = (words: readonly Word[]): string | null => {
  const text = words.map((word) => (word.isQuoted ? word.text : bare(word.text))).join(' ');
  return text.trim() === '' ? null : text.trim();
};

const isLength = ({ text, isQuoted }: Word): boolean => !isQuoted && lengthPattern.test(bare(text));

/** Where no length of time stands between them, what is in quotes at the end is the comment: but for a name, alone or behind an arrow. */
const isComment = (words: readonly Word[], index: number): boolean => {
  const [word, before] = [words[index], words[index - 1]];
  if (word === undefined || !word.isQuoted || word.text.includes('→')) return false;
  if (before === undefined) return /\s/.test(word.text);
  return before.text !== '→' && before.text.toLowerCase() !== 'to';
};

type Parts = { readonly what: readonly Word[]; readonly seconds: number | null; readonly comment: readonly Word[] };

const partsOf = (words: readonly Word[]): Parts => {
  const at = words.findIndex(isLength);
  if (at >= 0) {
    const before = words[at - 1];
    const end = before !== undefined && !before.isQuoted && before.text.toLowerCase() === 'for' ? at - 1 : at;
    return { what: words.slice(0, end), seconds: lengthOf(words[at]?.text ?? ''), comment: words.slice(at + 1) };
  }
  const last = words.length - 1;
  return isComment(words, last)
    ? { what: words.slice(0, last), seconds: null, comment: words.slice(last) }
    : { what: words, seconds: null, comment: [] };
};

/** `silence checkout → payments 2h "deploy"`; without names it is about the only open incident. */
export const silenceOf = (words: readonly Word[], options: Options): Question => {
  const { what, seconds, comment } = partsOf(words);
  if (seconds !== null && (seconds < leastSeconds || seconds > mostSeconds))
    return unclear('How long? A silence lasts 1m to 366d: write “/mesh silence checkout → payments 2h "deploy"”.');
  return { kind: 'silence', what: textOf(what), seconds, comment: textOf(comment), options };
};

/** `ack`, `ack checkout → payments`, `unack` with the id of an incident. */
export const actOf = (kind: Exclude<ActQuestion['kind'], 'silence'>, words: readonly Word[], options: Options): Question => ({
  kind,
  what: textOf(words),
  options,
});
