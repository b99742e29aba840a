import type { z } from 'zod';
import type { Edge } from '../../domain/edge.ts';
import { SourceError } from '../../domain/gathered.ts';
import type { Window } from '../../domain/time.ts';
import type { Ask, TraceSearch } from '../../ports.ts';
import { partOf } from './patience.ts';
import { edgeSpans, longestOf, type WantedSpans } from './traceql.ts';
import { type Hit, hitsIn, isWanted, largestMicros, rangeAnswer, searchAnswer } from './wire.ts';

/** A question by GET, and its answer in a known shape. */
export type Get = <T>(path: string, query: readonly (readonly [string, string])[], schema: z.ZodType<T>, ask: Ask) => Promise<T>;

/** The traces that were told of, the longest first; `isCut` where there may be worse ones. */
export type Told = { readonly hits: readonly Hit[]; readonly isCut: boolean };

/** More than anybody wants: what comes first is not what is worst (grafana/tempo#2659). */
const limit = 200;
/** Spans of each hit that are told; all that match of one request, unless it calls in a loop. */
const spansOfHit = 20;
const maxRounds = 3;
/** Tempo searches no longer ranges (`query_frontend.search.max_duration`). */
const maxRangeSeconds = 168 * 3600;
/** And none of the newest half minute, whatever range is asked (`query_frontend.query_end_cutoff`). */
const cutOffMs = 30_000;

/** Whole seconds that hold a window; start before end, as Tempo wants it. */
const secondsOf = ({ startMs, endMs }: Window) => {
  const start = Math.floor(startMs / 1000);
  const end = Math.max(start + 1, Math.ceil(endMs / 1000));
  return { start: Math.max(start, end - maxRangeSeconds), end };
};

const byLength = (a: Hit, b: Hit): number => b.longestMicros - a.longestMicros || (a.id < b.id ? -1 : 1);

/** What a window holds that no search will show. */
const isPartlyHidden = ({ startMs, endMs }: Window, nowMs: number): boolean =>
  endMs > nowMs - cutOffMs || endMs - startMs > maxRangeSeconds * 1000;

/** What stands for an answer where the back end gave none; anything else is a failure of our own. */
const insteadOf =
  <T>(answer: T) =>
  (error: unknown): T => {
    if (error instanceof SourceError) return answer;
    throw error;
  };

/**
 * The worst calls of an edge. A search stops at the first traces that match, in any order: where it stopped, it is asked again for those as long
 * as the longest of all, which metrics tell where the store keeps them, or as the longest that was seen.
 */
export const worstHits = async (get: Get, edge: Edge, wanted: TraceSearch, nowMs: number, ask: Ask): Promise<Told> => {
  const { window, isFailed } = wanted;
  const { start, end } = secondsOf(window);
  const range = [['start', String(start)] as const, ['end', String(end)] as const];
  const found = new Map<string, Hit>();
  const longestSeen = (): number => Math.max(0, ...[...found.values()].map(({ longestMicros }) => longestMicros));
  const spans = (leastMicros: number | null): WantedSpans => ({ edge, leastMicros, isFailed });
  /** Whether it stopped before its end, and whether it found anything. */
  const round = async (leastMicros: number | null, patience: Ask) => {
    const query = [['q', edgeSpans(spans(leastMicros))] as const, ['limit', String(limit)] as const];
    const answer = await get('api/search', [...query, ['spss', String(spansOfHit)], ...range], searchAnswer, patience);
    const { hits, isCut } = hitsIn(answer, limit);
    const kept = hits.filter((hit) => isWanted(hit, window, leastMicros ?? 0));
    for (const hit of kept) found.set(hit.id, hit);
    return { isCut, isEmpty: kept.length === 0 };
  };
  /** Null where the store keeps no metrics of spans, which needs a processor of its own. */
  const longest = (): Promise<number | null> => {
    const query = [['q', longestOf(spans(wanted.leastMicros))] as const, ...range, ['step', `${end - start}s`] as const];
    return get('api/metrics/query_range', query, rangeAnswer, partOf(ask, 0.25)).then(largestMicros, insteadOf(null));
  };
  /** Whether it is cut still. */
  const sharpened = async (): Promise<boolean> => {
    const seen = longestSeen();
    let leastMicros = Math.max(seen, (await longest()) ?? 0);
    const patience = partOf(ask, 0.5);
    for (let rounds = 1; rounds < maxRounds; rounds += 1) {
      const { isCut, isEmpty } = await round(leastMicros, patience);
      // Metrics may have counted what a search does not show.
      if (!isCut && (!isEmpty || leastMicros === seen)) return false;
      leastMicros = longestSeen();
    }
    return true;
  };

  const { isCut } = await round(wanted.leastMicros, ask);
  const isSharper = isCut && wanted.leastMicros !== null && found.size > 0;
  // What is known is worth more than why there is no more of it.
  const isCutStill = isSharper ? await sharpened().catch(insteadOf(true)) : isCut;
  const hits = [...found.values()];
  // A sample is taken as it comes: the longest of it would be no sample.
  const isSample = wanted.leastMicros === null && !isFailed;
  return { hits: isSample ? hits : hits.sort(byLength), isCut: isCutStill || isPartlyHidden(window, nowMs) };
};
