import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { calledByAll, type Edge, edgeKey, isEverybody } from '../../domain/edge.ts';
import { fromCumulative, isDistribution, sameBounds } from '../../domain/histogram.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { calleeLabels, edgeLabels, readRow } from '../../domain/row.ts';
import { edgeMatchers } from '../../domain/selection.ts';
import type { EdgeReading, Histogram, Reporter, Windows } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { localOf } from './counts.ts';
import { growthBetween, increase } from './growth.ts';
import { type CountRow, second } from './rows.ts';
import type { WindowPlan } from './windows.ts';

/** One expression per view and edge, summed by edge and `le`, joined. */
const joined = (dialect: Dialect, edges: readonly Edge[], growth: (buckets: string) => string): string | null =>
  union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      edges.map((edge) => {
        const matchers = edgeMatchers(view, edge);
        if (matchers === null) return null;
        const labels = isEverybody(edge.source) ? calleeLabels(view) : edgeLabels(view);
        return sumBy([...labels, 'le'], growth(selector(dialect.metrics.durationBucket, matchers)));
      }),
    ),
  );

/** Wave 3: buckets of the alert's edge and its suspects only, in the windows of wave 2. The past by its ends, now and its halves in full. */
export const planLatency = (dialect: Dialect, edges: readonly Edge[], plan: WindowPlan): readonly PlannedQuery[] => {
  const { seconds } = plan;
  const half = seconds / 2;
  const parts = [
    ['now', increase(seconds)] as const,
    ...(plan.isHalved ? [['first', increase(half, half)] as const, ['second', increase(half)] as const] : []),
    ...plan.base.map(({ ago, offsetSeconds }) => [ago, growthBetween(seconds, offsetSeconds)] as const),
  ];
  const base = union(
    parts.map(([tag, growth]) => {
      const promql = joined(dialect, edges, growth);
      return promql === null ? null : tagged(tag, `(${promql})`);
    }),
  );
  const range = joined(dialect, edges, growthBetween(seconds));
  if (range === null || base === null) return [];
  const budget = 'edge';
  return [
    { id: 'latency', what: 'the past of the latency', promql: range, budget, kind: 'range', ...plan.local, stepSeconds: seconds },
    { id: 'latency-base', what: 'latency', promql: base, budget, kind: 'instant', atMs: plan.atMs },
  ];
};

/** le → count at each moment, for one edge and reporter. */
type Buckets = Map<EpochMs, [string, number][]>;

const bucketsOf = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly CountRow[],
  isTogether: boolean,
): ReadonlyMap<string, Buckets> => {
  const found = new Map<string, Buckets>();
  for (const { labels, points } of rows) {
    const read = readRow(dialect, cluster, labels);
    const le = labelOf(labels, 'le');
    if (read === null || le === null) continue;
    const key = `${labelOf(labels, tagLabel) ?? ''} ${read.reporter} ${edgeKey(isTogether && read.edge.source.workload === null ? calledByAll(read.edge) : read.edge)}`;
    const buckets = found.get(key) ?? new Map();
    for (const [atMs, value] of points) {
      const moment = second(atMs);
      const known = buckets.get(moment) ?? [];
      // Rows that differ only in the callee's workload are one edge: their buckets add up.
      const same = known.find(([bound]: [string, number]) => bound === le);
      if (same) same[1] += value;
      else known.push([le, value]);
      buckets.set(moment, known);
    }
    found.set(key, buckets);
  }
  return found;
};

const latencyWindows = (
  dialect: Dialect,
  found: ReadonlyMap<string, Buckets>,
  reporter: Reporter,
  edge: Edge,
  plan: WindowPlan,
): Windows<Histogram> | null => {
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const at =
    (tag: string) =>
    (atMs: EpochMs): Histogram | null => {
      const buckets = found.get(`${tag} ${reporter} ${edgeKey(edge)}`)?.get(second(atMs));
      return buckets === undefined ? null : fromCumulative(buckets, perUnit);
    };
  const now = at('now')(plan.atMs);
  if (now === null) return null;
  /** Read from the ends of a window: a series that was reset inside may keep some of its buckets, which are no distribution. */
  const past =
    (tag: string) =>
    (atMs: EpochMs): Histogram | null => {
      const buckets = found.get(`${tag} ${reporter} ${edgeKey(edge)}`)?.get(second(atMs)) ?? [];
      const histogram = isDistribution(buckets) ? fromCumulative(buckets, perUnit) : null;
      return histogram !== null && sameBounds(now, histogram) ? histogram : null;
    };
  const [first, last] = [at('first')(plan.atMs), at('second')(plan.atMs)];
  return {
    now,
    halves: first === null || last === null ? null : [first, last],
    previous: null,
    local: localOf(plan, past('')),
    base: (['1h', '1d', '1w'] as const).flatMap((ago) => {
      const value = past(ago)(plan.atMs);
      return value === null ? [] : [{ ago, value }];
    }),
  };
};

/** The readings with the buckets of those edges that were asked. */
export const readLatency = (
  dialect: Dialect,
  cluster: string | null,
  range: readonly CountRow[],
  base: readonly CountRow[],
  plan: WindowPlan,
  readings: readonly EdgeReading[],
): readonly EdgeReading[] => {
  // Buckets of all callers together are summed by the source, and name no caller; of edges below everyone is named.
  const isTogether = readings.some(({ edge }) => isEverybody(edge.source));
  const found = bucketsOf(dialect, cluster, [...range, ...base], isTogether);
  return readings.map((reading) => ({
    ...reading,
    caller:
      reading.caller === null
        ? null
        : { ...reading.caller, latency: latencyWindows(dialect, found, 'caller', reading.edge, plan) },
    callee:
      reading.callee === null
        ? null
        : { ...reading.callee, latency: latencyWindows(dialect, found, 'callee', reading.edge, plan) },
  }));
};
