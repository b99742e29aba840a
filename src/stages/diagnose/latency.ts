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

/** The mean of the middle one of the windows before; null where nothing was timed. */
const usualMean = (reading: ReporterReading | null): number | null => {
  const means = (reading?.duration?.local ?? [])
    .filter(({ requests }) => requests > 0)
    .map(meanSeconds)
    .sort((a, b) => a - b);
  return means[means.length >> 1] ?? null;
};

/** How long a request takes at most as a rule: the usual p99, else twice the usual mean; null where nothing was timed before. */
export const usualMostSeconds = (reading: ReporterReading | null): number | null => {
  const middle = usualP99(reading);
  if (middle !== null) return middle.seconds;
  const mean = usualMean(reading);
  return mean === null ? null : 2 * mean;
};

export const usualLatencyText = (reading: ReporterReading | null): string | null => {
  const middle = usualP99(reading);
  if (middle) return quantileText(middle);
  const mean = usualMean(reading);
  return mean === null ? null : seconds(mean);
};

/** "p99 1.8 s (usually 120 ms)"; null where nothing was timed. */
export const howSlow = (reading: ReporterReading | null): string | null => {
  const [now, usual] = [latencyText(reading), usualLatencyText(reading)];
  return now === null || usual === null ? now : `${now} (usually ${usual})`;
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
