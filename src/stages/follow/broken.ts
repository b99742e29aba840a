import { calleeName, callerName, type Edge, type EdgeEnd } from '../../domain/edge.ts';
import type { EdgeReading } from '../../domain/signals.ts';
import { isEnd, namesOf } from '../../domain/span-workload.ts';
import type { Trace, TraceAnalysis } from '../../domain/trace.ts';
import { isBelow } from '../../domain/trace-tree.ts';
import type { Tracing } from '../../domain/tracing.ts';
import { childrenOf, parentsOf } from '../../domain/walk.ts';
import { propagationOf } from './propagation.ts';

/**
 * Whose headers may be dropped, by one trace of the edge: the callee, where metrics know calls of its own and the trace knows none; the
 * caller, where it is called by others and the trace begins at its call.
 */
export const suspectsOf = (
  trace: Trace,
  { focus }: TraceAnalysis,
  edge: Edge,
  readings: readonly EdgeReading[],
): readonly EdgeEnd[] => {
  const below = isBelow(trace.spans, focus);
  const doesCall = childrenOf(edge, readings).length > 0;
  const showsCall = trace.spans.some(
    (span, place) => below[place] && span.kind === 'client' && isEnd(namesOf(span), edge.destination),
  );
  const isCalled = parentsOf(edge, readings).length > 0;
  const top = trace.spans[focus];
  // With a parent that is named and missing it began elsewhere.
  const beginsHere = top?.parent === null && !top.isOrphan;
  return [...(doesCall && !showsCall ? [edge.destination] : []), ...(isCalled && beginsHere ? [edge.source] : [])];
};

/** The end whose headers are dropped, by a set of traces; nothing where it hands them on, or where that cannot be told. */
export const brokenAround = (traces: readonly Trace[], end: EdgeEnd): Tracing['propagation'] => {
  const told = propagationOf(traces, end);
  const edge: Edge = { cluster: null, source: end, destination: end };
  const service = end.service === null ? callerName(edge) : calleeName(edge);
  return told.verdict === 'drops' || told.verdict === 'some paths' ? [{ service, told }] : [];
};
