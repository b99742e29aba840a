import { byEdgeKey, type Edge, isEverybody, isSameCallee } from './edge.ts';
import type { Counts, EdgeReading } from './signals.ts';

/** Of the calls into a callee the one that most requests of fail or are refused, and its counts. */
type WorstCaller = { readonly edge: Edge; readonly counts: Counts };

const badOf = ({ failed, refused }: Counts): number => failed + refused;

/** Fewer say nothing about one caller among many. */
const leastBad = 5;

/** Whom a callee in trouble hurts most, by the count that leads everywhere; null where nobody is hurt. */
export const worstCallerOf = (callee: Edge, readings: readonly EdgeReading[]): WorstCaller | null => {
  const [worst] = readings
    .filter(({ edge }) => isSameCallee(edge, callee) && !isEverybody(edge.source))
    .flatMap(({ edge, caller, callee: own }) => {
      const counts = (caller ?? own)?.counts.now;
      return counts === undefined || badOf(counts) < leastBad ? [] : [{ edge, counts }];
    })
    .sort((a, b) => badOf(b.counts) - badOf(a.counts) || byEdgeKey(a.edge, b.edge));
  return worst ?? null;
};
