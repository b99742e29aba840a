import { z } from 'zod';
import { type GapReason, SourceError } from '../../domain/gathered.ts';
import type { HttpAnswer, HttpCall, HttpSource } from './client.ts';

type Pairs = readonly (readonly [name: string, value: string])[];
const mostPairs = 100;

const isPair = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

/** Read to the first that is none: of a list of tuples Zod would tell of each that is wrong, and a hostile one has millions. */
const pairs = z.custom<Pairs>(
  (value) => Array.isArray(value) && value.length <= mostPairs && value.every(isPair),
  `expected at most ${mostPairs} pairs of a name and a text`,
);
const reasons = [
  'timeout',
  'unreachable',
  'refused',
  'too-expensive',
  'malformed',
  'absent',
  'unsupported',
  'bug',
] as const satisfies readonly GapReason[];

/** What was asked, without its headers: they hold the secrets. */
const question = {
  source: z.string().min(1),
  method: z.enum(['GET', 'POST', 'DELETE']),
  path: z.string(),
  query: pairs,
  form: pairs,
  /** The body of a question that is asked in JSON, as text. */
  json: z.string().optional(),
  /** How long the answer took. */
  ms: z.number().nonnegative().optional(),
};

/** One question to a back end with its answer, or with why there was none. */
export const exchangeSchema = z.union([
  z.strictObject({ ...question, status: z.number().int(), body: z.string() }),
  z.strictObject({ ...question, failure: z.strictObject({ reason: z.enum(reasons), detail: z.string() }) }),
]);

export type Exchange = z.output<typeof exchangeSchema>;
export type Question = Pick<Exchange, 'source' | 'method' | 'path' | 'query' | 'form' | 'json'>;

const questionOf = (source: string, { method = 'GET', path, query = [], form = [], json }: HttpCall): Question => ({
  source,
  method,
  path,
  query,
  form,
  ...(json === undefined ? {} : { json: JSON.stringify(json) }),
});

/** Identity of a question as text. */
const questionKey = ({ source, method, path, query, form, json = '' }: Question): string =>
  JSON.stringify([source, method, path, query, form, json]);

/** The same source; every answer and every failure is also handed to `keep`, in the order in which they end. */
export const recordingSource = (http: HttpSource, keep: (exchange: Exchange) => void): HttpSource => ({
  ...http,
  request: async (call) => {
    const startedMs = performance.now();
    const asked = questionOf(http.name, call);
    const took = (): number => Math.round(performance.now() - startedMs);
    try {
      const answer = await http.request(call);
      keep({ ...asked, ms: took(), status: answer.status, body: answer.text });
      return answer;
    } catch (error) {
      if (error instanceof SourceError) keep({ ...asked, ms: took(), failure: { reason: error.reason, detail: error.message } });
      throw error;
    }
  },
});

const answered = (exchange: Exchange): HttpAnswer => {
  if ('failure' in exchange) throw new SourceError(exchange.source, exchange.failure.reason, exchange.failure.detail);
  return { status: exchange.status, headers: {}, text: exchange.body };
};

const longest = 200;

/** What was asked, short: the query where there is one, else the address. */
export const questionText = ({ path, query, form }: Pick<Question, 'path' | 'query' | 'form'>): string => {
  const promql = [...form, ...query].find(([name]) => name === 'query')?.[1];
  const text = promql === undefined ? path : `${path}: ${promql}`;
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
};

/** How a question is answered that was not recorded word for word: from another exchange, or not at all. */
type Nearest = (asked: Question, exchanges: readonly Exchange[]) => Exchange | null;

/**
 * Answers what was recorded of the source of this name, each answer in its turn, the last one again; what was never asked is `absent`,
 * unless `nearest` knows better. `onMissing` hears of both: an answer to another question is told.
 */
export const replayedSource = (
  name: string,
  exchanges: readonly Exchange[],
  onMissing: (asked: Question, isNearlyAnswered: boolean) => void = () => undefined,
  nearest: Nearest = () => null,
): HttpSource => {
  const own = exchanges.filter(({ source }) => source === name);
  const recorded = Map.groupBy(own, questionKey);
  return {
    name,
    request: async (call) => {
      const asked = questionOf(name, call);
      const waiting = recorded.get(questionKey(asked)) ?? [];
      const next = waiting.length > 1 ? waiting.shift() : waiting[0];
      if (next !== undefined) return answered(next);
      const near = nearest(asked, own);
      onMissing(asked, near !== null);
      if (near !== null) return answered(near);
      throw new SourceError(name, 'absent', `not in the recording: ${questionText(asked)}`);
    },
    close: async () => undefined,
  };
};
