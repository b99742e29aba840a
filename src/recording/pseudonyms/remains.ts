import type { Dictionary } from './dictionary.ts';
import { isPlain, seamed, substringsOf } from './words.ts';

/** What is left of names that were to be replaced. */
export type Remains = {
  /** Standing as words: they were missed. */
  readonly asWords: readonly string[];
  /** Words of names inside longer words, which may be chance: `port` in `imports`. */
  readonly inside: readonly { readonly word: string; readonly inWord: string }[];
};

const shortest = 4;

/**
 * Searches a text for every replaced word of four letters or more, by other means than those that replaced them: whatever is no known word
 * and no pseudonym is looked into, letter by letter. Long runs are data, not names: their beginning is looked into.
 */
export const remainsIn = (text: string, { words, named }: Pick<Dictionary, 'words' | 'named'>): Remains => {
  const made = new Set(words.values());
  const isWhole = (word: string): boolean => made.has(word.toLowerCase()) || (isPlain(word) && !words.has(word.toLowerCase()));
  // `%20prometheus` reads as `20prometheus`.
  const isKnown = (word: string): boolean => isWhole(word) || (/^[0-9a-f]{2}/i.test(word) && isWhole(word.slice(2)));
  const unknown = new Set(
    (text.match(/[\p{L}\p{N}]+/gu) ?? []).filter((run) => !isKnown(run)).filter((run) => !seamed(run).every(isKnown)),
  );
  const asWords = new Set<string>();
  const inside = new Map<string, string>();
  for (const run of unknown) {
    const lower = run.toLowerCase();
    // What an escape left in front of a word (`%22payments`, `\npayments`) belongs to no name.
    const ends = [
      lower,
      lower.slice(1),
      lower.slice(2),
      lower.replaceAll(/\d+/g, ''),
      ...seamed(run).map((part) => part.toLowerCase()),
    ];
    const found = ends.filter((word) => word.length >= shortest && words.has(word));
    for (const word of found) asWords.add(word);
    if (found.length === 0)
      for (const word of substringsOf(lower.slice(0, 80), shortest)) if (named.has(word)) inside.set(word, run);
  }
  return { asWords: [...asWords].sort(), inside: [...inside].map(([word, inWord]) => ({ word, inWord })) };
};
