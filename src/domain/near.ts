/** Typing mistakes between two words: letters added, left out, changed, or two in a row exchanged (optimal string alignment). */
export const mistakes = (a: string, b: string): number => {
  const [left, right] = [a.slice(0, 64), b.slice(0, 64)];
  let [before, row] = [[] as number[], Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      const exchanged = swap ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, exchanged, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[right.length] ?? 0;
};

/** The known words that were probably meant, nearest first: few mistakes for their length, or one inside the other. */
export const nearOf = (word: string, known: readonly string[], most = 8): readonly string[] =>
  known
    .map((candidate) => ({ candidate, far: mistakes(word, candidate) }))
    .filter(
      ({ candidate, far }) =>
        far <= Math.max(1, Math.ceil(Math.max(word.length, candidate.length) / 3)) ||
        (word.length >= 3 && candidate.includes(word)) ||
        (candidate.length >= 3 && word.includes(candidate)),
    )
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
