import { dayMs, type EpochMs, hourMs, type Window } from '../../domain/time.ts';

/** The windows a measurement is made of; every one is `seconds` long. A window is named by its end. */
export type WindowPlan = {
  readonly atMs: EpochMs;
  readonly onsetMs: EpochMs | null;
  readonly seconds: number;
  /** First of the one range query that ends with now. */
  readonly rangeStartMs: EpochMs;
  /** The older range, where the onset is so long ago that the first holds too little of the time before it. */
  readonly older: Window | null;
  /** First and last window of the recent past: in the older range where there is one. */
  readonly local: Window;
  /**
   * Whether both halves of now lie inside the incident: a window shorter than two minutes begins about when the incident did, and one
   * widened beyond its age before it. A healthy first half says nothing there.
   */
  readonly isHalved: boolean;
  /** The same hour earlier: those that the incident does not touch. */
  readonly base: readonly { readonly ago: '1h' | '1d' | '1w'; readonly offsetSeconds: number }[];
};

const windowsInRange = 27;
const localWindows = 24;
const bases = [
  { ago: '1h', offsetSeconds: hourMs / 1000 },
  { ago: '1d', offsetSeconds: dayMs / 1000 },
  { ago: '1w', offsetSeconds: (7 * dayMs) / 1000 },
] as const;

/** As long as the incident, between one and five minutes: blips stay out, and nothing is late. */
export const nowSeconds = (atMs: EpochMs, onsetMs: EpochMs | null): number =>
  onsetMs === null ? 300 : Math.min(300, Math.max(60, Math.round((atMs - onsetMs) / 30_000) * 30));

/** A window wide enough to hold about 30 requests, when traffic is low; null when the present one will do (or nothing will). */
const widerSeconds = (seconds: number, requests: number): number | null =>
  requests >= 30
    ? null
    : ([120, 300, 900, 1800, 3600].find((wider) => wider > seconds && (requests * wider) / seconds >= 30) ??
      (seconds < 3600 && requests > 0 ? 3600 : null));

/**
 * Two samples of every target are needed for an increase, whenever in the interval it is scraped (prometheus.io/docs, "rate()"): at a
 * minute's pace a window of 90 s holds one of some and two of others.
 */
const leastSeconds = (intervalSeconds: number | null): number =>
  intervalSeconds === null || intervalSeconds <= 32 ? 60 : Math.min(300, Math.ceil((2.5 * intervalSeconds) / 30) * 30);

/** Whether what a window told may stand where a wider one is not answered. */
export const isWideEnough = (seconds: number, intervalSeconds: number | null): boolean =>
  seconds >= leastSeconds(intervalSeconds);

/** Where nothing answered it may be the pace: first the least that holds two scrapes a minute apart. */
const widerWithoutSeries = (seconds: number): number | null => [150, 300].find((wider) => wider > seconds) ?? null;

type Seen = {
  /** Of now; null without a series. */
  readonly requests: number | null;
  /** Requests of the past windows. */
  readonly usual: readonly number[];
  readonly intervalSeconds: number | null;
};

/**
 * The window to ask instead, or null when the present one will do. Where there are few requests now and were many, that is the news, and
 * a wider window would bury it.
 */
export const nextSeconds = (seconds: number, { requests, usual, intervalSeconds }: Seen): number | null => {
  const least = leastSeconds(intervalSeconds);
  if (seconds < least) return least;
  if (requests === null) return widerWithoutSeries(seconds);
  const middle = [...usual].sort((a, b) => a - b)[usual.length >> 1] ?? 0;
  if (usual.length >= 3 && middle >= 30) return null;
  if (requests === 0) return seconds < 300 ? 300 : null;
  return seconds < 900 ? widerSeconds(seconds, requests) : null;
};

/** `ageSeconds`: how long the incident has lasted at least. */
export const planWindows = (
  atMs: EpochMs,
  onsetMs: EpochMs | null,
  seconds: number,
  ageSeconds = Number.POSITIVE_INFINITY,
): WindowPlan => {
  const stepMs = seconds * 1000;
  const lastMs = (onsetMs ?? atMs - stepMs) - stepMs;
  const before = Math.ceil((atMs - lastMs) / stepMs);
  const held = windowsInRange - before;
  const isHeld = held >= localWindows / 2;
  const localEndMs = isHeld ? atMs - before * stepMs : lastMs;
  const local = { startMs: localEndMs - (Math.min(localWindows, isHeld ? held : localWindows) - 1) * stepMs, endMs: localEndMs };
  const touchesIncident = (offsetMs: number): boolean => onsetMs !== null && atMs - offsetMs > onsetMs;
  return {
    atMs,
    onsetMs,
    seconds,
    // An older range holds the whole past: then this one is now and the window before it.
    rangeStartMs: isHeld ? local.startMs : atMs - stepMs,
    older: isHeld ? null : local,
    local,
    isHalved: seconds >= 120 && seconds <= ageSeconds,
    base: bases.filter(({ offsetSeconds }) => !touchesIncident(offsetSeconds * 1000)),
  };
};
