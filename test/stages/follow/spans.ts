import type { ProblemCode, ReceivedSpan, ReceivedTrace, Span, Trace } from '../../../src/domain/trace.ts';

export const traceId = '0af7651916cd43dd8448eb211c80319c';

/** A short name as an id: "a" is 000000000000000a. */
export const idOf = (name: string): string => name.padStart(16, '0');

type Given = Partial<Omit<ReceivedSpan, 'id' | 'parentId' | 'traceId'>>;

/** A span that took from `start` for `duration` microseconds, after an arbitrary moment of 2026. */
export const epoch = 1_795_392_000_000_000;
export const span = (id: string, parent: string | null, start: number, duration: number, given: Given = {}): ReceivedSpan => ({
  traceId,
  id: idOf(id),
  parentId: parent === null ? null : idOf(parent),
  isShared: false,
  isAsync: false,
  service: 'shop',
  operation: `op ${id}`,
  kind: 'internal',
  startMicros: epoch + start,
  durationMicros: duration,
  isError: false,
  attributes: {},
  ...given,
});

export const traceOf = (...spans: readonly ReceivedSpan[]): ReceivedTrace => ({
  id: traceId,
  spans,
  malformed: 0,
  isTruncated: false,
});

export const problems = (trace: Trace): Partial<Record<ProblemCode, number>> =>
  Object.fromEntries(trace.problems.map(({ code, count }) => [code, count]));

/** The tree as text, one line a span: "a > b" with its interval. */
export const drawn = (trace: Trace): readonly string[] =>
  trace.spans.map((one) => {
    const parent = one.parent === null ? '' : `${shortId(trace.spans[one.parent])} > `;
    return `${parent}${shortId(one)} ${one.startMicros}+${one.durationMicros}`;
  });

const shortId = (one: Span | undefined): string => one?.id.replace(/^0+/, '') ?? '?';

/** What was ordered, as a store would tell it anew. */
export const toldAgain = (trace: Trace): ReceivedTrace => ({
  id: trace.id,
  spans: trace.spans.map((one) => ({
    traceId: trace.id,
    id: one.id,
    parentId: one.parent === null ? null : (trace.spans[one.parent]?.id ?? null),
    isShared: false,
    isAsync: one.isAsync,
    service: one.service,
    operation: one.operation,
    kind: one.kind,
    startMicros: trace.startMicros + one.startMicros,
    durationMicros: one.durationMicros,
    isError: one.isError,
    attributes: one.attributes,
  })),
  malformed: 0,
  isTruncated: false,
});
