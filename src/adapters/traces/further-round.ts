import type { Exchange, Question } from '../http/recording.ts';

/** What a search is sharpened by: longer calls, of one callee, more of them. Whose calls, and when, stays. */
const sharpened =
  /^(limit|(min|max)Duration|annotationQuery|remoteServiceName|tags|query\.(num_traces|search_depth|duration_min|attributes))$/;

const unsharpened = ({ source, path, query }: Pick<Question, 'source' | 'path' | 'query'>): string =>
  JSON.stringify([source, path, query.filter(([name]) => !sharpened.test(name))]);

/** Zipkin is asked whom a service calls only where its first answer did not hold enough. */
const isForNextRound = ({ path }: Pick<Question, 'path'>): boolean => path === 'api/v2/remoteServices';

/** Whether a search, as one of these, asks again of the same calls: for worse ones, in a store that cannot sort. */
export const isFurtherRound = (asked: Question, exchanges: readonly Exchange[]): boolean =>
  (asked.query.length > 0 && exchanges.some((exchange) => unsharpened(exchange) === unsharpened(asked))) ||
  (isForNextRound(asked) && exchanges.some(({ source, path }) => source === asked.source && path === 'api/v2/traces'));
