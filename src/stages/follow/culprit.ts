import type { PathPart, TraceAnalysis } from '../../domain/trace.ts';
import { callPathKey, type Summed } from './parts.ts';

/** More normal traces than these teach nothing new. */
export const mostBaselines = 20;
/** With fewer of them a median is no yardstick. */
const leastBaselines = 5;
/** Whoever is named has so much of what is to be explained, and so many times what the next one has. */
const leastShare = 0.4;
const leastLead = 1.5;
/** A trace that took so little more than usual has nothing to explain. */
const leastExcess = 0.1;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? 0)) / 2;
};

/** What is usual, by normal traces of the same focus; null where there are too few. What a trace lacks took no time in it. */
type Usual = { readonly micros: number; readonly of: (part: Summed) => { readonly micros: number; readonly calls: number } };

export const usualOf = (baselines: readonly TraceAnalysis[]): Usual | null => {
  const taken = baselines.slice(0, mostBaselines);
  if (taken.length < leastBaselines) return null;
  const traces = taken.map(({ criticalPath }) => new Map(criticalPath.map((part) => [callPathKey(part), part])));
  const total = ({ criticalPath }: TraceAnalysis): number => criticalPath.reduce((sum, { selfMicros }) => sum + selfMicros, 0);
  return {
    micros: median(taken.map(total)),
    of: (part) => {
      const found = traces.map((parts) => parts.get(callPathKey(part)));
      return {
        micros: median(found.map((one) => one?.selfMicros ?? 0)),
        calls: median(found.map((one) => one?.calls ?? 0)),
      };
    },
  };
};

/** What there is to explain of a part: what it took longer than usual, or, where nothing is known to be usual, all of it. */
const scoreOf = ({ selfMicros, usualMicros }: PathPart): number => Math.max(0, selfMicros - (usualMicros ?? 0));

/** The part that explains most, with a lead; null where it is spread over several, or the trace took as long as ever. */
export const culpritOf = (parts: readonly PathPart[]): PathPart | null => {
  const ranked = parts.map((part) => ({ part, score: scoreOf(part) })).sort((a, b) => b.score - a.score);
  const [first, second] = ranked;
  const all = ranked.reduce((sum, { score }) => sum + score, 0);
  const took = parts.reduce((sum, { selfMicros }) => sum + selfMicros, 0);
  if (first === undefined || first.score <= 0 || all < leastExcess * took) return null;
  return first.score >= leastShare * all && first.score >= leastLead * (second?.score ?? 0) ? first.part : null;
};
