import type { Counts, Windows } from '../../domain/signals.ts';
import { hasErrors, type Scene } from './scene.ts';

/** How retries multiply what the callee gets: attempts for each request of the caller, now and usually. */
type Attempts = { readonly now: number; readonly usual: number };

const sum = (counts: readonly Counts[]): number => counts.reduce((all, { requests }) => all + requests, 0);
const mean = (counts: readonly Counts[]): number => (counts.length === 0 ? 0 : sum(counts) / counts.length);

/** In the worse half of now: a single burst is no storm. */
const leastOf = (caller: Windows<Counts>, callee: Windows<Counts>): number =>
  Math.min(
    ...[0, 1].map((half) => {
      const [above, below] = [caller.halves?.[half], callee.halves?.[half]];
      return above && below && above.requests > 0 ? below.requests / above.requests : Number.POSITIVE_INFINITY;
    }),
  );

/**
 * The callee counts every attempt, its caller one request (envoyproxy.io, "Router", x-envoy-max-retries): while it fails, retries multiply
 * its load. Null where they do not, or where it is not known what is usual.
 */
export const multiplied = (scene: Scene): Attempts | null => {
  const { caller: above, callee: below } = scene.judged.reading;
  if (above === null || below === null || !hasErrors(scene) || above.counts.local.length < 3) return null;
  const [asked, got] = [above.counts.now, below.counts.now];
  const before = mean(above.counts.local);
  const now = got.requests / Math.max(1, asked.requests);
  const usual = before > 0 ? mean(below.counts.local) / before : null;
  if (usual === null || asked.requests < 20 || now < 1.5 || now < 1.3 * usual) return null;
  if (leastOf(above.counts, below.counts) < 1.3) return null;
  const extra = got.requests - asked.requests * Math.max(1, usual);
  // Only what fails is tried again.
  return extra < 20 || got.failed < extra / 2 ? null : { now, usual };
};

/** "2.9" */
export const attempts = (value: number): string => String(Number(value.toFixed(1)));

/** "2.9 attempts for each request of checkout", where retries multiply them. */
export const attemptsText = (scene: Scene): string | null => {
  const found = multiplied(scene);
  return found === null ? null : `${attempts(found.now)} attempts for each request of ${scene.caller}`;
};
