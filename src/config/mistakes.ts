export { masked } from '../domain/masked.ts';

/** One thing that is wrong with the settings, in the words of the one who must mend it. */
export type Mistake = {
  readonly name: string;
  readonly given: string | null;
  readonly expected: string;
  readonly example: string | null;
};

/** One line a mistake: name, value, expectation, example. */
export const formatMistakes = (mistakes: readonly Mistake[]): string =>
  [
    `${mistakes.length === 1 ? 'One setting is' : `${mistakes.length} settings are`} wrong:`,
    ...mistakes.map(
      ({ name, given, expected, example }) =>
        `  ${name}: ${given === null ? 'is missing' : `is ${given}`}; expected ${expected}${example === null ? '' : `, for example ${example}`}`,
    ),
  ].join('\n');

/** Letters to change to get from one word to the other (Levenshtein), for "did you mean". */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The known word that is at most two letters away, the nearest first; null when none is. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  const near = known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= 2)
    .map((candidate) => ({ candidate, letters: distance(word, candidate) }))
    .filter(({ letters }) => letters <= 2)
    .sort((a, b) => a.letters - b.letters || (a.candidate < b.candidate ? -1 : 1));
  return near[0]?.candidate ?? null;
};
