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
