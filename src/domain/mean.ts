import type { Duration } from './signals.ts';

/** The mean of what was timed, in seconds; 0 where nothing was. */
export const meanSeconds = ({ requests, totalSeconds }: Duration): number => (requests > 0 ? totalSeconds / requests : 0);

/** Durations of several windows, pods or versions as one. */
export const together = (durations: readonly Duration[]): Duration =>
  durations.reduce<Duration>(
    (sum, { requests, totalSeconds }) => ({
      requests: sum.requests + requests,
      totalSeconds: sum.totalSeconds + totalSeconds,
    }),
    { requests: 0, totalSeconds: 0 },
  );
