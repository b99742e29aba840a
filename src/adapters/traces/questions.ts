import { isEnd, isNamedEnd, peerNames } from '../../domain/span-workload.ts';
import type { Window } from '../../domain/time.ts';
import type { TraceSearch } from '../../ports.ts';
import { type CalleeTag, type Held, isWanted } from './held.ts';

/** One question to a store. What it does not understand of it, it may leave out: every trace is looked at again here. */
export type StoreQuestion = {
  readonly service: string;
  readonly window: Window;
  /** Only with a span of the service at least so long; null: of any length. */
  readonly leastMicros: number | null;
  /** Only with the store's own mark of an error. */
  readonly isMarked: boolean;
  /** Only with a span of the service that names its callee so. */
  readonly callee: CalleeTag | null;
  /** Traces at most. Stores stop there at those that they meet first, or at the newest: never at the longest. */
  readonly limit: number;
  readonly maxBytes: number;
};

/** So few of an answer are longer than what the second round asks for, and at least so many; the last one asks for the longest alone. */
const share = 20;
const leastAbove = 3;
/** How many times as many are asked for last; and where nothing that is wanted was among them, since nobody knows how long that lasts. */
const lastMore = 4;
const unseenMore = 8;
/** Whole traces that one answer may hold; more cost seconds and memory. */
const maxLimit = 500;

/** Calls of one edge under more names than this are not asked for one by one. */
const mostNames = 3;
/** In so many traces every name that many calls have is met. */
const tracesForSure = 8;

const lengthOf = ({ callMicros, endMicros }: Held): number => callMicros ?? endMicros ?? 0;

/** Of these traces those that are wanted; where some of them hold the edge, only such. */
const wantedOf = (held: readonly Held[], wanted: TraceSearch): readonly Held[] => {
  const isHolding = held.some(({ callMicros }) => callMicros !== null);
  return held.filter((one) => isWanted(one, wanted) && (!isHolding || one.callMicros !== null));
};

/** The longest call of the edge that is wanted; 0 where none is known. */
const longestOf = (held: readonly Held[], wanted: TraceSearch): number =>
  wantedOf(held, wanted).reduce((most, { callMicros }) => Math.max(most, callMicros ?? 0), 0);

/** Nothing worse is hidden below what was asked for: it is no longer than the longest known, or than what is wanted at all. */
export const isProven = ({ leastMicros }: StoreQuestion, held: readonly Held[], wanted: TraceSearch): boolean =>
  (leastMicros ?? 0) <= Math.max(wanted.leastMicros ?? 0, longestOf(held, wanted) + 1);

const withMore = (question: StoreQuestion, times: number): StoreQuestion => ({
  ...question,
  limit: Math.max(question.limit, Math.min(question.limit * times, maxLimit)),
});

/** Asks for calls as long as the longest few of these, so that whatever is worse is among them. */
const raised = (question: StoreQuestion, known: readonly Held[], isLast: boolean): StoreQuestion => {
  const lengths = known.map(lengthOf).sort((a, b) => b - a);
  const few = isLast ? 1 : Math.max(leastAbove, Math.floor(question.limit / share));
  const above = lengths[few - 1] ?? lengths.at(-1) ?? 0;
  const least = question.leastMicros ?? 0;
  const leastMicros = above > least ? above : Math.max(least, lengths[0] ?? 0) + 1;
  return { ...(isLast ? withMore(question, lastMore) : question), leastMicros };
};

/** What to ask next in place of a question: longer calls where its answer reached its limit, shorter ones where that proves nothing. */
export const nextQuestion = (
  question: StoreQuestion,
  { isCut, isLast }: { readonly isCut: boolean; readonly isLast: boolean },
  held: readonly Held[],
  wanted: TraceSearch,
): StoreQuestion => {
  if (!isCut)
    return withMore({ ...question, leastMicros: Math.max(wanted.leastMicros ?? 0, longestOf(held, wanted) + 1) }, lastMore);
  const known = wantedOf(held, wanted);
  if (known.length === 0 && question.limit < maxLimit) return withMore(question, unseenMore);
  // Failed ones are few among all of that length.
  const isSparse = wanted.isFailed && !question.isMarked;
  return raised(isSparse ? withMore(question, unseenMore) : question, known.length > 0 ? known : held, isLast);
};

/** Names of the callee that a store can look for; `areAll` where calls of the edge have no others, as far as is seen. */
export type CalleeNames = { readonly tags: readonly CalleeTag[]; readonly areAll: boolean };

const noNames: CalleeNames = { tags: [], areAll: false };

/** Envoy's cluster of a version; a canary that was not met yet has another (istio.io, "Destination Rule", subsets). */
const isSubset = ({ value }: CalleeTag): boolean =>
  /^[^|]+\|\d+\|[^|]+\|/.test(value) || /^outbound_\.\d+_\.[^_]+_\./.test(value);

/** How the calls seen name their callee: by the first of their tags that each of them has. */
export const namesSeen = (held: readonly Held[], { edge }: TraceSearch): CalleeNames => {
  const holding = held.filter(({ callMicros }) => callMicros !== null);
  if (!isNamedEnd(edge.destination)) return noNames;
  for (const key of new Set(holding.flatMap(({ callees }) => callees.map((tag) => tag.key)))) {
    const own = holding.map(({ callees }) => callees.filter((tag) => tag.key === key));
    const tags = [...new Map(own.flat().map((tag) => [tag.value, tag])).values()];
    if (own.every((some) => some.length > 0) && tags.length <= mostNames)
      return { tags, areAll: holding.length >= tracesForSure && !tags.some(isSubset) };
  }
  return noNames;
};

/** Of the names that a store keeps of whom a service calls, those of the callee. */
export const namesListed = (listed: readonly CalleeTag[], { edge }: TraceSearch): CalleeNames => {
  const tags = isNamedEnd(edge.destination) ? listed.filter(({ value }) => isEnd(peerNames(value), edge.destination)) : [];
  return { tags: tags.length <= mostNames ? tags : [], areAll: false };
};
