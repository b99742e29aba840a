import { partsOf, tagLabel, tagOf } from '../../domain/promql/union.ts';
import type { Exchange, Question } from '../http/recording.ts';

type Answered = Extract<Exchange, { body: string }>;

const promqlOf = ({ form }: Pick<Question, 'form'>): string => form.find(([name]) => name === 'query')?.[1] ?? '';

/** Everything but the query: moments, step, limits. */
const rest = ({ form, query, method, path }: Question): string =>
  JSON.stringify([method, path, query, form.filter(([name]) => name !== 'query')]);

const isTagged = (part: string): boolean => tagOf(part) !== null;

/** The rows of the answer that these parts of its question gave; null where it is no answer with rows. */
const rowsOf = (body: string, tags: ReadonlySet<string>): string | null => {
  try {
    const answer = JSON.parse(body) as { data?: { result?: { metric?: Record<string, string> }[] } };
    if (!Array.isArray(answer.data?.result)) return null;
    const result = answer.data.result.filter(({ metric }) => {
      const tag = metric?.[tagLabel];
      return tag === undefined || tags.has(tag);
    });
    return JSON.stringify({ ...answer, data: { ...answer.data, result } });
  } catch {
    return null;
  }
};

/** Parts by their tag, of those tags that only one part has. */
const byTag = (parts: readonly string[]): ReadonlyMap<string, string> => {
  const all = Map.groupBy(parts, tagOf);
  return new Map(
    [...all].flatMap(([tag, [part, ...others]]): [string, string][] =>
      tag === null || part === undefined || others.length > 0 ? [] : [[tag, part]],
    ),
  );
};

/** What a part is about: the words in its strings, its tag left out. */
const namesIn = (part: string): readonly string[] =>
  [...part.slice(0, part.lastIndexOf(`, "${tagLabel}", `)).matchAll(/"((?:[^"\\]|\\.)*)"/g)].flatMap(
    ([, text = '']) => text.match(/[A-Za-z]{3,}/g) ?? [],
  );

/** The same question in another spelling: one tag, and about nobody of whom the other did not ask. */
const isRespelt = (asked: string, then: string): boolean => {
  const names = new Set(namesIn(then));
  return namesIn(asked).every((name) => names.has(name));
};

/** Tags whose rows answer what is wanted: asked just so, or spelt otherwise. */
const tagsOf = (parts: readonly string[], wanted: readonly string[]): ReadonlySet<string> => {
  const then = byTag(parts);
  return new Set(
    [...byTag(wanted)].flatMap(([tag, part]) => {
      const other = then.get(tag);
      return other !== undefined && (other === part || isRespelt(part, other)) ? [tag] : [];
    }),
  );
};

const untagged = (parts: readonly string[]): string => JSON.stringify(parts.filter((part) => !isTagged(part)));

/**
 * The answer of an older recording to a question of now. A joined question is many questions, told apart by the tag of their rows: those
 * that were asked then, perhaps in another spelling, have their rows, and those that are new have none, as where a metric is not scraped.
 * Whatever has no tag must have been asked just so. Null where nothing answers.
 */
export const nearestAnswer = (asked: Question, exchanges: readonly Exchange[]): Exchange | null => {
  const wanted = partsOf(promqlOf(asked));
  const candidates = exchanges
    .filter((exchange): exchange is Answered => 'body' in exchange && rest(exchange) === rest(asked))
    .map((exchange) => {
      const parts = partsOf(promqlOf(exchange));
      const plain = wanted.filter((part) => !isTagged(part) && parts.includes(part)).length;
      return { exchange, parts, shared: plain + tagsOf(parts, wanted).size };
    })
    .filter(({ parts, shared }) => shared > 0 && untagged(parts) === untagged(wanted))
    .toSorted((a, b) => b.shared - a.shared);
  const [best] = candidates;
  if (best === undefined) return null;
  const body = rowsOf(best.exchange.body, tagsOf(best.parts, wanted));
  return body === null ? null : { ...best.exchange, body };
};
