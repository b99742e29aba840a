/** What is asked of a trace store, and what of its answers goes into the evidence. */

import type { Edge } from './edge.ts';
import type { EpochMs, Window } from './time.ts';
import type { Expected, Propagation, Sampling, Trace, TraceAnalysis } from './trace.ts';

/** Which kind of store holds traces: each has its own API and its own pages. */
export type TraceStore = 'jaeger' | 'tempo' | 'zipkin';

/** Whether a metrics store keeps exemplars; `unknown` where it does not tell. */
export type ExemplarStorage = 'on' | 'off' | 'unknown';

/** What makes one request worse than another: that it failed, or only how long it took. */
export type WorstBy = 'errors' | 'latency';

/** Which traces are wanted: those that may hold a call of this edge that began within the window. An end without a name is anybody. */
export type TraceSearch = {
  readonly edge: Edge;
  readonly window: Window;
  /** Only with a span of the edge's ends at least so long, the longest that can be found; null: of any length, as they come. */
  readonly leastMicros: number | null;
  /** Only with a failed span. */
  readonly isFailed: boolean;
  /** Whole traces that are given back at most. */
  readonly most: number;
};

/** Which way a trace was found. */
export type FoundBy =
  /** The worst exemplar that led to a trace of the edge; `of` so many. */
  | { readonly way: 'exemplar'; readonly of: number }
  /** The worst of so many traces of the edge that the store told of; `isCut` where there may be worse. */
  | { readonly way: 'search'; readonly of: number; readonly isCut: boolean }
  /** Asked for by its id. */
  | { readonly way: 'id' };

/** One trace, explained. */
export type FollowedTrace = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  readonly found: FoundBy;
  /** What it says, as plain text with names from outside in it. */
  readonly sentence: string;
  /** Spans are missing, or it ended so lately that some may still come. */
  readonly mayBeIncomplete: boolean;
};

/** Why exemplars led to no trace. */
export type NoExemplar =
  /** The metrics store keeps none. */
  | 'storage-off'
  /** The series of this edge have some, of other times. */
  | 'none-in-window'
  /** It keeps them, and the series of this edge have none: no mesh proxy writes any (envoyproxy/envoy#22621). */
  | 'none-written'
  /** None, and the metrics store does not tell whether it would keep them. */
  | 'none-known'
  /** There are some, and no label of theirs that is known to holds the id of a trace. */
  | 'no-id'
  /** There were some, and the traces of those that were tried are not kept, or do not hold the edge. */
  | 'not-kept'
  /** They were not asked for, or the question stayed without an answer. */
  | 'not-asked';

/** One call of the edge whose trace was read: a dot in the picture. */
export type TracedRequest = { readonly atMs: EpochMs; readonly latencySeconds: number; readonly isError: boolean };

/** What traces tell of an edge within a window. */
export type Tracing = {
  /** As the report names the store: "Tempo". */
  readonly source: string;
  readonly store: TraceStore;
  /** What was looked for. */
  readonly by: WorstBy;
  readonly worst: FollowedTrace | null;
  /** Calls of the edge that were read to find it, whichever way, the worst first. */
  readonly requests: readonly TracedRequest[];
  readonly exemplars: NoExemplar | null;
  /** Traces of the edge that the store told of in the window. */
  readonly seen: number;
  /** It may hold more than it told of, and worse ones. */
  readonly isCut: boolean;
  /** Whose headers are dropped on the way of the edge: its caller's, its callee's. */
  readonly propagation: readonly { readonly service: string; readonly told: Propagation }[];
  readonly sampling: Sampling | null;
  /** How many traces of the wanted kind are to be expected; null where the rate is not known. */
  readonly expected: Expected | null;
  /** An exemplar names a trace so young that the store may not have it yet. */
  readonly isYoung: boolean;
};
