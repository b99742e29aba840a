import type { Edge } from '../../domain/edge.ts';
import type { Trace, TraceAnalysis } from '../../domain/trace.ts';
import { childrenOf } from '../../domain/trace-tree.ts';
import { triesOf } from '../../domain/trace-tries.ts';
import type { WorstBy } from '../../domain/tracing.ts';
import { criticalPath } from './critical-path.ts';
import { culpritOf, mostBaselines, usualOf } from './culprit.ts';
import { errorOriginOf } from './failures.ts';
import { focusOf } from './focus.ts';
import { partsOf } from './parts.ts';

/**
 * What a trace says of an edge, or of its longest root without one, compared with normal traces of the same; null where the edge is not in
 * it. Nothing is recursive, and nothing takes longer than n log n.
 */
export const analyse = (
  trace: Trace,
  edge: Edge | null,
  baselines: readonly TraceAnalysis[],
  by: WorstBy = 'latency',
): TraceAnalysis | null => {
  const children = childrenOf(trace.spans);
  const focus = focusOf(trace, edge, children, by);
  if (focus === null) return null;
  const sections = criticalPath(trace, focus, children);
  const usual = usualOf(baselines);
  const parts = partsOf(trace, focus, sections, children).map((part) => {
    const before = usual?.of(part) ?? null;
    return { ...part, usualMicros: before?.micros ?? null, usualCalls: before?.calls ?? null };
  });
  return {
    focus,
    sections,
    criticalPath: parts,
    culprit: culpritOf(parts),
    errorOrigin: errorOriginOf(trace.spans, focus),
    attempts: Math.max(1, triesOf(trace.spans, focus, children).length),
    comparedWith: Math.min(baselines.length, mostBaselines),
    usualMicros: usual?.micros ?? null,
  };
};
