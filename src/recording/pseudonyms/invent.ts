const vowels = [...'aeiou'];
const consonants = [...'bdfgklmnprstvz'];
const letters = [...'abcdefghijklmnopqrstuvwxyz'];

/** Letters that can be spoken behind this beginning, place by place. */
const alphabetsAfter = (head: string, length: number): readonly (readonly string[])[] => {
  const isOpen = vowels.includes(head.at(-1) ?? '');
  return Array.from({ length }, (_, place) => ((place % 2 === 0) === isOpen ? consonants : vowels));
};

/** The n-th of all words with this beginning, in the order of the alphabet. */
const wordAt = (head: string, index: number, length: number): string => {
  let rest = index;
  let text = '';
  for (const alphabet of alphabetsAfter(head, length).toReversed()) {
    text = `${alphabet[rest % alphabet.length]}${text}`;
    rest = Math.floor(rest / alphabet.length);
  }
  return `${head}${text}`;
};

const capacityOf = (head: string, length: number): number =>
  alphabetsAfter(head, length).reduce((product, alphabet) => product * alphabet.length, 1);

/** Beginnings after which every ending lies between two words: the shortest that there are. */
const headsBetween = (low: string, high: string | null): readonly string[] => {
  const fits = (head: string): boolean => head > low && (high === null || (head < high && !high.startsWith(head)));
  for (let length = 0; length <= Math.max(low.length, high?.length ?? 0) + 1; length += 1) {
    const starts = new Set([low.slice(0, length), (high ?? '').slice(0, length)].filter((start) => start.length === length));
    const heads = [...starts].flatMap((start) => letters.map((letter) => start + letter)).filter(fits);
    if (heads.length > 0) return heads.sort();
  }
  return letters;
};

/** Between 0.1 and 0.9, far from its neighbours (the golden ratio), so that new words do not look alike. */
const scattered = (index: number): number => 0.1 + 0.8 * ((index * 0.618034) % 1);

/** So many new words between two, in order; none of those that are taken. */
const inventBetween = (
  low: string,
  high: string | null,
  count: number,
  start: number,
  isTaken: (word: string) => boolean,
): readonly string[] => {
  const heads = headsBetween(low, high);
  const found: string[] = [];
  for (const [at, head] of heads.entries()) {
    const mine = Math.floor(((at + 1) * count) / heads.length) - Math.floor((at * count) / heads.length);
    // Six letters or more: five are a pod's random suffix.
    let length = Math.max(3, 6 - head.length);
    while (capacityOf(head, length) < mine * 4) length += 1;
    const capacity = capacityOf(head, length);
    let next = 0;
    for (let index = 0; index < mine; index += 1) {
      next = Math.max(next, Math.floor(((index + scattered(start + found.length)) * capacity) / mine));
      while (isTaken(wordAt(head, next, length))) next += 1;
      found.push(wordAt(head, next, length));
      next += 1;
    }
  }
  return found;
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A new word for each. New words sort as the old ones did, also among the words that stay: what is asked of a source holds lists of names
 * in their order, and edges that are equally bad are told apart by theirs.
 */
export const invented = (
  words: Iterable<string>,
  staying: Iterable<string>,
  isTaken: (word: string) => boolean,
): ReadonlyMap<string, string> => {
  const fixed = new Set(staying);
  const all = [...new Set([...words, ...fixed])].sort(byText);
  const made = new Map<string, string>();
  let low = '';
  let waiting: string[] = [];
  const settle = (high: string | null): void => {
    const names = inventBetween(low, high, waiting.length, made.size, isTaken);
    for (const [index, word] of waiting.entries()) made.set(word, names[index] ?? word);
    waiting = [];
  };
  for (const word of all) {
    if (!fixed.has(word)) waiting.push(word);
    else {
      settle(word);
      low = word;
    }
  }
  settle(null);
  return made;
};
