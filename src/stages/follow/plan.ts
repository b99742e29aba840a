import { type Edge, edgeKey, edgeOf, isEverybody } from '../../domain/edge.ts';
import type { Evidence } from '../../domain/evidence.ts';
import { boundAt } from '../../domain/histogram.ts';
import { judgeEdge } from '../../domain/judgement.ts';
import type { Histogram } from '../../domain/signals.ts';
import { soughtOf } from '../../domain/sought.ts';
import { minuteMs, type Window } from '../../domain/time.ts';
import type { TraceSearch, WorstBy } from '../../domain/tracing.ts';
import { worstCallerOf } from '../../domain/worst-caller.ts';

/** What is looked for in the trace store about one edge. */
export type FollowPlan = {
  readonly edge: Edge;
  readonly by: WorstBy;
  /** Where the walk downstream ended: of requests that failed one that failed there tells of this incident. */
  readonly end: Edge;
  readonly window: Window;
  /** The worst of the window. */
  readonly worst: TraceSearch;
  /** Whatever there is of the window: what it means that none of the worst was found. */
  readonly any: TraceSearch;
  /** Normal ones, before it began. */
  readonly usual: TraceSearch;
  /** Requests of the window that metrics counted, and those of them that failed or were refused; null where nothing was counted. */
  readonly counted: { readonly requests: number; readonly bad: number } | null;
};

/** Whole traces that are looked at; more of them make it slower, not truer: the store sorts the worst out by length. */
const mostWorst = 20;
const mostAny = 60;
const mostUsual = 20;
/** Normal traces are of the half hour before it began. */
const usualMs = 30 * minuteMs;
/** Without buckets every length is wanted, the longest first. */
const anyLength = 1;

/** From where on the slowest twentieth lies for certain: what a quantile reads inside of a bucket may be longer than any request in it. */
const slowestMicros = (latency: Histogram | null): number => {
  const bound = latency === null ? 0 : (latency.boundsSeconds[boundAt(0.95, latency) - 1] ?? 0);
  return Math.max(anyLength, Math.round(bound * 1e6));
};

/** No request is of all callers: of a callee as all see it, requests of the worst caller are looked for. */
const tracedEdge = ({ subject, readings }: Evidence): Edge | null => {
  const edge = edgeOf(subject);
  return edge !== null && isEverybody(edge.source) ? (worstCallerOf(edge, readings)?.edge ?? null) : edge;
};

/**
 * What to ask a trace store about the edge of this evidence: failed requests first where the edge fails, else those beyond its 95th
 * percentile as its buckets tell it. Null where there is no edge, or nothing is known of it.
 */
export const planFollow = (evidence: Evidence): FollowPlan | null => {
  const asked = tracedEdge(evidence);
  const reading = asked === null ? undefined : evidence.readings.find(({ edge }) => edgeKey(edge) === edgeKey(asked));
  if (asked === null || (reading === undefined && evidence.pending.length === 0 && evidence.gaps.length === 0)) return null;
  const edge = reading?.edge ?? asked;
  const side = reading?.caller ?? reading?.callee ?? null;
  const sought = soughtOf(reading === undefined ? null : judgeEdge(reading, 'named'));
  const by: WorstBy = sought === 'slow' ? 'latency' : 'errors';
  const { window } = evidence;
  const isFailed = sought === 'failed';
  // What a policy refused is no failed span and takes no time: such traces are found among whatever there is.
  const isAny = sought === 'refused';
  const leastMicros = isAny ? null : isFailed ? anyLength : slowestMicros(side?.latency?.now ?? null);
  const endMs = Math.min(window.startMs, evidence.onsetMs ?? window.startMs);
  const counts = side?.counts.now;
  const last = evidence.path.at(-1);
  return {
    edge,
    by,
    end: last === undefined || isEverybody(last.source) ? edge : last,
    window,
    worst: { edge, window, leastMicros, isFailed, most: isAny ? mostAny : mostWorst },
    any: { edge, window, leastMicros: null, isFailed: false, most: mostAny },
    usual: { edge, window: { startMs: endMs - usualMs, endMs }, leastMicros: null, isFailed: false, most: mostUsual },
    counted: counts === undefined ? null : { requests: counts.requests, bad: counts.failed + counts.refused },
  };
};
