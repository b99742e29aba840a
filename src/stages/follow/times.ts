import { plausibleMicros } from '../../domain/trace.ts';
import type { ToldSpan } from './distinct.ts';
import { type Parents, topDown } from './tree.ts';

/** When each span began and how long it took. */
export type Times = {
  readonly startMicros: readonly number[];
  readonly durationMicros: readonly number[];
};

export type Repaired = Times & {
  /** Both are as told. */
  readonly isTold: readonly boolean[];
  readonly withoutStart: number;
  readonly withoutDuration: number;
};

/** Starts as told; one from before all plausible time is none where another is plausible. */
const toldStarts = (told: readonly ToldSpan[]): readonly (number | null)[] => {
  const isPlausible = (start: number | null): boolean => start !== null && start >= plausibleMicros;
  const isReal = told.some(({ span }) => isPlausible(span.startMicros));
  return told.map(({ span }) => (isReal && !isPlausible(span.startMicros) ? null : span.startMicros));
};

/**
 * Times with nothing missing. A missing start is the first start of its children, else its parent's; a missing duration reaches to the last
 * end of the children that it waits for, else it is zero.
 */
export const repairedTimes = (told: readonly ToldSpan[], parents: Parents): Repaired => {
  const order = topDown(parents);
  const starts = [...toldStarts(told)];
  // One of thirty years ends by a clock that was set while it ran.
  const durations = told.map(({ span: { durationMicros: took } }) => (took !== null && took < plausibleMicros ? took : null));
  const [withoutStart, withoutDuration] = [missing(starts), missing(durations)];
  const isTold = starts.map((start, index) => start !== null && durations[index] !== null);
  const first = new Float64Array(told.length).fill(Number.POSITIVE_INFINITY);
  const last = new Float64Array(told.length).fill(Number.NEGATIVE_INFINITY);
  for (const index of order.toReversed()) {
    const start = starts[index] ?? finite(first[index]);
    starts[index] = start;
    if (start === null) continue;
    const duration = durations[index] ?? Math.max(0, (finite(last[index]) ?? start) - start);
    durations[index] = duration;
    const parent = parents[index] ?? null;
    if (parent === null) continue;
    first[parent] = Math.min(first[parent] ?? start, start);
    if (told[index]?.span.isAsync !== true) last[parent] = Math.max(last[parent] ?? start, start + duration);
  }
  const earliest = starts.reduce<number>((least, start) => Math.min(least, start ?? least), Number.POSITIVE_INFINITY);
  for (const index of order) {
    const parent = parents[index] ?? null;
    starts[index] ??= (parent === null ? null : starts[parent]) ?? finite(earliest) ?? 0;
    durations[index] ??= 0;
  }
  return {
    startMicros: starts.map((start) => start ?? 0),
    durationMicros: durations.map((duration) => duration ?? 0),
    isTold,
    withoutStart,
    withoutDuration,
  };
};

const missing = (values: readonly (number | null)[]): number => values.filter((value) => value === null).length;

const finite = (value: number | undefined): number | null => (value !== undefined && Number.isFinite(value) ? value : null);
