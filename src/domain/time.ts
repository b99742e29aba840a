/** A moment, in whole or fractional milliseconds since the Unix epoch. Pure code is handed every moment; it never asks a clock. */
export type EpochMs = number;

/** A stretch of time, end exclusive. */
export type Window = { readonly startMs: EpochMs; readonly endMs: EpochMs };

/** Length of a window, in seconds. */
export const lengthSeconds = (window: Window): number => (window.endMs - window.startMs) / 1000;

/** The window of `seconds` that ends at `endMs`. */
export const windowBefore = (endMs: EpochMs, seconds: number): Window => ({ startMs: endMs - seconds * 1000, endMs });

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Making a formatter takes longer than a hundred uses of it. */
const minuteFormats = new Map<string, Intl.DateTimeFormat>();

/** "07:15" in `zone` (IANA). */
export const minuteOfDay = (atMs: EpochMs, zone: string): string => {
  const known = minuteFormats.get(zone);
  const format = known ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hour12: false });
  if (!known) minuteFormats.set(zone, format);
  return format.format(atMs);
};
