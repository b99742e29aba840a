import { nearOf } from '../near.ts';
import type { Named, Options } from './question.ts';
import { type Ends, namedOf, units, type Word } from './words.ts';

const optionNames = ['--from', '--to', '--window', '--cluster', '--namespace'] as const;
/** As linkerd, istioctl and kubectl have them. */
const shortOptions: Readonly<Record<string, string>> = { '-n': '--namespace', '-t': '--window', '--time-window': '--window' };

/** The window of a table where none is asked for. */
export const usualWindowSeconds = 300;

/** `10m` → 600; null when it is no duration between 1 minute and 1 day. */
const secondsOf = (word: string): number | null => {
  const match = /^(\d{1,5})([smhd])$/.exec(word);
  const seconds = match ? Number(match[1]) * (units[match[2] ?? ''] ?? 0) : 0;
  return seconds >= 60 && seconds <= 86_400 ? seconds : null;
};

const unknownOption = (typed: string): string => {
  const undashed = (name: string): string => name.replace(/^-+/, '').toLowerCase();
  const [near] = nearOf(undashed(typed), optionNames.map(undashed));
  const meant = near === undefined ? '' : ` Did you mean --${near}?`;
  return `I do not know the option ${typed}.${meant} There are ${optionNames.join(', ')}.`;
};

type Given = { readonly rest: readonly Word[]; readonly given: ReadonlyMap<string, string> } | { readonly problem: string };

const givenOptions = (words: readonly Word[]): Given => {
  const rest: Word[] = [];
  const given = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as Word;
    const [typed = '', inline] = word.text.split('=');
    if (word.isQuoted || !/^-{1,2}[A-Za-z]/.test(typed)) {
      rest.push(word);
      continue;
    }
    const lower = typed.toLowerCase();
    const name = Object.hasOwn(shortOptions, lower) ? (shortOptions[lower] ?? lower) : lower;
    if (!(optionNames as readonly string[]).includes(name)) return { problem: unknownOption(typed) };
    const value = inline ?? words[index + 1]?.text;
    if (inline === undefined) index += 1;
    if (value === undefined || value === '' || value === '→') return { problem: `${name} needs a value.` };
    given.set(name, value);
  }
  return { rest, given };
};

type Read = ({ readonly words: readonly Word[]; readonly options: Options } & Ends) | { readonly problem: string };

/** Options out of the words, and the words without them. */
export const readOptions = (words: readonly Word[]): Read => {
  const read = givenOptions(words);
  if ('problem' in read) return read;
  const { rest, given } = read;
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
