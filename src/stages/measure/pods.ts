import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { type Edge, edgeKey } from '../../domain/edge.ts';
import { tagged, tagLabel } from '../../domain/promql/union.ts';
import { selector, sumBy } from '../../domain/promql.ts';
import { outcomeLabels, readRow } from '../../domain/row.ts';
import { edgeMatchers } from '../../domain/selection.ts';
import type { EdgeReading, PodReading } from '../../domain/signals.ts';
import { growthBetween, increase } from './growth.ts';
import type { CountRow } from './rows.ts';
import type { WindowPlan } from './windows.ts';

const parts = ['now', 'before', 'sum', 'count'] as const;
type Part = (typeof parts)[number];

const tagOf = (index: number, part: Part): string => `pods/${index}/${part}`;

/**
 * The callee's own count of these edges, pod by pod, as parts of another question: they cost no call. The pod is a label that the scrape
 * adds (prometheus.io/docs/prometheus/latest/configuration, `kubernetes_sd_config`); where there is none, the address that is scraped.
 */
export const planPods = (dialect: Dialect, edges: readonly Edge[], plan: WindowPlan): readonly string[] => {
  const view = dialect.views.callee;
  const { pod, instance } = dialect.labels;
  const who = [...view.matchers.map(({ label }) => label), ...[pod, instance].filter((label) => label !== null)];
  const offsetSeconds = Math.round((plan.atMs - plan.local.endMs) / 1000);
  return edges.flatMap((edge, index) => {
    const matchers = edgeMatchers(view, edge);
    if (matchers === null) return [];
    const { requests, durationSum, durationCount } = dialect.metrics;
    const sum = (part: Part, metric: string, labels: readonly string[], growth: (series: string) => string): string =>
      tagged(tagOf(index, part), sumBy([...who, ...labels], growth(selector(metric, matchers))));
    return [
      sum('now', requests, outcomeLabels(dialect, view), increase(plan.seconds)),
      sum('before', requests, [], increase(plan.seconds, offsetSeconds)),
      sum('sum', durationSum, [], growthBetween(plan.seconds)),
      sum('count', durationCount, [], growthBetween(plan.seconds)),
    ];
  });
};

type Open = {
  isPod: boolean;
  version: string | null;
  requests: number;
  failed: number;
  sum: number;
  timed: number;
  before: number;
};

const nameless: Open = { isPod: false, version: null, requests: 0, failed: 0, sum: 0, timed: 0, before: 0 };

const podsAt = (dialect: Dialect, rows: readonly CountRow[], index: number): readonly PodReading[] => {
  const found = new Map<string, Open>();
  const label = (labels: CountRow['labels'], name: string | null): string | null =>
    name === null ? null : labelOf(labels, name);
  for (const part of parts)
    for (const { labels, points } of rows) {
      const value = points[0]?.[1] ?? Number.NaN;
      const pod = label(labels, dialect.labels.pod);
      const name = pod ?? label(labels, dialect.labels.instance);
      if (labelOf(labels, tagLabel) !== tagOf(index, part) || name === null || !Number.isFinite(value) || value < 0) continue;
      const row = readRow(dialect, null, labels);
      const known = found.get(name) ?? { ...nameless, isPod: pod !== null };
      if (part === 'now') {
        known.requests += value;
        known.failed += row?.outcome === 'failed' ? value : 0;
        known.version ??= row?.version ?? null;
      } else known[part === 'count' ? 'timed' : part] += value;
      found.set(name, known);
    }
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  return [...found]
    .map(([name, { sum, timed, ...rest }]) => ({
      name,
      ...rest,
      duration: timed > 0 ? { requests: timed, totalSeconds: sum * perUnit } : null,
    }))
    .sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1));
};

/** The readings, with the pods of those edges that were asked for them. */
export const withPods = (
  dialect: Dialect,
  rows: readonly CountRow[],
  edges: readonly Edge[],
  readings: readonly EdgeReading[],
): readonly EdgeReading[] => {
  const asked = new Map(edges.map((edge, index) => [edgeKey(edge), podsAt(dialect, rows, index)]));
  return readings.map((reading) => {
    const pods = asked.get(edgeKey(reading.edge)) ?? [];
    return pods.length === 0 ? reading : { ...reading, pods };
  });
};
