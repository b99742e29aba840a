import type { Named } from './question.ts';

/** A word as it was typed; in quotes it is never an option or a length of time. */
export type Word = { readonly text: string; readonly isQuoted: boolean };

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
export const wordsOf = (text: string): readonly Word[] =>
  [...plain(text).matchAll(/"([^"]*)"?|'([^']*)'?|(\S+)/g)]
    .map(([, double, single, bare]) => ({ text: double ?? single ?? bare ?? '', isQuoted: bare === undefined }))
    .filter(({ text: word }) => word !== '');

/** What people end a sentence with is no part of a name. */
export const bare = (word: string): string => word.replace(/[?!.,]+$/, '');

const kinds = ['deploy', 'deployment', 'svc', 'service', 'sts', 'statefulset', 'ds', 'daemonset', 'workload'];

/** `payments`, `shop/payments`, `deploy/payments`, `payments.shop.svc.cluster.local`. */
export const namedOf = (word: string): Named => {
  const [first = '', second = ''] = word.split('/').filter((part) => part !== '');
  if (second !== '') return { namespace: kinds.includes(first.toLowerCase()) ? null : first, name: second };
  const host = /^([^.]+)\.([^.]+)\.svc(?:\.|$)/.exec(first);
  return host ? { namespace: host[2] ?? null, name: host[1] ?? '' } : { namespace: null, name: first };
};

/** Seconds of a unit of time. */
export const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Which callee and which caller options name. */
export type Ends = { readonly from: Named | null; readonly to: Named | null };

/** Which callee, and which caller where one is named; null when the words name more or less than that. */
export const endsOf = (words: readonly string[], { from, to }: Ends): Ends | null => {
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
