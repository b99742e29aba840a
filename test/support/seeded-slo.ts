import type { SeededSeries } from './seeded-prometheus.ts';

/** What happened in one minute: so many requests of this kind. */
export type Happened = (minute: number) => number;

const minuteMs = 60_000;

export type SeededCounter = {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly happened: Happened;
  /** Minutes at whose scrape its process had started anew: its counters begin at 0. */
  readonly resets?: readonly number[];
  /** The first scrape at which it exists although nothing was counted yet; default: with its first event. */
  readonly bornAt?: number;
};

/**
 * A counter as a scraped proxy has it: it appears with its first event (Envoy prints no counter that was never touched), and starts from 0
 * when its process does. `isScraped` says of each minute whether anybody looked. Minutes are counted from `fromMs`.
 */
export const seededCounter = (
  { metric, labels, happened, resets = [], bornAt }: SeededCounter,
  {
    fromMs,
    minutes,
    isScraped = () => true,
  }: { readonly fromMs: number; readonly minutes: number; readonly isScraped?: (minute: number) => boolean },
): SeededSeries => {
  const samples: (readonly [number, number])[] = [];
  let value = 0;
  let isBorn = bornAt === 0;
  for (let minute = 0; minute <= minutes; minute += 1) {
    if (resets.includes(minute)) [value, isBorn] = [0, bornAt !== undefined];
    const more = minute === 0 ? 0 : happened(minute);
    value += more;
    isBorn ||= more > 0 || (bornAt !== undefined && minute >= bornAt);
    if (isBorn && isScraped(minute)) samples.push([fromMs + minute * minuteMs, value]);
  }
  return { labels: { __name__: metric, ...labels }, samples };
};

/** How many happened in the minutes after `from`, up to and with `to`. */
export const happenedIn = (happened: Happened, from: number, to: number): number => {
  let sum = 0;
  for (let minute = from + 1; minute <= to; minute += 1) sum += happened(minute);
  return sum;
};
