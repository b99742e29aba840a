import { nearOf } from './near.ts';
import { actOf, silenceOf } from './question-text/acts.ts';
import { digestOf } from './question-text/digest.ts';
import { readOptions, usualWindowSeconds } from './question-text/options.ts';
import { type LookKind, type Options, type Question, tableKinds, unclear } from './question-text/question.ts';
import { bare, type Ends, endsOf, units, wordsOf } from './question-text/words.ts';

export {
  type ActQuestion,
  type DigestQuestion,
  type DigestRhythm,
  isOfDigests,
  type Named,
  type Options,
  type Question,
} from './question-text/question.ts';

const acts = ['ack', 'unack', 'silence', 'unsilence'] as const;
const splits = ['versions', 'pods'] as const;
const verbs = [
  'help',
  'why',
  ...tableKinds,
  'routes',
  ...splits,
  'graph',
  'diff',
  'trace',
  'slo',
  'digest',
  'incidents',
  ...acts,
  'doctor',
] as const;
type Verb = (typeof verbs)[number];

const isVerb = (word: string): word is Verb => (verbs as readonly string[]).includes(word);

const whyOf = (ends: Ends | null, options: Options): Question =>
  ends === null || ends.to === null
    ? unclear('Which edge? Write “/mesh why checkout → payments”, or “/mesh why payments” for its worst caller.')
    : options.windowSeconds !== usualWindowSeconds
      ? unclear('--window is for tables such as /mesh stat: /mesh why takes the window that fits the trouble.')
      : // `checkout/payments` may be an edge or a namespace with a name; the one who answers knows which exists.
        { kind: 'why', from: ends.from, to: ends.to, options };

/** Stores cut leading zeros off, and no name of a workload is eight digits of this kind or more. */
const traceIdOf = (word: string | undefined): string | null =>
  word !== undefined && /^(0x)?[0-9a-f]{8,32}$/i.test(word) ? word.toLowerCase().replace(/^0x/, '').padStart(32, '0') : null;

/** `trace worst checkout → payments`, `trace checkout → payments`, `trace 4bf92f3577b34da6a3ce929d0e0e4736` */
const traceOf = (words: readonly string[], ends: Ends, options: Options): Question => {
  const id = words.length === 1 ? traceIdOf(words[0]) : null;
  if (id !== null) return { kind: 'trace-id', id, options };
  const edge = endsOf(words[0]?.toLowerCase() === 'worst' ? words.slice(1) : words, ends);
  if (edge === null || edge.to === null)
    return unclear('Which trace? Write “/mesh trace worst checkout → payments”, or “/mesh trace” with the id of one.');
  if (options.windowSeconds !== usualWindowSeconds)
    return unclear('--window is for tables such as /mesh stat: /mesh trace takes the window that fits the trouble.');
  return { kind: 'trace', from: edge.from, to: edge.to, options };
};

/** All of the cluster's versions or pods on one list would tell nothing: a callee is named. */
const splitOf = (kind: (typeof splits)[number], ends: Ends | null, options: Options): Question => {
  const name = ends?.to ?? ends?.from ?? null;
  return ends === null || name === null
    ? unclear(
        `Of which workload or service? Write “/mesh ${kind} payments”, or “/mesh ${kind} checkout → payments” for one caller.`,
      )
    : { kind, name, from: ends.to === null ? null : ends.from, options };
};

const tableOf = (kind: Exclude<LookKind, (typeof splits)[number]>, ends: Ends | null, options: Options): Question =>
  ends === null
    ? unclear(
        `Which workload? Write “/mesh ${kind} payments”, “/mesh ${kind} checkout → payments”, or “/mesh ${kind}” for all edges.`,
      )
    : { kind, name: ends.to ?? ends.from, from: ends.to === null ? null : ends.from, options };

const usualAgoSeconds = 3600;
const mostAgoSeconds = 7 * 86_400;
/** `now..-1h`, `-1h`, `1h`; phones make one sign of two dots, and long dashes. */
const agoPattern = /^(?:now)?(?:\.{2,}|…)?[-‐-―−]?(\d{1,5})([smhd])$/i;

