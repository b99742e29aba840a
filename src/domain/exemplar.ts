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
