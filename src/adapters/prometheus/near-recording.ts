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

/** Tags all of whose recorded parts are wanted: rows of one that had another part too could be that part's. */
const tagsOf = (parts: readonly string[], wanted: readonly string[]): ReadonlySet<string> => {
  const strange = new Set(parts.filter((part) => !wanted.includes(part)).map(tagOf));
  return new Set(
    wanted
      .filter((part) => parts.includes(part))
      .flatMap((part) => tagOf(part) ?? [])
      .filter((tag) => !strange.has(tag)),
  );
};

const untagged = (parts: readonly string[]): string => JSON.stringify(parts.filter((part) => !isTagged(part)));

/**
 * The answer of an older recording to a question of now. A joined question is many questions, told apart by the tag of their rows: those
 * that were asked then have their rows, and those that are new have none, as where a metric is not scraped. Whatever has no tag must have
 * been asked just so. Null where nothing answers.
 */
export const nearestAnswer = (asked: Question, exchanges: readonly Exchange[]): Exchange | null => {
  const wanted = partsOf(promqlOf(asked));
  const candidates = exchanges
    .filter((exchange): exchange is Answered => 'body' in exchange && rest(exchange) === rest(asked))
    .map((exchange) => {
      const parts = partsOf(promqlOf(exchange));
      return { exchange, parts, shared: wanted.filter((part) => parts.includes(part)).length };
    })
    .filter(({ parts, shared }) => shared > 0 && untagged(parts) === untagged(wanted))
    .toSorted((a, b) => b.shared - a.shared);
  const [best] = candidates;
  if (best === undefined) return null;
  const body = rowsOf(best.exchange.body, tagsOf(best.parts, wanted));
  return body === null ? null : { ...best.exchange, body };
};
