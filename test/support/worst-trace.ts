import type { Edge } from '../../src/domain/edge.ts';
import { type Gathered, got } from '../../src/domain/gathered.ts';
import type { Trace, TraceAnalysis } from '../../src/domain/trace.ts';
import { traceSentence } from '../../src/domain/trace-sentence.ts';
import type { Tracing } from '../../src/domain/tracing.ts';
import { analyse } from '../../src/stages/follow/analyse.ts';
import { edgeNamed } from './report.ts';
import { drawn } from './traces.ts';

/** A drawing whose columns last so many milliseconds. */
export const drawnSlowly = (drawing: string, millisAColumn: number): Trace => {
  const trace = drawn(drawing);
  const longer = (micros: number): number => micros * millisAColumn;
  return {
    ...trace,
    durationMicros: longer(trace.durationMicros),
    spans: trace.spans.map((span) => ({
      ...span,
      startMicros: longer(span.startMicros),
      durationMicros: longer(span.durationMicros),
    })),
  };
};

const none: Tracing = {
  source: 'Tempo',
  store: 'tempo',
  by: 'latency',
  worst: null,
  exemplars: 'none-written',
  seen: 40,
  requests: [],
  isCut: false,
  propagation: [],
  sampling: null,
  expected: null,
  isYoung: false,
};

/** What tracing tells where this is the worst trace of the edge; it is compared with five that are like `usual`. Saved and read again, as evidence is. */
export const tracingOf = (
  trace: Trace | null,
  {
    edge = edgeNamed(),
    usual = null,
    ...more
  }: Partial<Tracing> & { readonly edge?: Edge; readonly usual?: Trace | null; readonly mayBeIncomplete?: boolean } = {},
): Gathered<Tracing> => {
  const { mayBeIncomplete = false, ...rest } = more;
  const normal = usual === null ? null : analyse(usual, edge, []);
  const baselines: readonly TraceAnalysis[] = normal === null ? [] : Array.from({ length: 5 }, () => normal);
  const analysis = trace === null ? null : analyse(trace, edge, baselines);
  if (trace !== null && analysis === null) throw new Error('the edge is not in the trace that was drawn');
  const worst =
    trace === null || analysis === null
      ? null
      : {
          trace,
          analysis,
          found: { way: 'search' as const, of: 40, isCut: false },
          sentence: traceSentence(trace, analysis, edge),
          mayBeIncomplete,
        };
  return JSON.parse(JSON.stringify(got({ ...none, worst, ...rest }))) as Gathered<Tracing>;
};
