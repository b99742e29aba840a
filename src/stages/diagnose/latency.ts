import { type Quantile, quantile } from '../../domain/histogram.ts';
import { meanSeconds } from '../../domain/mean.ts';
import type { ReporterReading } from '../../domain/signals.ts';
import { quantileText, seconds } from '../../domain/words.ts';

/** "p99 1.8 s", or the mean where no buckets were read. */
export const latencyText = (reading: ReporterReading | null): string | null => {
  const p99 = reading?.latency ? quantile(0.99, reading.latency.now) : null;
  if (p99 !== null) return `p99 ${quantileText(p99)}`;
  const mean = reading?.duration?.now;
  return mean && mean.requests > 0 ? `mean ${seconds(meanSeconds(mean))}` : null;
};

/** The p99 of the middle one of the windows before; null where no buckets were read. */
export const usualP99 = (reading: ReporterReading | null): Quantile | null => {
  const past = reading?.latency
    ? reading.latency.local.map((histogram) => quantile(0.99, histogram)).filter((value) => value !== null)
    : [];
  return [...past].sort((a, b) => a.seconds - b.seconds)[past.length >> 1] ?? null;
};

export const usualLatencyText = (reading: ReporterReading | null): string | null => {
  const middle = usualP99(reading);
  if (middle) return quantileText(middle);
  const means = (reading?.duration?.local ?? [])
    .filter(({ requests }) => requests > 0)
    .map(meanSeconds)
    .sort((a, b) => a - b);
  const mean = means[means.length >> 1];
  return mean === undefined ? null : seconds(mean);
};

/** It is known how long requests took before: else nobody may say that they are as fast as usual. */
export const isTimed = (reading: ReporterReading | null): boolean =>
  (reading?.latency?.local.length ?? 0) > 0 || (reading?.duration?.local.length ?? 0) >= 3;

/** The slowest hundredth takes half again what it usually does: too few for a test of the whole, enough to say that a timeout met slow answers. */
export const isTailSlower = (reading: ReporterReading | null): boolean => {
  const now = reading?.latency && reading.counts.now.requests >= 100 ? quantile(0.99, reading.latency.now) : null;
  const usual = usualP99(reading);
  return now !== null && usual !== null && !usual.atLeast && now.seconds > 1.5 * usual.seconds;
};
