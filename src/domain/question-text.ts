import { nearOf } from './near.ts';

const tableKinds = ['stat', 'top', 'flags', 'edges'] as const;
type TableKind = (typeof tableKinds)[number];

/** What a person may ask, in Slack and on the command line: one grammar. */
export type Question =
  | { readonly kind: 'help' }
  /** The same edges now and so long ago. */
  | {
      readonly kind: 'diff';
      readonly name: Named | null;
      readonly from: Named | null;
      readonly agoSeconds: number;
      readonly options: Options;
    }
  /** What is open now. */
  | { readonly kind: 'incidents'; readonly options: Options }
  /** Tables of edges: figures, the worst of them, how requests ended, mutual TLS and identities. */
  | { readonly kind: TableKind; readonly name: Named | null; readonly from: Named | null; readonly options: Options }
  | { readonly kind: 'why'; readonly from: Named | null; readonly to: Named; readonly options: Options }
  /** The worst request of an edge, by its trace. */
  | { readonly kind: 'trace'; readonly from: Named | null; readonly to: Named; readonly options: Options }
  /** One trace by its id: 32 lower-case hexadecimal digits. */
  | { readonly kind: 'trace-id'; readonly id: string; readonly options: Options }
  /** The words were not understood: what to say. */
  | { readonly kind: 'unclear'; readonly lines: readonly string[] };

/** `payments` or `shop/payments`. */
export type Named = { readonly namespace: string | null; readonly name: string };

export type Options = { readonly windowSeconds: number; readonly cluster: string | null; readonly namespace: string | null };

const verbs = ['help', 'why', ...tableKinds, 'diff', 'trace', 'incidents'] as const;
const optionNames = ['--from', '--to', '--window', '--cluster', '--namespace'] as const;
/** As linkerd, istioctl and kubectl have them. */
const shortOptions: Readonly<Record<string, string>> = { '-n': '--namespace', '-t': '--window', '--time-window': '--window' };

/** Phones make smart quotes, long dashes and arrows of what was typed; whitespace of every kind is a space. */
const plain = (text: string): string =>
  text
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\ufe0f/g, '')
    .replace(/[\u201c-\u201f\u00ab\u00bb\u2033]/g, '"')
    .replace(/[\u2018-\u201b\u2032]/g, "'")
    .replace(/\s*(?:[-=~\u2010-\u2015\u2212]*>|[\u2190-\u21ff\u27f0-\u27ff\u2794-\u27be\u2900-\u297f\u2b00-\u2b11])\s*/g, ' → ')
    .replace(/(^|\s)[\u2010-\u2015\u2212-]*[\u2013-\u2015][\u2010-\u2015\u2212-]*(?=[A-Za-z]{2})/g, '$1--')
    .replace(/(^|\s)[\u2010-\u2015\u2212](?=[A-Za-z]\b)/g, '$1-');

/** Words as a shell splits them; an open quote ends with the text. */
const wordsOf = (text: string): readonly string[] =>
  [...plain(text).matchAll(/"([^"]*)"?|'([^']*)'?|(\S+)/g)]
    .map(([, double, single, bare]) => double ?? single ?? bare ?? '')
    .filter((word) => word !== '');

const kinds = ['deploy', 'deployment', 'svc', 'service', 'sts', 'statefulset', 'ds', 'daemonset', 'workload'];

