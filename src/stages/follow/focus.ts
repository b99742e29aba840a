import type { Edge, EdgeEnd } from '../../domain/edge.ts';
import { callerOf } from '../../domain/span-peer.ts';
import {
  destinationNames,
  isEnd,
  isNamedEnd,
  isSameWorkload,
  type Named,
  namesOf,
  peerNames,
  sourceNames,
  workloadOf,
} from '../../domain/span-workload.ts';
import type { Span, Trace } from '../../domain/trace.ts';
import { type Children, childrenOf } from '../../domain/trace-tree.ts';
import type { WorstBy } from '../../domain/tracing.ts';

type Spans = readonly Span[];

/** Of these places the longest span's; the first of equals. */
const longest = (spans: Spans, places: readonly number[]): number | null =>
  places.reduce<number | null>(
    (best, place) => (best === null || (spans[place]?.durationMicros ?? 0) > (spans[best]?.durationMicros ?? 0) ? place : best),
    null,
  );

const placesWhere = (spans: Spans, holds: (span: Span, place: number) => boolean): readonly number[] => {
  const places: number[] = [];
  for (const [place, span] of spans.entries()) if (holds(span, place)) places.push(place);
  return places;
};

/** The one that failed before those that did not, where that is what counts. */
const worst = (spans: Spans, places: readonly number[], by: WorstBy): number | null => {
  const failed = by === 'errors' ? places.filter((place) => spans[place]?.isError) : [];
  return longest(spans, failed.length > 0 ? failed : places);
};

/** A trace without its beginning has orphans only; else what a user waited for is one that names no parent. */
const longestRoot = (spans: Spans): number | null => {
  const told = placesWhere(spans, ({ parent, isOrphan }) => parent === null && !isOrphan);
  const all = placesWhere(spans, ({ parent }) => parent === null);
  return longest(spans, told.length > 0 ? told : all);
};

/** Calls of the edge by their caller's spans: to a peer of the callee's name, or answered by a span of the callee. */
const callsOf = (spans: Spans, children: Children, { source, destination }: Edge): readonly number[] => {
  const answers = (place: number): boolean => {
    const span = spans[place];
    return span !== undefined && span.kind !== 'client' && isEnd([...namesOf(span), ...destinationNames(span)], destination);
  };
  return placesWhere(spans, (span, place) => {
    if (span.kind !== 'client' || !isEnd([...namesOf(span), ...sourceNames(span)], source)) return false;
    const called = [...(span.peer === null ? [] : peerNames(span.peer)), ...destinationNames(span)];
    return isEnd(called, destination) || (children[place] ?? []).some(answers);
  });
};

/** Place of the nearest span above that is of another workload; null where there is none. */
const callersOf = (spans: Spans): readonly (number | null)[] => {
  const callers: (number | null)[] = [];
  for (const span of spans) {
    const parent = span.parent === null ? undefined : spans[span.parent];
    const isInside = parent !== undefined && isSameWorkload(workloadOf(parent), workloadOf(span));
    callers.push(span.parent === null ? null : isInside ? (callers[span.parent] ?? null) : span.parent);
  }
  return callers;
};

/** Place of the root above each span. */
const rootsOf = (spans: Spans): readonly number[] => {
  const roots: number[] = [];
  for (const [place, { parent }] of spans.entries()) roots.push(parent === null ? place : (roots[parent] ?? place));
  return roots;
};

/** Who calls a span, as it says itself. */
const tellsCaller = (span: Span): readonly Named[] => {
  const caller = span.kind === 'server' ? callerOf(span.attributes) : null;
  return [...sourceNames(span), ...(caller === null ? [] : peerNames(caller))];
};

/** Whether any span of a trace is of this end of an edge, or is called by it. */
export const isNamedIn = (spans: Spans, end: EdgeEnd): boolean =>
  spans.some((span) => isEnd([...namesOf(span), ...tellsCaller(span)], end));

/** Where the callee's own spans begin: its server spans, or, of a tracer that knows no kinds, where the service changes. */
const entriesOf = (spans: Spans, { source, destination }: Edge): readonly number[] => {
  const callers = callersOf(spans);
  const isEntry = ({ kind, parent }: Span, place: number): boolean =>
    kind === 'server' || ((kind === null || kind === 'internal') && parent !== null && callers[place] === parent);
  const entries = placesWhere(
    spans,
    (span, place) => isEntry(span, place) && isEnd([...namesOf(span), ...destinationNames(span)], destination),
  );
  const isCalled = (place: number): boolean => {
    const [span, caller] = [spans[place], spans[callers[place] ?? -1]];
    return isEnd([...(caller ? namesOf(caller) : []), ...(span ? tellsCaller(span) : [])], source);
  };
  const ofCaller = entries.filter(isCalled);
  if (ofCaller.length > 0) return ofCaller;
  // Who called is not told: it may have been the caller, whose spans are missing. They are not where they stand in the same tree.
  const roots = rootsOf(spans);
  const withCaller = new Set(placesWhere(spans, (span) => isEnd(namesOf(span), source)).map((place) => roots[place]));
  return entries.filter((place) => {
    const span = spans[place];
    return callers[place] === null && span !== undefined && tellsCaller(span).length === 0 && !withCaller.has(roots[place]);
  });
};

/**
 * The span that everything is measured against: the longest call of the edge (`by` errors the longest that failed, if one did) as its caller
 * saw it, else as the callee saw it; without an edge the longest root. Null where the trace does not hold the edge.
 */
export const focusOf = (
  { spans }: Trace,
  edge: Edge | null,
  children: Children = childrenOf(spans),
  by: WorstBy = 'latency',
): number | null => {
  if (edge === null) return longestRoot(spans);
  if (!isNamedEnd(edge.destination)) return null;
  return worst(spans, callsOf(spans, children, edge), by) ?? worst(spans, entriesOf(spans, edge), by);
};
