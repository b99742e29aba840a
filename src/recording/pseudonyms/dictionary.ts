import type { Recording } from '../shape.ts';
import { type Told, tellNames } from './collect.ts';
import { invented } from './invent.ts';
import { numbersIn } from './numbers.ts';
import { traceIdsIn } from './traces.ts';
import { vocabulary } from './vocabulary.ts';
import { isLongNumber, isPlain, type Manner, partsOf, portsIn, rewritten, runsIn, substringsOf } from './words.ts';

/** What stands for what. Keys are in lower case. */
export type Dictionary = {
  readonly words: ReadonlyMap<string, string>;
  readonly addresses: ReadonlyMap<string, string>;
  /** Those of the replaced words that stand in values of labels, not only in texts. */
  readonly named: ReadonlySet<string>;
  /** Words of names that stay, since they mean something to the meshes, to PromQL or to alerting. */
  readonly kept: readonly string[];
};

/** What stands at random at the end of a pod's name (of a Deployment, of a DaemonSet) and of a ReplicaSet's; template hashes are drawn with digits and
 * without vowels (k8s.io/apimachinery, util/rand), so that words of people are none. */
const randomEnds: Readonly<Partial<Record<Manner, readonly RegExp[]>>> = {
  pod: [/^.+-((?=[a-z]*\d)[b-df-hj-np-tv-z0-9]{6,10})-([a-z0-9]{5})$/, /^.+-([bcdfghjklmnpqrstvwxz2456789]{5})$/],
  template: [/^(?:.+-)?((?=[a-z]*\d)[b-df-hj-np-tv-z0-9]{6,10})$/],
};

const randomOf = (value: string, manner: Manner): readonly string[] =>
  (randomEnds[manner] ?? []).map((pattern) => pattern.exec(value)?.slice(1)).find((ends) => ends !== undefined) ?? [];

/** `AcmePayments` is `acmepayments` where capitals are not written. */
const spellingsOf = (run: string): readonly string[] => {
  const parts = partsOf(run);
  return parts.every(isPlain) ? parts : [...new Set([...parts, parts.join('')])];
};

const isWord = (part: string): boolean => /[\p{L}\p{N}]/u.test(part);

type Seen = { readonly words: Map<string, Set<'name' | 'words'>>; readonly random: Set<string>; readonly addresses: Set<string> };

const seenIn = (tellAll: (tell: Told) => void): Seen => {
  const seen: Seen = { words: new Map(), random: new Set(), addresses: new Set() };
  tellAll((text, manner) => {
    const ends = randomOf(text, manner);
    for (const end of ends) seen.random.add(end);
    const { runs, addresses } = runsIn(text);
    for (const address of addresses) seen.addresses.add(digitsOf(address));
    const ports = portsIn(text);
    // A text for people is full of figures; what is longer than any of them is somebody's number.
    const isFigure = (word: string): boolean =>
      isLongNumber(word) && (ports.includes(word) || (manner === 'words' && word.length < 6));
    for (const word of runs.flatMap(manner === 'words' ? partsOf : spellingsOf).filter((one) => isWord(one) && !isFigure(one))) {
      const key = word.toLowerCase();
      const manners = seen.words.get(key) ?? new Set<'name' | 'words'>();
      if (!ends.includes(word)) manners.add(manner === 'words' ? 'words' : 'name');
      seen.words.set(key, manners);
    }
  });
  return seen;
};

const colons = /%(?:25)*3A/gi;
const isDashed = (address: string): boolean => /^\d+(-\d+){3}$/.test(address);
const digitsOf = (address: string): string =>
  isDashed(address) ? address.replaceAll('-', '.') : address.replaceAll('\\', '').replaceAll(colons, ':').toLowerCase();

/** Addresses that are everywhere the same. */
const isCommonAddress = (address: string): boolean => /^(127\.|0\.0\.0\.0$|255\.|::1$)/.test(address);

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const isSixth = (address: string): boolean => address.includes(':');

/** Of the range for benchmarks (RFC 2544) and of that for documentation (RFC 3849), which nobody routes; in the order of the old ones. */
const addressesFor = (addresses: Iterable<string>): ReadonlyMap<string, string> => {
  const all = [...addresses].filter((address) => !isCommonAddress(address));
  const fourth = all.filter((address) => !isSixth(address)).sort((a, b) => numberOf(a) - numberOf(b));
  const sixth = all.filter(isSixth).sort();
  return new Map([
    ...fourth.map((one, index) => [one, `198.${18 + ((index >> 16) & 1)}.${(index >> 8) & 255}.${index & 255}`] as const),
    ...sixth.map((one, index) => [one, `2001:db8::${(0x1000 + index).toString(16)}`] as const),
  ]);
};

