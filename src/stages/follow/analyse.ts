import type { Edge } from '../../domain/edge.ts';
import type { Trace, TraceAnalysis } from '../../domain/trace.ts';
import { childrenOf } from '../../domain/trace-tree.ts';
import { criticalPath } from './critical-path.ts';
import { culpritOf, mostBaselines, usualOf } from './culprit.ts';
import { attemptsOf, errorOriginOf } from './failures.ts';
import { focusOf } from './focus.ts';
import { partsOf } from './parts.ts';

/**
 * What a trace says of an edge, or of its longest root without one, compared with normal traces of the same; null where the edge is not in
 * it. Nothing is recursive, and nothing takes longer than n log n.
 */
export const analyse = (trace: Trace, edge: Edge | null, baselines: readonly TraceAnalysis[]): TraceAnalysis | null => {
  const children = childrenOf(trace.spans);
  const focus = focusOf(trace, edge, children);
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
    attempts: attemptsOf(trace.spans, focus, children),
    comparedWith: Math.min(baselines.length, mostBaselines),
    usualMicros: usual?.micros ?? null,
  };
};
