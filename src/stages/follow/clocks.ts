import { classify, flagsOf } from '../../domain/outcome.ts';
import { grpcStatus, httpStatus } from '../../domain/span-status.ts';
import type { ReceivedSpan } from '../../domain/trace.ts';
import { isCalleeHalf, type ToldSpan } from './distinct.ts';
import type { Repaired } from './times.ts';
import { type Parents, topDown } from './tree.ts';

/** Beyond that it is no clock that is wrong, but who is taken for the caller. */
const maxShiftMicros = 5_000_000;
/** Of the caller's half: so far both halves may disagree by noise. */
const noiseShare = 0.01;

type Interval = { readonly start: number; readonly end: number };

/** The pod or host whose clock a span was timed by: Envoy's node is `sidecar~10.0.0.1~reviews-v1-5f7.bookinfo~bookinfo.svc.cluster.local`. */
const hostOf = (attributes: ReceivedSpan['attributes']): string | null => {
  const pod = attributes['node_id']?.split('~')[2]?.replace(/\.[^.]*$/, '');
  return pod || (attributes['k8s.pod.name'] ?? attributes['host.name'] ?? null);
};

/** Spans of one pod or host have one clock; where none is named, those of one service. */
const isSameClock = (a: ReceivedSpan, b: ReceivedSpan): boolean => {
  const [one, other] = [hostOf(a.attributes), hostOf(b.attributes)];
  return one !== null && other !== null ? one === other : a.service !== null && a.service === b.service;
};

/** gRPC's CANCELLED and nginx' 499 are a client's way to leave; so is a response that never came. */
const hasNoAnswer = ({ isError, attributes }: ReceivedSpan): boolean => {
  const [code, status] = [httpStatus(attributes) ?? '', grpcStatus(attributes)];
  const outcome = classify(code, status, flagsOf(attributes['response_flags'] ?? ''));
  return isError || outcome === 'failed' || outcome === 'client-left' || code === '499' || status === '1';
};

/**
 * By how much the callee's clock is behind: nothing while its half fits into the caller's. One that begins before it was called proves a wrong
 * clock; one that ends later does so only where the caller got an answer, since a caller that gives up leaves its callee at work. The half then
 * is laid into the middle: the way there is taken for as long as the way back.
 */
const shiftOf = (caller: Interval, callee: Interval, isUnanswered: boolean): number => {
  const noise = Math.max(1, (caller.end - caller.start) * noiseShare);
  const [isEarly, isLate] = [callee.start < caller.start - noise, callee.end > caller.end + noise];
  const room = caller.end - caller.start - (callee.end - callee.start);
  if (!isEarly && (!isLate || isUnanswered || room < 0)) return 0;
  const shift = caller.start + Math.floor(Math.max(0, room) / 2) - callee.start;
  return Math.abs(shift) > maxShiftMicros ? 0 : shift;
};

const isAnswer = (span: ReceivedSpan): boolean => isCalleeHalf(span) && span.kind !== 'consumer' && !span.isAsync;

/** How many servers answer each span: of several, as after a retry, none is the other half of the call. */
const answersOf = (told: readonly ToldSpan[], parents: Parents): Int32Array => {
  const answers = new Int32Array(told.length);
  for (const [index, { span }] of told.entries()) {
    const parent = parents[index] ?? null;
    if (parent !== null && isAnswer(span)) answers[parent] = (answers[parent] ?? 0) + 1;
  }
  return answers;
};

/** Both halves of a call. */
const isPair = (caller: ReceivedSpan, callee: ReceivedSpan): boolean => caller.kind === 'client' && isAnswer(callee);

/** Starts by the callers' clocks: a server half that lies outside of its client half is moved, and what hangs below it on the same clock with it. */
export const byOneClock = (
  told: readonly ToldSpan[],
  parents: Parents,
  { startMicros, durationMicros, isTold }: Repaired,
): { readonly startMicros: readonly number[]; readonly shifted: number } => {
  const shifts = new Float64Array(told.length);
  const answers = answersOf(told, parents);
  let shifted = 0;
  const interval = (index: number): Interval => {
    const start = (startMicros[index] ?? 0) + (shifts[index] ?? 0);
    return { start, end: start + (durationMicros[index] ?? 0) };
  };
  for (const index of topDown(parents)) {
    const parent = parents[index] ?? null;
    const [caller, callee] = [parent === null ? undefined : told[parent]?.span, told[index]?.span];
    if (parent === null || !caller || !callee) continue;
    // What was repaired proves nothing about clocks.
    const isProof = answers[parent] === 1 && isPair(caller, callee) && isTold[parent] === true && isTold[index] === true;
    const shift = isProof ? shiftOf(interval(parent), interval(index), hasNoAnswer(caller)) : 0;
    const inherited = shifts[parent] ?? 0;
    if (shift === 0 && inherited === 0) continue;
    const isSame = isSameClock(caller, callee);
    shifts[index] = isSame ? inherited : shift;
    shifted += isSame || shift === 0 ? 0 : 1;
  }
  return { startMicros: startMicros.map((start, index) => start + (shifts[index] ?? 0)), shifted };
};
