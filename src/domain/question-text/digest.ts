import type { DigestChoice } from '../digest-subscription.ts';
import { minuteOfDayIn, usualMinuteOfDay, usualWeekday, weekdayIn } from '../digest-words.ts';
import { nearOf } from '../near.ts';
import { zoneNamed, zoneNear } from '../zones.ts';
import { type DigestQuestion, type DigestRhythm, type Question, unclear } from './question.ts';
import { bare, type Word } from './words.ts';

const acts = ['now', 'subscribe', 'unsubscribe', 'list'] as const;
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const usage =
  'Write “/mesh digest subscribe weekly at 9:00 on monday in Europe/Berlin”; without more it comes daily at 9:00, of the objectives of this channel.';

const textOf = ({ text, isQuoted }: Word): string => (isQuoted ? text : bare(text));
const isRhythm = (word: string): word is DigestRhythm => word === 'daily' || word === 'weekly';

/** What has been said of a subscription so far. */
type Said = {
  readonly rhythm?: DigestRhythm;
  readonly minuteOfDay?: number;
  readonly weekday?: number;
  readonly zone?: string;
  readonly owner?: string;
  readonly names: readonly string[];
};

type Problem = { readonly problem: string };

const given = (keyword: string, value: string): string => (value === '' ? `“${keyword}”` : `“${keyword} ${value}”`);
const meant = (keyword: string, near: string | null | undefined): string =>
  near == null ? '' : ` Did you mean “${keyword} ${near}”?`;

/** What a keyword says of the subscription, with the word behind it. */
const keywords: Readonly<Record<string, (value: string) => Omit<Said, 'names'> | Problem>> = {
  at: (value) => {
    const minuteOfDay = minuteOfDayIn(value);
    return minuteOfDay === null
      ? { problem: `${given('at', value)} is no time of a day: write “at 9:00”, “at 21:30” or “at 9am”.` }
      : { minuteOfDay };
  },
  on: (value) => {
    const weekday = weekdayIn(value.replace(/s$/i, ''));
    if (weekday !== null) return { weekday };
    const [near] = nearOf(value.toLowerCase(), weekdays, 1);
    return { problem: `${given('on', value)} is no day of the week: write “on monday”.${meant('on', near)}` };
  },
  in: (value) => {
    const zone = zoneNamed(value);
    return zone === null
      ? { problem: `${given('in', value)} is no time zone: write “in Europe/Berlin”.${meant('in', zoneNear(value))}` }
      : { zone };
  },
  owner: (value) =>
    value === ''
      ? { problem: '“owner” needs a name: write “owner payments”, as the definitions of objectives say.' }
      : { owner: value },
};

/** Without its keyword only what no objective is called: "9:00", "monday", "Europe/Berlin". */
const keywordOf = (word: string): string | null => {
  if (/[:]|[ap]m$/i.test(word) && minuteOfDayIn(word) !== null) return 'at';
  if (weekdays.includes(word.toLowerCase().replace(/s$/, ''))) return 'on';
  return word.includes('/') && zoneNamed(word) !== null ? 'in' : null;
};

/** One part of what was asked, and how many words it took. */
const partAt = (words: readonly Word[], at: number, said: Said): { readonly said: Said; readonly took: number } | Problem => {
  const [word, next, after] = [words[at] as Word, words[at + 1], words[at + 2]];
  const text = textOf(word);
  const lower = text.toLowerCase();
  if (word.isQuoted || text === '')
    return { said: { ...said, names: [...said.names, text].filter((name) => name !== '') }, took: 1 };
  if (isRhythm(lower)) return { said: { ...said, rhythm: lower }, took: 1 };
  if (lower === 'own') return { said, took: 1 };
  const keyword = Object.hasOwn(keywords, lower) ? lower : null;
  // "at 9 am"
  const half = lower === 'at' && after !== undefined && /^[ap]m$/i.test(textOf(after)) ? textOf(after) : '';
  const value = keyword === null ? text : next === undefined ? '' : `${textOf(next)}${half}`;
  const read = keywords[keyword ?? keywordOf(text) ?? ''];
  if (read === undefined) return { said: { ...said, names: [...said.names, text] }, took: 1 };
  const found = read(value);
  return 'problem' in found ? found : { said: { ...said, ...found }, took: keyword === null ? 1 : half === '' ? 2 : 3 };
};

const choiceOf = ({ owner, names }: Said): DigestChoice =>
  owner !== undefined ? { kind: 'owner', owner } : names.length > 0 ? { kind: 'names', names } : { kind: 'own' };

const subscribeOf = (words: readonly Word[]): Question => {
  let said: Said = { names: [] };
  for (let at = 0; at < words.length; ) {
    const part = partAt(words, at, said);
    if ('problem' in part) return unclear(part.problem);
    said = part.said;
    at += part.took;
  }
  const { rhythm = said.weekday === undefined ? 'daily' : 'weekly', minuteOfDay = usualMinuteOfDay, zone = null } = said;
  if (rhythm === 'daily' && said.weekday !== undefined)
    return unclear('A daily digest comes every day: write “weekly on monday”, or leave the day out.');
  if (said.owner !== undefined && said.names.length > 0)
    return unclear(`An owner or names of objectives, not both: “owner ${said.owner}” and “${said.names.join(' ')}” were given.`);
  const when = { rhythm, weekday: said.weekday ?? usualWeekday, minuteOfDay, zone };
  return { kind: 'digest-subscribe', ...when, choice: choiceOf(said) };
};

/** `digest`, `digest now`, `digest subscribe weekly at 9:00 on monday in Europe/Berlin owner payments`, `digest unsubscribe`, `digest list` */
export const digestOf = (words: readonly Word[]): Question => {
  const [first, ...rest] = words.map(textOf).map((word) => word.toLowerCase());
  if (first === 'subscribe') return subscribeOf(words.slice(1));
  if (first === 'list')
    return rest.length > 0
      ? unclear('Write “/mesh digest list”: it lists the digests of all channels.')
      : { kind: 'digest-list' };
  const [rhythm, ...more] = first === 'now' || first === 'unsubscribe' ? rest : [first, ...rest];
  if (more.length === 0 && (rhythm === undefined || isRhythm(rhythm))) {
    const kind: DigestQuestion['kind'] = first === 'unsubscribe' ? 'digest-unsubscribe' : 'digest';
    return { kind, rhythm: rhythm ?? null };
  }
  if (first === 'now' || first === 'unsubscribe')
    return unclear(
      `“${rest.join(' ')}” is neither daily nor weekly: write “/mesh digest ${first}”, with daily or weekly where there are both.`,
    );
  const [near] = nearOf(first ?? '', acts, 1);
  const hint = near === undefined ? '' : ` Did you mean “/mesh digest ${near}”?`;
  return unclear(
    `I do not know “/mesh digest ${first}”.${hint} There are: ${acts.map((act) => `/mesh digest ${act}`).join(', ')}.`,
    usage,
  );
};
