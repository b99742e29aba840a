import type { Finding } from '../../../domain/diagnosis.ts';
import { patienceFlags } from '../../../domain/outcome.ts';
import { grpcStatus, httpStatus } from '../../../domain/span-status.ts';
import type { Span } from '../../../domain/trace.ts';
import { triesOf } from '../../../domain/trace-tries.ts';
import { count, took } from '../../../domain/words.ts';
import { isShown, rose } from '../counters.ts';
import type { Scene } from '../scene.ts';
import { type Told, withLine } from './told.ts';
import { unlessMissing, worstOf } from './worst.ts';

/** As long as each other, but for the clock that cut them. */
const inStep = 0.95;
/** What fails at once takes equally long by chance; no timeout is so short. */
const leastMicros = 50_000;
/** Tries that do not say that they were cut may be equally slow by another clock, further down: three are no chance. */
const leastUncut = 3;

/** Whoever called left, or ran out of patience: 0 and CANCELLED are what the callee's side sees of it, 504 and DEADLINE_EXCEEDED the caller's. */
const saysCut = (span: Span | undefined): boolean =>
  span !== undefined &&
  (span.flags.some((flag) => patienceFlags.has(flag) || flag === 'DC' || flag === 'DR') ||
    ['0', '499', '504'].includes(httpStatus(span.attributes) ?? '') ||
    ['1', '4'].includes(grpcStatus(span.attributes) ?? ''));

/** A proxy that counts its per-try timeouts, and counted none, rules them out. */
const isRuledOut = (scene: Scene): boolean => {
  const counter = 'upstream_rq_per_try_timeout';
  return isShown(scene, 'caller', counter) && rose(scene, 'caller', counter) === 0;
};

/**
 * "3 attempts of 1 s each in the worst traced request: a per-try timeout", where its tries took equally long, one after the other; the last
 * may be shorter, since it was answered, or cut by the timeout of the whole. Null elsewhere, and below the alert's edge, whose tries they are.
 */
const triesLine = (scene: Scene): string | null => {
  const worst = worstOf(scene);
  if (worst === null || scene.isBelow || isRuledOut(scene)) return null;
  const { trace, analysis, children } = worst;
  const tries = triesOf(trace.spans, analysis.focus, children).flatMap((place) => trace.spans[place] ?? []);
  const longest = tries.reduce((most, { durationMicros }) => Math.max(most, durationMicros), 0);
  const isEqual = ({ durationMicros }: Span): boolean => durationMicros >= inStep * longest;
  const equal = tries.filter(isEqual);
  const areInTurn = tries.every(({ startMicros }, index) => {
    const before = tries[index - 1];
    return before === undefined || startMicros >= before.startMicros + inStep * before.durationMicros;
  });
  if (longest < leastMicros || equal.length < 2 || !areInTurn || !tries.slice(0, -1).every(isEqual)) return null;
  const areCut = equal.every((span) => saysCut(span) || saysCut(trace.spans[callOf(worst.analysis.focus, span)]));
  if (!areCut && equal.length < leastUncut) return null;
  const all = equal.length === tries.length ? '' : `${count(equal.length)} of `;
  const so = areCut ? 'a per-try timeout' : 'as a per-try timeout makes them';
  return `${all}${count(tries.length)} attempts of ${took(longest)} each in the worst traced request: ${so}${unlessMissing(worst)}`;
};

/** The place of the caller's own span of one try, where it has one beside that of the whole call. */
const callOf = (focus: number, { parent }: Span): number => (parent === null || parent === focus ? -1 : parent);

/** Of attempts that metrics count: that they ran in step. */
export const toldOfTries = (scene: Scene, { evidence }: Finding): Told | null => {
  const line = triesLine(scene);
  return line === null ? null : { evidence: withLine(evidence, line) };
};