/** How long ago the other moment is, and the words without it; null where that cannot be read. */
const agoOf = (words: readonly string[]): { readonly rest: readonly string[]; readonly agoSeconds: number } | null => {
  const at = words.findIndex((word) => agoPattern.test(word));
  if (at < 0) return words.some((word) => /\.\.|…/.test(word)) ? null : { rest: words, agoSeconds: usualAgoSeconds };
  const [, number, unit = ''] = agoPattern.exec(words[at] ?? '') ?? [];
  const agoSeconds = Number(number) * (units[unit.toLowerCase()] ?? 0);
  const after = words[at + 1]?.toLowerCase() === 'ago' ? at + 2 : at + 1;
  return agoSeconds < 60 || agoSeconds > mostAgoSeconds
    ? null
    : { rest: [...words.slice(0, at), ...words.slice(after)], agoSeconds };
};

/** `diff checkout → payments now..-1h`, `diff payments 1d ago` */
const diffOf = (words: readonly string[], ends: Ends, options: Options): Question => {
  const ago = agoOf(words);
  const edges = ago === null ? null : endsOf(ago.rest, ends);
  if (ago === null || edges === null)
    return unclear(
      'Since when? Write “/mesh diff checkout → payments now..-1h”: 1m to 7d ago, and an hour where you do not say.',
    );
  if (ago.agoSeconds < options.windowSeconds)
    return unclear('The two windows overlap: make --window shorter, or the time between them longer.');
  const [name, from] = edges.to === null ? [edges.from, null] : [edges.to, edges.from];
  return { kind: 'diff', name, from, agoSeconds: ago.agoSeconds, options };
};

const unknownVerb = (verb: string): Question => {
  const [near] = nearOf(bare(verb.toLowerCase()), verbs);
  const meant = near === undefined ? '.' : `; did you mean “/mesh ${near}”?`;
  return unclear(`I do not know “${verb}”${meant} There are: ${verbs.map((each) => `/mesh ${each}`).join(', ')}.`);
};

/** `slo`, `slo payments-availability`, `slo payments`, `slo checkout → payments` */
const sloOf = (words: readonly string[], ends: Ends | null, options: Options): Question =>
  ends === null
    ? unclear('Which objective? Write “/mesh slo” for all, or name one, a service or an edge: “/mesh slo checkout → payments”.')
    : { kind: 'slo', what: words.length === 0 ? null : words.join(' '), ...pairOf(ends), options };

/** A single name is the callee. */
const pairOf = ({ from, to }: Ends): Ends => (to === null ? { from: null, to: from } : { from, to });

/** What takes an option alone, such as a cluster. */
const wordless: Readonly<Record<'incidents' | 'doctor', string>> = {
  incidents: 'All incidents, or those of one cluster: write “/mesh incidents” or “/mesh incidents --cluster NAME”.',
  doctor: 'All sources, or those of one cluster: write “/mesh doctor” or “/mesh doctor --cluster NAME”.',
};

/** Reads what was asked; never throws. */
export const readQuestion = (text: string): Question => {
  const [verb, ...rest] = wordsOf(text.slice(0, 1000));
  const known = bare(verb?.text.toLowerCase() ?? 'help');
  if (!isVerb(known)) return unknownVerb(verb?.text ?? '');
  if (known === 'help') return { kind: 'help' };
  if (known === 'digest') return digestOf(rest);
  const read = readOptions(rest);
  if ('problem' in read) return unclear(read.problem);
  const { options } = read;
  if (known === 'silence') return silenceOf(read.words, options);
  if (known === 'ack' || known === 'unack' || known === 'unsilence') return actOf(known, read.words, options);
  const words = read.words.map((word) => bare(word.text)).filter((word) => word !== '');
  if (known === 'incidents' || known === 'doctor') return words.length > 0 ? unclear(wordless[known]) : { kind: known, options };
  if (known === 'diff') return diffOf(words, read, options);
  if (known === 'trace') return traceOf(words, read, options);
  const ends = endsOf(words, read);
  if (known === 'versions' || known === 'pods') return splitOf(known, ends, options);
  if (known === 'slo') return sloOf(words, ends, options);
  return known === 'why' ? whyOf(ends, options) : tableOf(known, ends, options);
};
