import { type PathPart, type PathTime, type ProblemCode, storedId, type Trace, type TraceAnalysis } from '../../domain/trace.ts';

type JsonPart = {
  readonly service: string;
  readonly operation: string;
  readonly selfMs: number;
  readonly share: number;
  readonly calls: number;
  readonly usualMs: number | null;
  readonly usualCalls: number | null;
  readonly time: PathTime;
};

/** What a trace says, for machines: `edgewise trace --json`; its schema is docs/trace.schema.json. */
export type TraceJson = {
  readonly traceId: string;
  /** From the first start to the last end. */
  readonly durationMs: number;
  /** The span that everything is measured against. */
  readonly focus: { readonly service: string; readonly operation: string; readonly durationMs: number };
  /** Of the focus; 1 where it was not tried again. */
  readonly attempts: number;
  /** Of the focus in normal traces. */
  readonly usualMs: number | null;
  /** Normal traces. */
  readonly comparedWith: number;
  /** As received. */
  readonly spans: number;
  /** In the order of their names. */
  readonly services: readonly string[];
  /** By call path, longest first. */
  readonly criticalPath: readonly JsonPart[];
  readonly culprit: JsonPart | null;
  /** The time is spread over several parts, and none of them is the culprit. */
  readonly spread: boolean;
  readonly errorOrigin: { readonly service: string; readonly operation: string; readonly spanId: string } | null;
  readonly problems: readonly { readonly code: ProblemCode; readonly count: number }[];
  readonly sentence: string;
};

const usualMs = ({ usualMicros }: { readonly usualMicros: number | null }): number | null =>
  usualMicros === null ? null : usualMicros / 1000;

const jsonPart = (part: PathPart): JsonPart => ({
  service: part.service,
  operation: part.operation,
  selfMs: part.selfMicros / 1000,
  share: part.share,
  calls: part.calls,
  usualMs: usualMs(part),
  usualCalls: part.usualCalls,
  time: part.time,
});

const originOf = ({ spans }: Trace, place: number | null): TraceJson['errorOrigin'] => {
  const span = place === null ? undefined : spans[place];
  return span === undefined ? null : { service: span.service, operation: span.operation, spanId: storedId(span) };
};

/** Services of a trace, in the order of their names. */
export const servicesOf = ({ spans }: Trace): readonly string[] => [...new Set(spans.map(({ service }) => service))].sort();

/** What a trace says as JSON data; names are as received. */
export const traceJson = (trace: Trace, analysis: TraceAnalysis, sentence: string): TraceJson => {
  const focus = trace.spans[analysis.focus];
  return {
    traceId: trace.id,
    durationMs: trace.durationMicros / 1000,
    focus: {
      service: focus?.service ?? 'unknown',
      operation: focus?.operation ?? 'unknown',
      durationMs: (focus?.durationMicros ?? 0) / 1000,
    },
    attempts: analysis.attempts,
    usualMs: usualMs(analysis),
    comparedWith: analysis.comparedWith,
    spans: trace.received,
    services: servicesOf(trace),
    criticalPath: analysis.criticalPath.map(jsonPart),
    culprit: analysis.culprit === null ? null : jsonPart(analysis.culprit),
    spread: analysis.culprit === null && analysis.criticalPath.length > 0,
    errorOrigin: originOf(trace, analysis.errorOrigin),
    problems: trace.problems.map(({ code, count }) => ({ code, count })),
    sentence,
  };
};
