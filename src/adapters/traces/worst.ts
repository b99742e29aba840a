import { SourceError } from '../../domain/gathered.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask, TraceHits, TraceSearch } from '../../ports.ts';
import { maxAnswerBytes } from './answers.ts';
import type { AskStore } from './first-round.ts';
import { type Held, isFailedSpan, isWanted, longestFirst, reader } from './held.ts';
import type { StoreQuestion } from './questions.ts';
import { asTheyCome, type CalleesOf, type Found, inRounds } from './rounds.ts';
import { servicesFor } from './services.ts';

/** What a store can be asked. All of it throws only `SourceError`. */
export type SearchableStore = {
  readonly services: (ask: Ask) => Promise<readonly string[]>;
  readonly calleesOf: CalleesOf;
  readonly traces: AskStore;
};

/** Traces asked for at least: a few are always needed for the next round's question. */
const leastLimit = 40;

const none: TraceHits = { traces: [], seen: 0, isCut: false };

const isFailed = ({ spans }: ReceivedTrace): boolean => spans.some(isFailedSpan);

const merged = (found: readonly Found[]): ReadonlyMap<string, ReceivedTrace> =>
  new Map(found.flatMap(({ traces }) => [...traces]));

/** What several questions found; one that failed beside others that did not leaves a cut. Throws where all of them failed. */
const together = (found: readonly PromiseSettledResult<Found>[]): Found => {
  const good = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const bad = found.find((one) => one.status === 'rejected');
  if (bad !== undefined && (good.length === 0 || !(bad.reason instanceof SourceError))) throw bad.reason;
  return { traces: merged(good), isCut: bad !== undefined || good.some(({ isCut }) => isCut) };
};

/**
 * Failed calls of one service: those that the store marks as such, and those among all, since marks are the store's own affair (Jaeger's memory
 * finds none of them, older Jaegers leave the question out, a cut response bears none). Where they can be trusted they are all there is.
 */
const failed = async (rounds: (isMarked: boolean) => Promise<Found>): Promise<Found> => {
  const [marked, all] = await Promise.allSettled([rounds(true), rounds(false)]);
  if (all.status === 'rejected') return together([all, marked]);
  if (marked.status === 'rejected') return { ...together([all, marked]), isCut: all.value.isCut };
  const told = [...marked.value.traces.values()];
  const isTrusted = told.length > 0 && told.every(isFailed) && !marked.value.isCut;
  return { traces: merged([marked.value, all.value]), isCut: all.value.isCut && !isTrusted };
};

/** Those that hold a call of the edge; null where none does, so that nobody can tell whose calls they are. */
const holdingOf = (held: readonly Held[]): readonly Held[] | null => {
  const holding = held.filter(({ callMicros }) => callMicros !== null);
  return holding.length === 0 ? null : holding;
};

/** A sample is taken as it comes, since the longest of it would be no sample; but what holds the edge comes before what does not. */
const sampleOf = (good: readonly Held[]): readonly Held[] => [
  ...good.filter(({ callMicros }) => callMicros !== null),
  ...good.filter(({ callMicros }) => callMicros === null),
];

/** Looks for traces of an edge in a store that can neither look for an edge nor sort: the worst, or a sample of any. */
export const worstTraces = async (store: SearchableStore, wanted: TraceSearch, ask: Ask): Promise<TraceHits> => {
  const { first: services, callee } = servicesFor(await store.services(ask), wanted.edge);
  if (services.length === 0) return none;
  const { window, leastMicros, most } = wanted;
  const read = reader(wanted.edge, window);
  const isSample = leastMicros === null && !wanted.isFailed;
  const limit = Math.max(leastLimit, 2 * most);
  const maxBytes = maxAnswerBytes / services.length / (wanted.isFailed ? 2 : 1);
  const found = await Promise.allSettled(
    services.map((service, place) => {
      // One of the caller's names will do to go on to the callee's.
      const task = { wanted, read, calleeServices: place === 0 ? callee : [] };
      const rounds = (isMarked: boolean): Promise<Found> => {
        const question: StoreQuestion = { service, window, leastMicros, isMarked, callee: null, limit, maxBytes };
        const way = isSample ? asTheyCome : inRounds;
        return way(store.traces, store.calleesOf, question, task, ask);
      };
      return wanted.isFailed ? failed(rounds) : rounds(false);
    }),
  );
  const { traces, isCut } = together(found);
  const held = [...traces.values()].map(read).filter(({ isInWindow }) => isInWindow);
  const known = holdingOf(held) ?? held;
  const isGood = (one: Held): boolean => isWanted(one, wanted);
  const told = isSample ? sampleOf(held.filter(isGood)) : known.filter(isGood).sort(longestFirst);
  return { traces: told.slice(0, most).map(({ trace }) => trace), seen: known.length, isCut };
};
