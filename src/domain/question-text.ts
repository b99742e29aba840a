/** What a person may ask, in Slack and on the command line: one grammar. */
export type Question =
  | { readonly kind: 'help' }
  | { readonly kind: 'stat'; readonly name: Named | null; readonly from: Named | null; readonly options: Options }
  | { readonly kind: 'why'; readonly from: Named | null; readonly to: Named; readonly options: Options }
  /** The words were not understood: what to say. */
  | { readonly kind: 'unclear'; readonly lines: readonly string[] };

/** `payments` or `shop/payments`. */
export type Named = { readonly namespace: string | null; readonly name: string };

export type Options = { readonly windowSeconds: number; readonly cluster: string | null; readonly namespace: string | null };

const verbs = ['help', 'stat', 'why'] as const;
const optionNames = ['--from', '--window', '--cluster', '--namespace'] as const;

/** Phones make smart quotes, long dashes and arrows of what was typed. */
const plain = (text: string): string =>
  text
    .replace(/[\u201c\u201d\u00ab\u00bb]/g, '"')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/(^|\s)[\u2013\u2014](?=[a-z])/g, '$1--')
    .replace(/\s*(?:->|=>|\u2192|\u27f6)\s*/g, ' → ');

/** Words as a shell splits them; an open quote ends with the text. */
const wordsOf = (text: string): readonly string[] =>
  [...plain(text).matchAll(/"([^"]*)"?|'([^']*)'?|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .filter((word) => word !== '');

const namedOf = (word: string): Named => {
  const [first = '', second] = word.split('/');
  return second === undefined ? { namespace: null, name: first } : { namespace: first, name: second };
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `10m` → 600; null when it is no duration between 1 minute and 1 day. */
const secondsOf = (word: string): number | null => {
  const match = /^(\d{1,5})([smhd])$/.exec(word);
  const seconds = match ? Number(match[1]) * (units[match[2] ?? ''] ?? 0) : 0;
  return seconds >= 60 && seconds <= 86_400 ? seconds : null;
};

const nearest = (word: string, known: readonly string[]): string | null =>
  known.find(
    (candidate) =>
      candidate.startsWith(word) ||
      word.startsWith(candidate) ||
      [...candidate].filter((letter) => word.includes(letter)).length >= candidate.length - 1,
  ) ?? null;

const unclear = (...lines: readonly string[]): Question => ({ kind: 'unclear', lines });

type Read =
  | { readonly words: readonly string[]; readonly options: Options; readonly from: Named | null }
  | { readonly problem: string };

const readOptions = (words: readonly string[]): Read => {
  const rest: string[] = [];
  const given = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const [name = '', inline] = (words[index] ?? '').split('=');
    if (!name.startsWith('--')) {
      rest.push(words[index] ?? '');
      continue;
    }
    if (!(optionNames as readonly string[]).includes(name))
      return { problem: `I do not know the option ${name}; there are ${optionNames.join(', ')}.` };
    const value = inline ?? words[index + 1];
    if (inline === undefined) index += 1;
    if (value === undefined) return { problem: `${name} needs a value.` };
    given.set(name, value);
  }
  const window = given.get('--window');
  const windowSeconds = window === undefined ? 300 : secondsOf(window);
  if (windowSeconds === null) return { problem: `--window ${window} is not a length between 1m and 1d; write 5m, 2h or 1d.` };
  const from = given.get('--from');
  return {
    words: rest,
    from: from === undefined ? null : namedOf(from),
    options: { windowSeconds, cluster: given.get('--cluster') ?? null, namespace: given.get('--namespace') ?? null },
  };
};

const whyOf = (words: readonly string[], from: Named | null, options: Options): Question => {
  const names = words.filter((word) => word !== '→' && word !== 'to');
  const [first, second] = names;
  if (first === undefined || names.length > 2)
    return unclear('Which edge? Write `why checkout → payments`, or `why payments` for its worst caller.');
  if (second !== undefined) return { kind: 'why', from: namedOf(first), to: namedOf(second), options };
  // `checkout/payments` may be an edge or a namespace with a name; the one who answers knows which exists.
  return { kind: 'why', from, to: namedOf(first), options };
};

/** Reads what was asked; never throws. */
export const readQuestion = (text: string): Question => {
  const [verb = 'help', ...rest] = wordsOf(text.slice(0, 1000));
  const known = verb.toLowerCase();
  if (!(verbs as readonly string[]).includes(known)) {
    const near = nearest(known, verbs);
    return unclear(`I do not know “${verb}”${near === null ? '' : `; did you mean “${near}”?`} There are: ${verbs.join(', ')}.`);
  }
  const read = readOptions(rest);
  if ('problem' in read) return unclear(read.problem);
  if (known === 'help') return { kind: 'help' };
  if (known === 'why') return whyOf(read.words, read.from, read.options);
  const [name] = read.words;
  return { kind: 'stat', name: name === undefined ? null : namedOf(name), from: read.from, options: read.options };
};