type Elsewhere = {
  /** Words that stand elsewhere and mean something else there. */
  readonly isUsed?: (word: string) => boolean;
  /** Numbers that are read as such somewhere: ports, bounds, codes, moments. */
  readonly isNumber?: (word: string) => boolean;
  /** Ids of traces, which stay wherever they stand. */
  readonly isTraceId?: (word: string) => boolean;
};

const never = (): boolean => false;

/** Builds a dictionary from whatever tells names. */
export const dictionaryFrom = (
  tellAll: (tell: Told) => void,
  { isUsed = never, isNumber = never, isTraceId = never }: Elsewhere = {},
): Dictionary => {
  const seen = seenIn(tellAll);
  const isRandom = (word: string): boolean => seen.random.has(word) && seen.words.get(word)?.has('name') !== true;
  const replaced: string[] = [];
  const staying: string[] = [];
  const isKnown = (word: string): boolean => isTraceId(word) || (isLongNumber(word) ? isNumber(word) : isPlain(word));
  for (const word of seen.words.keys()) (isKnown(word) || isRandom(word) ? staying : replaced).push(word);
  const olds = new Set(replaced);
  const isTaken = (word: string): boolean =>
    vocabulary.has(word) || seen.words.has(word) || isUsed(word) || substringsOf(word, 3).some((part) => olds.has(part));
  const named = staying.filter((word) => /^[a-z]/.test(word) && seen.words.get(word)?.has('name'));
  return {
    words: invented(replaced, named, isTaken),
    addresses: addressesFor(seen.addresses),
    named: new Set(replaced.filter((word) => seen.words.get(word)?.has('name'))),
    kept: named.filter((word) => vocabulary.has(word)).sort(),
  };
};

const wordsIn = (text: string): ReadonlySet<string> =>
  new Set(
    runsIn(text)
      .runs.flatMap(partsOf)
      .map((word) => word.toLowerCase()),
  );

/** The dictionary of one recording. */
export const dictionaryOf = (recording: Recording): Dictionary => {
  const used = wordsIn(JSON.stringify(recording));
  return dictionaryFrom((tell) => tellNames(recording, tell), {
    isUsed: (word) => used.has(word),
    isNumber: numbersIn(recording),
    isTraceId: traceIdsIn(recording),
  });
};

const inCaseOf = (word: string, pseudonym: string): string => {
  const upper = word.toUpperCase();
  if (word.length > 1 && word === upper && word !== word.toLowerCase()) return pseudonym.toUpperCase();
  const isCapital = word[0] === upper[0] && word[0] !== word[0]?.toLowerCase();
  return isCapital ? `${pseudonym[0]?.toUpperCase()}${pseudonym.slice(1)}` : pseudonym;
};

/** The text with every name of the dictionary replaced, whatever quotes it. */
export const renamer = ({ words, addresses }: Pick<Dictionary, 'words' | 'addresses'>): ((text: string) => string) => {
  const wordFor = (word: string): string | null => {
    const pseudonym = words.get(word.toLowerCase());
    return pseudonym === undefined ? null : inCaseOf(word, pseudonym);
  };
  const runFor = (run: string): string => {
    const parts = partsOf(run);
    const made = parts.map(wordFor);
    if (made.some((one) => one !== null)) return parts.map((part, index) => made[index] ?? part).join('');
    // A name in one word may stand elsewhere with capitals in it.
    return (parts.every(isPlain) ? null : wordFor(parts.join(''))) ?? run;
  };
  const addressFor = (text: string): string => {
    const made = addresses.get(digitsOf(text));
    if (made === undefined) return text;
    if (isDashed(text)) return made.replaceAll('.', '-');
    return isSixth(made)
      ? made.replaceAll(':', text.match(colons)?.[0] ?? ':')
      : made.replaceAll('.', /\\*\./.exec(text)?.[0] ?? '.');
  };
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const after = rewritten(text, { word: runFor, address: addressFor });
    if (text.length < 200) known.set(text, after);
    return after;
  };
};
