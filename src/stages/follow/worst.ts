import type { Edge } from '../../domain/edge.ts';
import { httpStatus } from '../../domain/span-status.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { ReceivedTrace, Trace, TraceAnalysis } from '../../domain/trace.ts';
import { traceSentence } from '../../domain/trace-sentence.ts';
import type { FollowedTrace, FoundBy, TracedRequest, WorstBy } from '../../domain/tracing.ts';
import { analyse } from './analyse.ts';
import { focusOf } from './focus.ts';
import { orderTrace } from './order.ts';

/** Spans are handed over in batches: what ended so lately may not be whole yet (opentelemetry.io, "Batching processor": 5 s by default). */
const settledMs = 15_000;

/** A received trace, and the way it was found. */
export type Candidate = { readonly received: ReceivedTrace; readonly found: FoundBy };

/** A trace that holds the edge, in order and explained. */
type Explained = {
  readonly trace: Trace;
  readonly analysis: TraceAnalysis;
  readonly found: FoundBy;
  readonly isTruncated: boolean;
};

/** What normal traces of the edge say, for comparison; those without the edge are left out. */
export const usualTraces = (received: readonly ReceivedTrace[], edge: Edge): readonly TraceAnalysis[] =>
  received.flatMap((one) => analyse(orderTrace(one), edge, []) ?? []);

/** What requests are ranked by: whether they failed, and whether they did so where metrics found the trouble; or only how long they took. */
type Ranking = { readonly by: WorstBy; readonly end: Edge | null };

const failsAt = (trace: Trace, end: Edge): boolean =>
  trace.spans[focusOf(trace, end, undefined, 'errors') ?? -1]?.isError === true;

/**
 * How bad a request was whose worst is that it failed: so at the end of the walk too, failed by something else, refused (a policy's 4xx, a
 * flag), or none of it. Something always fails somewhere: the longest of all failures may be of yesterday's kind.
 */
const badnessOf = ({ trace, analysis }: Explained, end: Edge | null): number => {
  const span = trace.spans[analysis.focus];
  if (span?.isError) return end !== null && failsAt(trace, end) ? 3 : 2;
  return /^4\d\d$/.test(httpStatus(span?.attributes ?? {}) ?? '') || (span?.flags.length ?? 0) > 0 ? 1 : 0;
};

const lengthOf = ({ trace, analysis }: Explained): number => trace.spans[analysis.focus]?.durationMicros ?? 0;

const mayBeIncomplete = ({ trace, isTruncated }: Explained, atMs: EpochMs): boolean =>
  isTruncated ||
  trace.problems.some(({ code }) => code === 'missing-parent' || code === 'malformed-span') ||
  (trace.startMicros + trace.durationMicros) / 1000 > atMs - settledMs;

const explained = (
  { received, found }: Candidate,
  edge: Edge | null,
  by: WorstBy,
  usual: readonly TraceAnalysis[],
): readonly Explained[] => {
  const trace = orderTrace(received);
  const analysis = analyse(trace, edge, usual, by);
  return analysis === null ? [] : [{ trace, analysis, found, isTruncated: received.isTruncated }];
};

/** One trace in words. */
export const followed = (one: Explained, edge: Edge | null, atMs: EpochMs): FollowedTrace => ({
  trace: one.trace,
  analysis: one.analysis,
  found: one.found,
  sentence: traceSentence(one.trace, one.analysis, edge),
  mayBeIncomplete: mayBeIncomplete(one, atMs),
});

/** More dots than these cannot be told apart in a picture. */
const mostRequests = 12;

/** When the calls of the edge in these traces began and how long they took, each trace once. */
export const requestsOf = (all: readonly Explained[]): readonly TracedRequest[] =>
  [...new Map(all.map((one) => [one.trace.id, one])).values()].slice(0, mostRequests).flatMap(({ trace, analysis }) => {
    const span = trace.spans[analysis.focus];
    if (span === undefined) return [];
    const atMs = Math.round((trace.startMicros + span.startMicros) / 1000);
    return [{ atMs, latencySeconds: span.durationMicros / 1e6, isError: span.isError }];
  });

/** Those of the candidates that hold the edge, the worst first: by how they failed, where that counts, then the longest. */
export const ranked = (
  candidates: readonly Candidate[],
  edge: Edge | null,
  { by, end }: Ranking,
  usual: readonly TraceAnalysis[],
): readonly Explained[] =>
  candidates
    .flatMap((candidate) => explained(candidate, edge, by, usual))
    .map((one) => ({ one, badness: by === 'errors' ? badnessOf(one, end) : 1 }))
    .filter(({ badness }) => badness > 0)
    .sort(
      ({ one: a, badness }, { one: b, badness: other }) =>
        other - badness ||
        lengthOf(b) - lengthOf(a) ||
        // The same trace found both ways: what a metric pointed at comes first, as it was given.
        (a.trace.id < b.trace.id ? -1 : a.trace.id > b.trace.id ? 1 : 0),
    )
    .map(({ one }) => one);
