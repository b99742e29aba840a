import { seconds } from '../figures.ts';

/** "4.2 s", "610 ms", "180 µs". */
export const took = (micros: number): string =>
  micros > 0 && micros < 1000 ? `${Math.round(micros)} µs` : seconds(micros / 1_000_000);
