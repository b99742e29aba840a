import { byEdgeKey, type Edge, edgeKey } from '../../domain/edge.ts';
import { quantile } from '../../domain/histogram.ts';
import { conditional, type Trial, usualSensitivity } from '../../domain/inference/elevated.ts';
import type { Counts } from '../../domain/signals.ts';
import type { StatEdge } from './stat.ts';

/** What is different about an edge, beyond chance and enough to matter. */
type Difference = 'new' | 'gone' | 'fails more' | 'fails less' | 'slower' | 'faster' | 'busier' | 'quieter';

/** One edge at two moments; null where it had no requests then. */
export type ComparedEdge = {
  readonly edge: Edge;
  readonly now: StatEdge | null;
  readonly before: StatEdge | null;
  readonly differences: readonly Difference[];
};

/** One in a thousand windows looks like it by chance: a person asked for one comparison, and sees thirty rows. */
const mostChance = 0.001;
/** A percentile of fewer requests moves by itself. */
const leastRequests = 100;
const leastLatencyFactor = 1.5;
const leastTrafficFactor = 1.5;

const badOf = ({ requests, failed, refused }: Counts): Trial => ({ n: requests, x: failed + refused });

/** Failures come in clumps: so many independent ones are fewer. */
const thinned = ({ n, x }: Trial): Trial => ({ n: n / usualSensitivity.clumping, x: x / usualSensitivity.clumping });

/** Whether one share of bad requests is above another, by more than chance and by enough to matter. */
const isMore = (one: Trial, other: Trial): boolean => {
  if (one.x < usualSensitivity.minimumBad || one.n <= 0 || other.n <= 0) return false;
  const [high, low] = [one.x / one.n, other.x / other.n];
  const isLarge = high - low >= usualSensitivity.delta && high >= leastTrafficFactor * low;
  return isLarge && conditional(thinned(one), thinned(other)) < mostChance;
};

const p99Of = ({ latency, counts }: StatEdge): number | null =>
  latency === null || counts.requests < leastRequests ? null : (quantile(0.99, latency)?.seconds ?? null);

const isLonger = (one: StatEdge, other: StatEdge): boolean => {
  const [long, short] = [p99Of(one), p99Of(other)];
  return long !== null && short !== null && long >= leastLatencyFactor * short;
};

/** As many requests as that in windows of one length. */
const isBusier = ({ counts: one }: StatEdge, { counts: other }: StatEdge): boolean =>
  one.requests >= leastTrafficFactor * other.requests &&
  conditional({ n: 1, x: one.requests }, { n: 1, x: other.requests }) < mostChance;

const differencesOf = (now: StatEdge | null, before: StatEdge | null): readonly Difference[] => {
  if (now === null) return ['gone'];
  if (before === null) return ['new'];
  const [bad, badBefore] = [badOf(now.counts), badOf(before.counts)];
  const either = (is: boolean, more: Difference, less: Difference, isLess: boolean): readonly Difference[] =>
    is ? [more] : isLess ? [less] : [];
  return [
    ...either(isMore(bad, badBefore), 'fails more', 'fails less', isMore(badBefore, bad)),
    ...either(isLonger(now, before), 'slower', 'faster', isLonger(before, now)),
    ...either(isBusier(now, before), 'busier', 'quieter', isBusier(before, now)),
  ];
};

const ranks: Readonly<Record<Difference, number>> = {
  ...{ 'fails more': 0, gone: 1, slower: 2, quieter: 3, new: 4, busier: 5, 'fails less': 6, faster: 7 },
};
const rankOf = ({ differences }: ComparedEdge): number => Math.min(9, ...differences.map((one) => ranks[one]));

const sizeOf = ({ now, before }: ComparedEdge): number => (now ?? before)?.counts.requests ?? 0;

/** Edges of two windows of one length side by side: what became worse first, what is as before last. */
export const compareEdges = (now: readonly StatEdge[], before: readonly StatEdge[]): readonly ComparedEdge[] => {
  const byKey = (edges: readonly StatEdge[]): ReadonlyMap<string, StatEdge> =>
    new Map(edges.map((one) => [edgeKey(one.edge), one]));
  const [here, there] = [byKey(now), byKey(before)];
  return [...new Set([...here.keys(), ...there.keys()])]
    .flatMap((key): readonly ComparedEdge[] => {
      const [one, other] = [here.get(key) ?? null, there.get(key) ?? null];
      const edge = (one ?? other)?.edge;
      return edge === undefined ? [] : [{ edge, now: one, before: other, differences: differencesOf(one, other) }];
    })
    .sort((a, b) => rankOf(a) - rankOf(b) || sizeOf(b) - sizeOf(a) || byEdgeKey(a.edge, b.edge));
};