/** `payments`, `shop/payments`, `deploy/payments`, `payments.shop.svc.cluster.local`. */
const namedOf = (word: string): Named => {
  const [first = '', second = ''] = word.split('/').filter((part) => part !== '');
  if (second !== '') return { namespace: kinds.includes(first.toLowerCase()) ? null : first, name: second };
  const host = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/.exec(first);
  return host ? { namespace: host[2] ?? null, name: host[1] ?? '' } : { namespace: null, name: first };
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `10m` → 600; null when it is no duration between 1 minute and 1 day. */
const secondsOf = (word: string): number | null => {
  const match = /^(\d{1,5})([smhd])$/.exec(word);
  const seconds = match ? Number(match[1]) * (units[match[2] ?? ''] ?? 0) : 0;
  return seconds >= 60 && seconds <= 86_400 ? seconds : null;
};

const unclear = (...lines: readonly string[]): Question => ({ kind: 'unclear', lines });

type Read =
  | { readonly words: readonly string[]; readonly options: Options; readonly from: Named | null; readonly to: Named | null }
  | { readonly problem: string };

const usualWindowSeconds = 300;

const unknownOption = (typed: string): string => {
  const bare = (name: string): string => name.replace(/^-+/, '').toLowerCase();
  const [near] = nearOf(bare(typed), optionNames.map(bare));
  const meant = near === undefined ? '' : ` Did you mean --${near}?`;
  return `I do not know the option ${typed}.${meant} There are ${optionNames.join(', ')}.`;
};

const readOptions = (words: readonly string[]): Read => {
  const rest: string[] = [];
  const given = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const [typed = '', inline] = (words[index] ?? '').split('=');
    if (!/^-{1,2}[A-Za-z]/.test(typed)) {
      rest.push(words[index] ?? '');
      continue;
    }
    const lower = typed.toLowerCase();
    const name = Object.hasOwn(shortOptions, lower) ? (shortOptions[lower] ?? lower) : lower;
    if (!(optionNames as readonly string[]).includes(name)) return { problem: unknownOption(typed) };
    const value = inline ?? words[index + 1];
    if (inline === undefined) index += 1;
    if (value === undefined || value === '' || value === '→') return { problem: `${name} needs a value.` };
    given.set(name, value);
  }
  const window = given.get('--window');
  const windowSeconds = window === undefined ? usualWindowSeconds : secondsOf(window);
  if (windowSeconds === null) return { problem: `--window ${window} is not a length between 1m and 1d; write 5m, 2h or 1d.` };
  const end = (name: string): Named | null => {
    const value = given.get(name);
    return value === undefined ? null : namedOf(value);
  };
  return {
    words: rest,
    from: end('--from'),
    to: end('--to'),
    options: { windowSeconds, cluster: given.get('--cluster') ?? null, namespace: given.get('--namespace') ?? null },
  };
};

type Ends = { readonly from: Named | null; readonly to: Named | null };

/** Which callee, and which caller where one is named; null when the words name more or less than that. */
const endsOf = (words: readonly string[], { from, to }: Ends): Ends | null => {
  const names = words.filter((word) => word !== '→' && word.toLowerCase() !== 'to');
  const arrow = words.indexOf('→');
  const [first, second] = names;
  if (names.length > 2 || (second !== undefined && (from !== null || to !== null)) || (arrow >= 0 && second === undefined))
    return null;
  if (second !== undefined && first !== undefined) return { from: namedOf(first), to: namedOf(second) };
  if (first === undefined) return { from, to };
  if (to === null) return { from, to: namedOf(first) };
  return from === null ? { from: namedOf(first), to } : null;
};

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
const traceOf = (words: readonly string[], ends: Parameters<typeof endsOf>[1], options: Options): Question => {
  const id = words.length === 1 ? traceIdOf(words[0]) : null;
  if (id !== null) return { kind: 'trace-id', id, options };
  const edge = endsOf(words[0]?.toLowerCase() === 'worst' ? words.slice(1) : words, ends);
  if (edge === null || edge.to === null)
    return unclear('Which trace? Write “/mesh trace worst checkout → payments”, or “/mesh trace” with the id of one.');
  if (options.windowSeconds !== usualWindowSeconds)
    return unclear('--window is for tables such as /mesh stat: /mesh trace takes the window that fits the trouble.');
  return { kind: 'trace', from: edge.from, to: edge.to, options };
};

const isTable = (verb: string): verb is TableKind => (tableKinds as readonly string[]).includes(verb);

const tableOf = (kind: TableKind, ends: Ends | null, options: Options): Question =>
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
const diffOf = (words: readonly string[], ends: Parameters<typeof endsOf>[1], options: Options): Question => {
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

/** Reads what was asked; never throws. */
export const readQuestion = (text: string): Question => {
  const [verb = 'help', ...rest] = wordsOf(text.slice(0, 1000));
  const known = verb.toLowerCase().replace(/[?!.,]+$/, '');
  if (!(verbs as readonly string[]).includes(known)) {
    const [near] = nearOf(known, verbs);
    const meant = near === undefined ? '.' : `; did you mean “/mesh ${near}”?`;
    return unclear(`I do not know “${verb}”${meant} There are: ${verbs.map((each) => `/mesh ${each}`).join(', ')}.`);
  }
  if (known === 'help') return { kind: 'help' };
  const read = readOptions(rest);
  if ('problem' in read) return unclear(read.problem);
  const words = read.words.map((word) => word.replace(/[?!.,]+$/, '')).filter((word) => word !== '');
  if (known === 'incidents')
    return words.length > 0
      ? unclear('All incidents, or those of one cluster: write “/mesh incidents” or “/mesh incidents --cluster NAME”.')
      : { kind: 'incidents', options: read.options };
  if (known === 'diff') return diffOf(words, read, read.options);
  if (known === 'trace') return traceOf(words, read, read.options);
  const ends = endsOf(words, read);
  return isTable(known) ? tableOf(known, ends, read.options) : whyOf(ends, read.options);
};
