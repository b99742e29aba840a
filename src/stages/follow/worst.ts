import type { Edge } from '../../domain/edge.ts';
import { httpStatus } from '../../domain/span-status.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { ReceivedTrace, Trace, TraceAnalysis } from '../../domain/trace.ts';
import type { FollowedTrace, FoundBy, WorstBy } from '../../domain/tracing.ts';
import { analyse } from './analyse.ts';
import { orderTrace } from './order.ts';
import { traceSentence } from './words.ts';

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

/** How bad a request was whose worst is that it failed: failed, refused (a policy's 4xx, a flag), or neither. */
const badnessOf = ({ trace, analysis }: Explained): number => {
  const span = trace.spans[analysis.focus];
  if (span?.isError) return 2;
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

/** Those of the candidates that hold the edge, the worst first: what failed before what did not, where that counts, then the longest. */
export const ranked = (
  candidates: readonly Candidate[],
  edge: Edge | null,
  by: WorstBy,
  usual: readonly TraceAnalysis[],
): readonly Explained[] =>
  candidates
    .flatMap((candidate) => explained(candidate, edge, by, usual))
    .filter((one) => by === 'latency' || badnessOf(one) > 0)
    .sort(
      (a, b) =>
        (by === 'errors' ? badnessOf(b) - badnessOf(a) : 0) ||
        lengthOf(b) - lengthOf(a) ||
        // The same trace found both ways: what a metric pointed at comes first, as it was given.
        (a.trace.id < b.trace.id ? -1 : a.trace.id > b.trace.id ? 1 : 0),
    );
