import { asked } from '../../../domain/span-names.ts';
import { isSameWorkload, workloadOf } from '../../../domain/span-workload.ts';
import type { PathPart, Span } from '../../../domain/trace.ts';
import { count, took } from '../../../domain/words.ts';
import { unlessMissing, type Worst } from './worst.ts';

/** So many calls are a loop where nobody knows how many are usual, and they take so much of the request. */
const leastCalls = 10;
const leastShare = 0.4;
/** Where it is known, so many times as many are news; a call that is tried again makes three of one. */
const leastGrowth = 3;
const leastGrown = 5;

/** Many calls of one operation, one after the other, within one request that their maker handles ("N+1"). */
export type LikeCalls = {
  readonly part: PathPart;
  /** Place of a span of who makes them. */
  readonly maker: number;
  /** "47 × SELECT orders" */
  readonly what: string;
  readonly line: string;
};

const isMany = ({ calls, usualCalls, share, spans }: PathPart, culprit: PathPart | null): boolean => {
  if (usualCalls === null) return calls >= leastCalls && share >= leastShare;
  // As many as ever do not explain what is new: then each of them takes longer.
  const isLarge = share >= leastShare || culprit?.spans[0] === spans[0];
  return isLarge && calls >= leastGrown && calls >= leastGrowth * Math.max(1, usualCalls);
};

const isOneWorkload = (a: Span, b: Span): boolean => isSameWorkload(workloadOf(a), workloadOf(b));

/** Who made a call, by a span of theirs: of the callee's half the first one above that is another's, of everything else itself. */
const makerOf = ({ trace: { spans }, analysis: { focus } }: Worst, place: number): number | null => {
  const own = spans[place];
  const above = spans[own?.parent ?? -1];
  if (own === undefined) return null;
  const isStep = own.kind === null && above !== undefined && isOneWorkload(above, own);
  if (isStep || own.kind === 'client' || own.kind === 'producer' || own.kind === 'internal') return place;
  for (let at = own.parent; at !== null && at >= focus; at = spans[at]?.parent ?? null) {
    const span = spans[at];
    if (span !== undefined && !isOneWorkload(span, own)) return at;
  }
  return null;
};

/** The span by which its service handles the request that a span is part of; `known` shortens ways that were walked before. */
const handlerOf = ({ trace: { spans }, analysis: { focus } }: Worst, from: number, known: Map<number, number>): number => {
  const passed: number[] = [];
  let at = from;
  while (!known.has(at)) {
    passed.push(at);
    const span = spans[at];
    const above = spans[span?.parent ?? -1];
    const isOutermost = span === undefined || span.parent === null || span.parent < focus || above === undefined;
    if (isOutermost || span.kind === 'server' || span.kind === 'consumer' || !isOneWorkload(above, span)) break;
    at = span.parent;
  }
  const handler = known.get(at) ?? at;
  for (const place of passed) known.set(place, handler);
  return handler;
};

/** Who was called. */
const whomOf = ({ service, time, way }: PathPart): string => (time === 'between' ? (way.at(-1) ?? service) : service);

/** The longest part of the path that is such calls; null where there is none. What lies on the critical path was waited for in turn. */
export const likeCallsIn = (worst: Worst): LikeCalls | null => {
  const { trace, analysis, focus, voice } = worst;
  for (const part of analysis.criticalPath) {
    if (!isMany(part, analysis.culprit)) continue;
    const known = new Map<number, number>();
    const makers = part.spans.map((place) => makerOf(worst, place));
    const handlers = new Set(makers.map((place) => (place === null ? null : handlerOf(worst, place, known))));
    const [maker] = makers;
    const span = trace.spans[part.spans[0] ?? -1];
    if (handlers.size !== 1 || maker === null || maker === undefined || span === undefined) continue;
    const { calls, usualCalls, selfMicros } = part;
    const usually = usualCalls === null ? '' : ` (usually ${usualCalls < 0.5 ? 'none' : count(usualCalls)})`;
    const what = `${count(calls)} × ${voice.operation(asked(span, false))}`;
    const whom = whomOf(part);
    const at = whom === 'unknown' || whom === trace.spans[maker]?.service ? '' : ` at ${voice.name(whom)}`;
    const of = `${took(selfMicros)} of the ${took(focus.durationMicros)} of the ${worst.which} traced request`;
    return { part, maker, what, line: `${what}${at}, one after the other${usually}: ${of}${unlessMissing(worst)}` };
  }
  return null;
};
