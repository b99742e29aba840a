import { dayMs, type EpochMs, hourMs, type Window } from '../../domain/time.ts';

/** The windows a measurement is made of; every one is `seconds` long. */
export type WindowPlan = {
  readonly atMs: EpochMs;
  readonly onsetMs: EpochMs | null;
  readonly seconds: number;
  /** Ends of the windows of the one range query: now first, then backwards. */
  readonly rangeStartMs: EpochMs;
  /** The older range, where the onset is so long ago that the first holds too little of the time before it. */
  readonly older: Window | null;
  /** Same-hour windows asked apart: those that the range does not hold and the incident does not touch. */
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
export const widerSeconds = (seconds: number, requests: number): number | null =>
  requests >= 30
    ? null
    : ([120, 300, 900, 1800, 3600].find((wider) => wider > seconds && (requests * wider) / seconds >= 30) ??
      (seconds < 3600 && requests > 0 ? 3600 : null));

export const planWindows = (atMs: EpochMs, onsetMs: EpochMs | null, seconds: number): WindowPlan => {
  const stepMs = seconds * 1000;
  const rangeStartMs = atMs - (windowsInRange - 1) * stepMs;
  const lastLocalMs = (onsetMs ?? atMs - stepMs) - stepMs;
  const held = Math.floor((lastLocalMs - rangeStartMs) / stepMs) + 1;
  const older = held >= localWindows / 2 ? null : { startMs: lastLocalMs - (localWindows - 1) * stepMs, endMs: lastLocalMs };
  const touchesIncident = (offsetMs: number): boolean => onsetMs !== null && atMs - offsetMs > onsetMs;
  const inRange = (offsetMs: number): boolean => offsetMs % stepMs === 0 && atMs - offsetMs >= rangeStartMs;
  return {
    atMs,
    onsetMs,
    seconds,
    rangeStartMs,
    older,
    base: bases.filter(({ offsetSeconds }) => !touchesIncident(offsetSeconds * 1000) && !inRange(offsetSeconds * 1000)),
  };
};

/** Which of the range's points are what. A point at `t` is the window that ends at `t`. */
export const isLocal = ({ atMs, onsetMs, seconds }: WindowPlan, pointMs: EpochMs): boolean =>
  pointMs <= (onsetMs ?? atMs - seconds * 1000) - seconds * 1000 + 1;

export const hourAgoInRange = ({ atMs, seconds, onsetMs, rangeStartMs }: WindowPlan): EpochMs | null => {
  const pointMs = atMs - hourMs;
  return (hourMs / 1000) % seconds === 0 && pointMs >= rangeStartMs && (onsetMs === null || pointMs <= onsetMs) ? pointMs : null;
};
