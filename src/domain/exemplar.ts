import type { Labels } from './alert.ts';
import type { EpochMs } from './time.ts';

/** One request that a histogram or counter keeps as the example of a bucket (OpenMetrics, "Exemplars"). */
export type Exemplar = {
  /** 32 lower-case hexadecimal digits; null where none of its labels holds an id that is known to. */
  readonly traceId: string | null;
  /** As the series counts: seconds, milliseconds or an increment. */
  readonly value: number;
  readonly atMs: EpochMs;
  readonly series: Labels;
};

/** A histogram that somebody named for its exemplars, beside those that are known to have some. */
export type NamedHistogram = {
  /** Without `_bucket`. */
  readonly metric: string;
  readonly unit: 'seconds' | 'milliseconds';
  /** Labels that may hold the caller's name, and the callee's; it is in one of them. Empty: the metric does not tell. */
  readonly caller: readonly string[];
  readonly callee: readonly string[];
  /** What says that a request failed: values of this label that begin so. */
  readonly errors: { readonly label: string; readonly begins: readonly string[] } | null;
};
