import type { Edge } from '../../domain/edge.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { Ask, Clock, TraceHits, TraceSource } from '../../ports.ts';
import { isTooLarge } from '../http/body.ts';
import type { HttpAnswer, HttpSource } from '../http/client.ts';
import { singleFlight } from '../http/flights.ts';
import { parseJson } from '../http/json.ts';
import { isFailedSpan } from '../traces/held.ts';
import { hexIds } from '../traces/ids.ts';
import { failureOf, traceIn } from './answers.ts';
import { partOf } from './patience.ts';
import { withoutCaller } from './traceql.ts';
import { type Get, type Told, worstHits } from './worst.ts';

/** Questions at once: a store that is asked for many traces must still answer others. */
const concurrency = 8;
/** Of one trace, and of all that are read at the same time for one search. */
const maxBytes = 64 * 1024 * 1024;

/** A trace by its id, through the second version of the API or, where that is not there, the first one (Tempo before 2.7). */
const traceGetter = (http: HttpSource) => {
  const once = singleFlight(concurrency);
  let isV2Absent = false;
  const ask = (path: string, { signal }: Ask, most: number): Promise<HttpAnswer> =>
    once(JSON.stringify([path, most]), { signal }, () => http.request({ path, signal, maxBytes: most }));
  return async (id: string, patience: Ask, most = maxBytes): Promise<ReceivedTrace | null> => {
    if (hexIds.trace(id) !== id) return null;
    const second = isV2Absent ? null : await ask(`api/v2/traces/${id}`, patience, most);
    if (second?.status === 200) return traceIn(http.name, id, second);
    if (second !== null && second.status !== 404) throw failureOf(http.name, second);
    // Without a range: with one it looks into the blocks of that range only, and may cut the trace.
    const first = await ask(`api/traces/${id}`, patience, most);
    if (first.status === 200) {
      isV2Absent = true;
      return traceIn(http.name, id, first);
    }
    // Tempo says "not found" by an empty answer, older ones in these words; others, and pages, are of one who does not know the address.
    if (first.status === 404 && /^\s*(?:trace not found\s*)?$/.test(first.text)) return null;
    throw failureOf(http.name, first);
  };
};

const errorsIn = (settled: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));

/**
 * Grafana Tempo. By id: null where it has no such trace, yet or ever. Search: by TraceQL, for calls of the edge by what either end's spans say;
 * where the caller writes none, by the callee's alone. Throws only `SourceError`.
 */
export const tempo = (http: HttpSource, clock: Pick<Clock, 'nowMs'>): TraceSource => {
  const traceOf = traceGetter(http);
  const once = singleFlight(concurrency);
  const get: Get = async (path, query, schema, { signal }) => {
    const answer = await once(JSON.stringify([path, query]), { signal }, () => http.request({ path, query, signal }));
    if (answer.status !== 200) throw failureOf(http.name, answer);
    return parseJson(http.name, answer, schema);
  };
  /** Those that were told of, whole; one that cannot be had may have been the worst. */
  const fetched = async ({ hits, isCut }: Told, most: number, ask: Ask): Promise<TraceHits> => {
    const share = Math.floor(maxBytes / concurrency);
    const patience = partOf(ask, 0.9);
    const all = await Promise.allSettled(hits.slice(0, most).map(({ id }) => traceOf(id, patience, share)));
    const [worst, ...others] = all;
    // Too large for one of several, it may be read alone.
    const isAlone = worst?.status === 'rejected' && isTooLarge(worst.reason);
    const again = isAlone ? await Promise.allSettled(hits.slice(0, 1).map(({ id }) => traceOf(id, patience))) : [];
    const settled = isAlone ? [...again, ...others] : all;
    const traces = settled.flatMap((one) => (one.status === 'fulfilled' && one.value !== null ? [one.value] : []));
    const [error] = errorsIn(settled);
    if (error !== undefined && (traces.length === 0 || ask.signal.aborted)) throw error;
    return { traces, seen: hits.length, isCut: isCut || traces.length < settled.length };
  };
  return {
    name: http.name,
    store: 'tempo',
    byId: (id, ask) => traceOf(id, ask),
    search: async (wanted, ask) => {
      const find = (edge: Edge): Promise<Told> => worstHits(get, edge, wanted, clock.nowMs(), ask);
      const told = await find(wanted.edge);
      const calleeAlone = told.hits.length === 0 ? withoutCaller(wanted.edge) : null;
      const { traces, ...rest } = await fetched(calleeAlone === null ? told : await find(calleeAlone), wanted.most, ask);
      const isFailed = ({ spans }: ReceivedTrace): boolean => spans.some(isFailedSpan);
      return { ...rest, traces: wanted.isFailed ? traces.filter(isFailed) : traces };
    },
  };
};
