/** One thing that is wrong with the settings, in the words of the one who must mend it. */
export type Mistake = {
  readonly name: string;
  readonly given: string | null;
  readonly expected: string;
  readonly example: string | null;
};

/** Secrets are never printed back, not even a wrong one. */
export const masked = (value: string, isSecret: boolean): string =>
  isSecret ? `${value.slice(0, 4).replace(/[^\w-]/g, '?')}… (${value.length} characters)` : JSON.stringify(value.slice(0, 80));

export const formatMistakes = (mistakes: readonly Mistake[]): string =>
  [
    `${mistakes.length === 1 ? 'One setting is' : `${mistakes.length} settings are`} wrong:`,
    ...mistakes.map(
      ({ name, given, expected, example }) =>
        `  ${name}: ${given === null ? 'is missing' : `is ${given}`}; expected ${expected}${example === null ? '' : `, for example ${example}`}`,
    ),
  ].join('\n');

/** Letters to change to get from one word to the other (Levenshtein), for "did you mean". */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
};
