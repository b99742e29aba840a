import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { type Edge, edgeKey } from '../../domain/edge.ts';
import { fromCumulative } from '../../domain/histogram.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, readRow } from '../../domain/row.ts';
import type { EdgeReading, Histogram, Reporter, Windows } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { localOf } from './counts.ts';
import { type CountRow, second } from './rows.ts';
import { edgeMatchers } from './selection.ts';
import { tagged, tagLabel, union } from './union.ts';
import { hourAgoInRange, type WindowPlan } from './windows.ts';

/** One expression per view and edge, summed by edge and `le`, joined. */
const joined = (dialect: Dialect, edges: readonly Edge[], growth: (buckets: string) => string): string | null =>
  union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      edges.map((edge) => {
        const matchers = edgeMatchers(view, edge);
        if (matchers === null) return null;
        return sumBy([...edgeLabels(view), 'le'], growth(selector(dialect.metrics.durationBucket, matchers)));
      }),
    ),
  );

/**
 * What a bucket grew by in each window of the past, from its two ends alone: `increase` would read every sample between, ten times as many.
 * A series that was reset or born in a window is left out of that window, so now and the one before are asked as `increase`.
 */
const growthBetween =
  (seconds: number) =>
  (buckets: string): string =>
    `(${buckets} - ${buckets} offset ${duration(seconds)}) >= 0`;

const increase =
  (seconds: number, offsetSeconds: number) =>
  (buckets: string): string =>
    `increase(${buckets}[${duration(seconds)}]${offsetSeconds > 0 ? ` offset ${duration(offsetSeconds)}` : ''})`;

/** Wave 3: buckets of the alert's edge and its suspects only, in the windows of wave 2. */
export const planLatency = (dialect: Dialect, edges: readonly Edge[], plan: WindowPlan): readonly PlannedQuery[] => {
  const range = joined(dialect, edges, growthBetween(plan.seconds));
  if (range === null) return [];
  const half = plan.seconds / 2;
  const offsets = [
    ['now', plan.seconds, 0] as const,
    ['previous', plan.seconds, plan.seconds] as const,
    ...plan.base.map(({ ago, offsetSeconds }) => [ago, plan.seconds, offsetSeconds] as const),
    ['first', half, half] as const,
    ['second', half, 0] as const,
  ];
  const base = union(
    offsets.map(([tag, seconds, offset]) => {
      const promql = joined(dialect, edges, increase(seconds, offset));
      return promql === null ? null : tagged(tag, `(${promql})`);
    }),
  );
  return [
    {
      id: 'latency',
      what: 'the past of the latency',
      promql: range,
      budget: 'edge',
      kind: 'range',
      startMs: plan.older?.startMs ?? plan.rangeStartMs,
      endMs: plan.atMs,
      stepSeconds: plan.seconds,
    },
    ...(base === null
      ? []
      : [
          {
            id: 'latency-base',
            what: 'latency',
            promql: base,
            budget: 'edge' as const,
            kind: 'instant' as const,
            atMs: plan.atMs,
          },
        ]),
  ];
};

/** le → count at each moment, for one edge and reporter. */
type Buckets = Map<EpochMs, [string, number][]>;

const bucketsOf = (dialect: Dialect, cluster: string | null, rows: readonly CountRow[]): ReadonlyMap<string, Buckets> => {
  const found = new Map<string, Buckets>();
  for (const { labels, points } of rows) {
    const read = readRow(dialect, cluster, labels);
    const le = labelOf(labels, 'le');
    if (read === null || le === null) continue;
    const key = `${labelOf(labels, tagLabel) ?? ''} ${read.reporter} ${edgeKey(read.edge)}`;
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
  const [first, last] = [at('first')(plan.atMs), at('second')(plan.atMs)];
  const hourAgo = hourAgoInRange(plan);
  const base = (['1h', '1d', '1w'] as const).flatMap((ago) => {
    const value = at(ago)(plan.atMs) ?? (ago === '1h' && hourAgo !== null ? at('')(hourAgo) : null);
    return value === null ? [] : [{ ago, value }];
  });
  return {
    now,
    halves: first === null || last === null ? null : [first, last],
    previous: at('previous')(plan.atMs),
    local: localOf(plan, at(''), at('')),
    base,
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
  const found = bucketsOf(dialect, cluster, [...range, ...base]);
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
