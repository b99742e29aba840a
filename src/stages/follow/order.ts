import { cutFlags, flagsOf } from '../../domain/outcome.ts';
import { peerOf } from '../../domain/span-peer.ts';
import { serviceOf } from '../../domain/span-workload.ts';
import type { ProblemCode, ReceivedSpan, ReceivedTrace, Span, Trace, TraceProblem } from '../../domain/trace.ts';
import { byOneClock } from './clocks.ts';
import { distinctSpans, type ToldSpan } from './distinct.ts';
import { rehung, type Scene } from './orphans.ts';
import { linked } from './parents.ts';
import { repairedTimes, type Times } from './times.ts';
import { type Parents, rootsOf, topDown } from './tree.ts';

/** By start, then longest first. */
const compareBy =
  ({ startMicros, durationMicros }: Times) =>
  (a: number, b: number): number =>
    (startMicros[a] ?? 0) - (startMicros[b] ?? 0) || (durationMicros[b] ?? 0) - (durationMicros[a] ?? 0) || a - b;

/** A producer does not wait for what it has sent (opentelemetry.io, "Traces", span kind). */
const isAsync = ({ span }: ToldSpan, parent: ToldSpan | undefined): boolean =>
  span.isAsync || (span.kind === 'consumer' && parent?.span.kind === 'producer');

/** Rounding of start and duration may make a child end a microsecond later than it did. */
const roundingMicros = 1;

const outlives = (span: Span, parent: Span | undefined): boolean =>
  parent !== undefined &&
  !span.isAsync &&
  span.startMicros + span.durationMicros > parent.startMicros + parent.durationMicros + roundingMicros;

const count = <T>(values: readonly T[], passes: (value: T) => boolean): number => values.filter(passes).length;

const problemsOf = (counts: Readonly<Record<ProblemCode, number>>): readonly TraceProblem[] =>
  (Object.entries(counts) as [ProblemCode, number][])
    .filter(([, number]) => number > 0)
    .map(([code, number]) => ({ code, count: number }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));

/** A trace's spans in their final order, by what was found out about each. */
const spansIn = (
  { told, peers, times }: Scene,
  parents: Parents,
  orphans: ReadonlySet<number>,
  firstMicros: number,
): readonly Span[] => {
  const { startMicros, durationMicros } = times;
  const order = topDown(parents, compareBy(times));
  const placeOf = new Int32Array(told.length);
  for (const [place, index] of order.entries()) placeOf[index] = place;
  const spans: Span[] = [];
  for (const index of order) {
    const [one, parent] = [told[index], parents[index] ?? null];
    if (one === undefined) continue;
    const { span, key } = one;
    const flags = flagsOf(span.attributes['response_flags'] ?? '');
    spans.push({
      id: key,
      parent: parent === null ? null : (placeOf[parent] ?? null),
      isOrphan: orphans.has(index),
      service: span.service ?? 'unknown',
      operation: span.operation || 'unknown',
      kind: span.kind,
      startMicros: (startMicros[index] ?? firstMicros) - firstMicros,
      durationMicros: durationMicros[index] ?? 0,
      isAsync: isAsync(one, parent === null ? undefined : told[parent]),
      isError: span.isError || flags.some((flag) => cutFlags.has(flag)),
      flags,
      peer: peers[index] ?? null,
      attributes: span.attributes,
    });
  }
  return spans;
};

/** Whose a span is decides where it belongs: proxies that all give one name are told apart before anything else. */
const ofWorkload = (span: ReceivedSpan): ReceivedSpan => {
  const service = span.service ?? 'unknown';
  const told = serviceOf({ service, attributes: span.attributes });
  return told === service ? span : { ...span, service: told };
};

/** A trace in order, whatever came and in whatever order it came; what was repaired on the way is among its problems. */
export const orderTrace = (received: ReceivedTrace): Trace => {
  const { told, duplicates, sharedIds } = distinctSpans(received.spans.map(ofWorkload));
  const { parents: named, orphans, cycles } = linked(told);
  const repaired = repairedTimes(told, named);
  const { startMicros, shifted } = byOneClock(told, named, repaired);
  const scene = {
    told,
    peers: told.map(({ span }) => peerOf(span)),
    times: { startMicros, durationMicros: repaired.durationMicros },
  };
  const parents = rehung(scene, named, orphans);
  const firstMicros = startMicros.reduce((first, start) => Math.min(first, start), startMicros[0] ?? 0);
  const spans = spansIn(scene, parents, orphans, firstMicros);
  const roots = rootsOf(parents).length;
  return {
    id: received.id,
    startMicros: firstMicros,
    durationMicros: spans.reduce((last, span) => Math.max(last, span.startMicros + span.durationMicros), 0),
    spans,
    received: received.spans.length,
    problems: problemsOf({
      'missing-parent': orphans.size,
      'several-roots': roots > 1 ? roots : 0,
      cycle: cycles,
      'clock-skew': shifted,
      'duplicate-span': duplicates,
      'shared-ids': sharedIds,
      'no-start': repaired.withoutStart,
      'no-duration': repaired.withoutDuration,
      'no-kind': count(spans, ({ kind }) => kind === null),
      'no-service': count(told, ({ span }) => span.service === null),
      'outlives-parent': count(spans, (span) => outlives(span, span.parent === null ? undefined : spans[span.parent])),
      'malformed-span': received.malformed,
      truncated: received.isTruncated ? 1 : 0,
    }),
  };
};
