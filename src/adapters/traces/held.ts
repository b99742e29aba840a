import type { Edge } from '../../domain/edge.ts';
import { cutFlags, flagsOf } from '../../domain/outcome.ts';
import { peerOf } from '../../domain/span-peer.ts';
import { destinationNames, isEnd, isNamedEnd, namesOf, peerNames, sourceNames } from '../../domain/span-workload.ts';
import type { Window } from '../../domain/time.ts';
import type { ReceivedSpan, ReceivedTrace } from '../../domain/trace.ts';

/** An attribute by which a store can look for calls of one callee. */
export type CalleeTag = { readonly key: string; readonly value: string };

/** What a trace holds of an edge; only spans that began in the window count. */
export type Held = {
  readonly trace: ReceivedTrace;
  /** Any span at all began in the window. */
  readonly isInWindow: boolean;
  /** The longest call of the edge as its caller saw it, else as its callee did; null: none can be told. */
  readonly callMicros: number | null;
  /** The longest span of either end; null: there is none. */
  readonly endMicros: number | null;
  /** A call of the edge failed; where none can be told, a span of either end did. */
  readonly isFailed: boolean;
  /** The calls' own words for whom they call, of the caller's spans, each once. */
  readonly callees: readonly CalleeTag[];
};

/** What may name the callee, the one that differs least between calls first. */
const calleeKeys = ['peer.service', 'server.address', 'upstream_cluster.name', 'upstream_cluster', 'net.peer.name'];

/** A response that was cut has failed, whatever its code says; Envoy marks only 5xx as errors (envoyproxy/envoy#14074). */
export const isFailedSpan = ({ isError, attributes }: ReceivedSpan): boolean =>
  isError || flagsOf(attributes['response_flags'] ?? '').some((flag) => cutFlags.has(flag));

type Part = {
  readonly isEnd: boolean;
  readonly isCalling: boolean;
  readonly isAnswering: boolean;
  readonly callees: readonly CalleeTag[];
};

const nothing: Part = { isEnd: false, isCalling: false, isAnswering: false, callees: [] };

/** What one span has to do with the edge. */
const partOf = (span: ReceivedSpan, { source, destination }: Edge): Part => {
  const { attributes, kind } = span;
  const told = { service: span.service ?? 'unknown', attributes };
  const own = namesOf(told);
  const isFrom = isEnd([...own, ...sourceNames(told)], source);
  if (!isNamedEnd(destination)) return isFrom ? { ...nothing, isEnd: true } : nothing;
  const isCalleeOwn = isEnd([...own, ...destinationNames(told)], destination);
  const peer = peerOf(span);
  const isCalling = isFrom && kind !== 'server' && peer !== null && isEnd(peerNames(peer), destination);
  const names = (value: string, key: string): boolean => {
    const called = peerOf({ kind: 'client', attributes: { [key]: value } });
    return called !== null && isEnd(peerNames(called), destination);
  };
  const callees = calleeKeys.flatMap((key) => {
    const value = attributes[key];
    return isCalling && value !== undefined && names(value, key) ? [{ key, value }] : [];
  });
  return {
    isEnd: isCalleeOwn || isCalling || (isNamedEnd(source) && isFrom),
    isCalling,
    isAnswering: isCalleeOwn && kind !== 'client' && kind !== 'producer',
    callees,
  };
};

const longer = (known: number | null, { durationMicros }: ReceivedSpan): number => Math.max(known ?? 0, durationMicros ?? 0);

/** Reads a trace for what it holds of the edge in the window. */
export const heldBy = (trace: ReceivedTrace, edge: Edge, { startMs, endMs }: Window): Held => {
  let endMicros: number | null = null;
  let callingMicros: number | null = null;
  let answeringMicros: number | null = null;
  let [isInWindow, isCallFailed, isEndFailed] = [false, false, false];
  const callees = new Map<string, CalleeTag>();
  for (const span of trace.spans) {
    if (span.startMicros === null || span.startMicros < startMs * 1000 || span.startMicros >= endMs * 1000) continue;
    isInWindow = true;
    const part = partOf(span, edge);
    if (!part.isEnd) continue;
    endMicros = longer(endMicros, span);
    if (part.isCalling) callingMicros = longer(callingMicros, span);
    if (part.isAnswering) answeringMicros = longer(answeringMicros, span);
    if (isFailedSpan(span)) {
      isEndFailed = true;
      isCallFailed ||= part.isCalling || part.isAnswering;
    }
    for (const tag of part.callees) callees.set(`${tag.key}=${tag.value}`, tag);
  }
  const callMicros = callingMicros ?? answeringMicros;
  const isFailed = callMicros === null ? isEndFailed : isCallFailed;
  return { trace, isInWindow, callMicros, endMicros, isFailed, callees: [...callees.values()] };
};

/** The same, once for each trace: a long one takes its time. */
export const reader = (edge: Edge, window: Window): ((trace: ReceivedTrace) => Held) => {
  const known = new WeakMap<ReceivedTrace, Held>();
  return (trace) => {
    const held = known.get(trace) ?? heldBy(trace, edge, window);
    known.set(trace, held);
    return held;
  };
};

/** Whether it is what was asked for: stores judge by other spans than those of the edge, or ignore what they do not know. */
export const isWanted = (
  { endMicros, isFailed }: Held,
  wanted: { readonly leastMicros: number | null; readonly isFailed: boolean },
): boolean => endMicros !== null && endMicros >= (wanted.leastMicros ?? 0) && (isFailed || !wanted.isFailed);

/** Those that hold a call of the edge first, the longest call first; of the others the longest span of an end. */
export const longestFirst = (a: Held, b: Held): number =>
  Number(b.callMicros !== null) - Number(a.callMicros !== null) ||
  (b.callMicros ?? b.endMicros ?? 0) - (a.callMicros ?? a.endMicros ?? 0) ||
  (a.trace.id < b.trace.id ? -1 : 1);
