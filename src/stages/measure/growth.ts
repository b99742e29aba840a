import { duration } from '../../domain/promql.ts';

const ago = (seconds: number): string => (seconds > 0 ? ` offset ${duration(seconds)}` : '');

/** What counters grew by in a window, resets made good: reads every sample in it. */
export const increase =
  (seconds: number, offsetSeconds = 0) =>
  (series: string): string =>
    `increase(${series}[${duration(seconds)}]${ago(offsetSeconds)})`;

/**
 * What counters grew by, from the two ends of a window alone: at a scrape every 15 s and five minutes, a tenth of the samples. A series
 * that was reset or born inside is missing from that window.
 */
export const growthBetween =
  (seconds: number, offsetSeconds = 0) =>
  (series: string): string =>
    `(${series}${ago(offsetSeconds)} - ${series}${ago(offsetSeconds + seconds)}) >= 0`;

/** Series that did not exist when the window began, with their whole value: what `increase` leaves out of a new kind of failure. */
export const born =
  (seconds: number) =>
  (series: string): string =>
    `${series} unless ${series}${ago(seconds)}`;
