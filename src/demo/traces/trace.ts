import { seeded } from '../mesh/noise.ts';
import type { Watch } from '../mesh/simulate.ts';
import { spansOf } from './spans.ts';
import type { TraceBox } from './store.ts';

/** Traces this share (0–1) of the requests, chosen where they begin and whatever becomes of them, the same for the same seed. */
export const traced = (box: TraceBox, share: number, seed = 3): Watch => {
  const random = seeded(seed);
  return (request, endMs) => {
    if (random.uniform() < share) box.take(spansOf(request, endMs, random));
  };
};
