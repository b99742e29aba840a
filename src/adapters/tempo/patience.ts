import type { Ask } from '../../ports.ts';

/** A patience that is over when this share of what is left is, so that what came until then can still be told. */
export const partOf = (ask: Ask, share: number): Ask =>
  ask.leftMs === undefined
    ? ask
    : { signal: AbortSignal.any([ask.signal, AbortSignal.timeout(Math.max(1, Math.round(ask.leftMs() * share)))]) };
