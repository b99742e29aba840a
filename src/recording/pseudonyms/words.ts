import { vocabulary } from './vocabulary.ts';

/**
 * `name`: the value of a label. `pod`, `template`: it may end in what Kubernetes draws at random. `words`: text for people, an address, the
 * name of a rule, or what a rule compares names with.
 */
export type Manner = 'name' | 'pod' | 'template' | 'words';
/**
 * A text taken apart into words and what stands between them. Names are quoted in many ways on the wire (PromQL strings, RE2, JSON in
 * JSON, percent signs in addresses), and none of them touches letters and digits: a word is the same word in each.
 */
const [hex, colon] = ['[0-9A-Fa-f]{1,4}', '(?::|%(?:25)*3[Aa])'];
const some = `${hex}(?:${colon}${hex}){0,6}`;
/** Eight groups, or two colons for those that are zero. */
const sixth = [
  `(?<![:.])(?:(?:${hex}${colon}){7}${hex}|${some}${colon}{2}(?:${some})?)`,
  `(?<![\\p{L}\\p{N}:.])${colon}{2}${some}`,
]
  .map((form) => `${form}(?![\\p{L}\\p{N}]|${colon}|\\.\\d)`)
  .join('|');

/** Behind a sign that an address encodes, whose digits are no part of a number: `%2210.1.2.3`. */
const encodedBefore = '(?<=%(?:25)*[0-7][0-9A-Fa-f])';
/** As hosts and pods are named after their address: `ip-10-0-3-17`, `10-0-3-17.shop.pod.cluster.local`. */
const dashed = `(?:(?<![\\p{L}\\p{N}.]|\\d-)|${encodedBefore})\\d{1,3}(?:-\\d{1,3}){3}(?![\\p{L}\\p{N}]|-\\d)`;

const pattern = new RegExp(
  [
    // RFC 3339
    '(?<time>\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}(?::|%3A)\\d{2}(?:(?::|%3A)\\d{2}(?:\\.\\d+)?)?(?:[Zz]|[+-]\\d{2}:\\d{2})?)',
    // IPv4, its dots quoted or not; IPv6 (RFC 4291, 2.2), its colons as they are or as an address encodes them
    `(?<address>(?:(?<![\\d.])|${encodedBefore})\\d{1,3}(?:\\\\*\\.\\d{1,3}){3}(?!\\d|\\.\\d)|${dashed}|${sixth})`,
    // ASCII in an address, however often encoded; escapes of strings and regular expressions: their letter is no word's
    '(?<escape>%(?:25)*[0-7][0-9A-Fa-f]|\\\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[A-Za-z]))',
    // Letters and digits of any script; beyond ASCII they stand encoded in addresses
    '(?<word>(?:[\\p{L}\\p{N}\\p{M}]|%[89A-Fa-f][0-9A-Fa-f])+)',
  ].join('|'),
  'gu',
);

const decoded = (run: string): string => {
  if (!run.includes('%')) return run;
  try {
    return decodeURIComponent(run);
  } catch {
    return run;
  }
};

const seams = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[^\p{Lu}]+|\p{Lu}+/gu;

/** `PaymentsErrorRate` → Payments, Error, Rate. */
export const seamed = (run: string): readonly string[] => run.match(seams) ?? [run];

const quantities = [
  // Halves of `[a-z0-9]` and its like.
  /^([a-z]0|9[a-z])$/,
  /^.$/u,
  /^\d+$/,
  /^\d{1,3}e\d{0,3}$/,
  /^(\d+(ms|[smhdwy]))+$/,
  /^v\d{1,8}((alpha|beta|rc)\d+)?$/,
  /^(rc|alpha|beta)\d*$/,
  /^p\d{2,3}$/,
  /^\dxx$/,
  // A panel of Prometheus' graph page: `g1.expr`
  /^g\d$/,
];

/** Behind a colon or between the bars of an Envoy cluster's name, as they are or encoded. */
const ports = /(?<=[:|]|%(?:25)*(?:3A|7C))\d{2,5}(?!\d)/gi;
export const portsIn = (text: string): readonly string[] => text.match(ports) ?? [];

/** A number that may be a customer's, an account's or a host's: with three digits or fewer it names nobody. */
export const isLongNumber = (word: string): boolean => /^\d{4,}$/.test(word);

/** Numbers, durations, versions, code classes, and known words that carry a number ("rate5m", "http2"). */
export const isPlain = (word: string): boolean => {
  const lower = word.toLowerCase();
  if (vocabulary.has(lower) || quantities.some((quantity) => quantity.test(lower))) return true;
  const [, known = ''] = /^([a-z]{2,})\d{1,3}(?:ms|[smhdw])?$/.exec(lower) ?? [];
  return vocabulary.has(known);
};

/** In an address a run goes on over what it encodes (`a%E2%86%92b`), and a percent sign need not encode anything. */
const pieces = /[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu;

/** The words of one run of letters, and what stands between them: the whole where it is known, else what camel case joined. */
export const partsOf = (run: string): readonly string[] =>
  (decoded(run).match(pieces) ?? []).flatMap((piece) => (isPlain(piece) ? [piece] : seamed(piece)));

type Visit = { readonly word: (run: string) => string; readonly address: (text: string) => string };

/** The text with its words and addresses replaced; the rest stays. */
export const rewritten = (text: string, { word, address }: Visit): string =>
  text.replace(pattern, (...found: readonly unknown[]) => {
    const groups = found.at(-1) as Readonly<Record<'word' | 'address', string | undefined>>;
    if (groups.address !== undefined) return address(groups.address);
    return groups.word === undefined ? String(found[0]) : word(groups.word);
  });

/** Every run of letters and every address of a text. */
export const runsIn = (text: string): { readonly runs: readonly string[]; readonly addresses: readonly string[] } => {
  const found = { runs: [] as string[], addresses: [] as string[] };
  for (const { groups } of text.matchAll(pattern)) {
    if (groups?.['word'] !== undefined) found.runs.push(groups['word']);
    if (groups?.['address'] !== undefined) found.addresses.push(groups['address']);
  }
  return found;
};

/** Every part of a word that is at least so long. */
export const substringsOf = (word: string, shortest: number): readonly string[] => {
  const found: string[] = [];
  for (let from = 0; from < word.length; from += 1)
    for (let to = from + shortest; to <= word.length; to += 1) found.push(word.slice(from, to));
  return found;
};
