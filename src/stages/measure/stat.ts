import { labelOf } from '../../domain/alert.ts';
import type { Dialect, View } from '../../domain/dialect.ts';
import { byEdgeKey, type Edge, edgeKey } from '../../domain/edge.ts';
import { fromCumulative } from '../../domain/histogram.ts';
import { union } from '../../domain/promql/union.ts';
import { duration, equals, type Matcher, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels, readRow } from '../../domain/row.ts';
import type { Counts, Histogram, Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CountRow } from './rows.ts';

/** One end as a person names it; the namespace narrows the end that has the name. */
type StatEnd = { readonly namespace: string | null; readonly name: string };

/** Which edges a person asks for: into or out of a workload, of a pair, or all, of a namespace where one is given. */
export type StatQuestion = {
  readonly name: StatEnd | null;
  readonly from: StatEnd | null;
  readonly namespace: string | null;
  readonly seconds: number;
  readonly atMs: EpochMs;
};

const inside = (label: string | null, namespace: string | null): readonly Matcher[] =>
  namespace === null || label === null ? [] : [equals(label, namespace)];

const namesTo = ({ labels }: View, { namespace, name }: StatEnd): readonly (readonly Matcher[])[] =>
  [labels.destinationService, labels.destinationWorkload].flatMap((label) =>
    label === null ? [] : [[equals(label, name), ...inside(labels.destinationNamespace, namespace)]],
  );

const namesFrom = ({ labels }: View, { namespace, name }: StatEnd): readonly (readonly Matcher[])[] =>
  labels.sourceWorkload === null ? [] : [[equals(labels.sourceWorkload, name), ...inside(labels.sourceNamespace, namespace)]];

const selections = (view: View, { name, from, namespace }: StatQuestion): readonly (readonly Matcher[])[] => {
  if (name === null) return [[...view.matchers, ...inside(view.labels.destinationNamespace, namespace)]];
  const ends =
    from === null
      ? [...namesTo(view, name), ...namesFrom(view, name)]
      : namesTo(view, name).flatMap((to) => namesFrom(view, from).map((source) => [...to, ...source]));
  return ends.map((matchers) => [...view.matchers, ...matchers]);
};

/** Counts and buckets of the edges, one call each. */
export const planStat = (dialect: Dialect, question: StatQuestion): readonly PlannedQuery[] => {
  const each = (metric: string, labelsOf: (view: View) => readonly string[]): string | null =>
    union(
      [dialect.views.caller, dialect.views.callee].flatMap((view) =>
        selections(view, question).map((matchers) =>
          sumBy(labelsOf(view), `increase(${selector(metric, matchers)}[${duration(question.seconds)}])`),
        ),
      ),
    );
  const counts = each(dialect.metrics.requests, (view) => [
    ...edgeLabels(view),
    ...outcomeLabels(dialect, view).filter(
      (label) => label !== view.labels.destinationVersion && label !== dialect.labels.protocol,
    ),
  ]);
  const buckets = each(dialect.metrics.durationBucket, (view) => [...edgeLabels(view), 'le']);
  const query = (id: string, what: string, promql: string | null): readonly PlannedQuery[] =>
    promql === null ? [] : [{ id, what, promql, budget: 'edge', kind: 'instant', atMs: question.atMs }];
  return [...query('stat-counts', 'request figures', counts), ...query('stat-buckets', 'latency figures', buckets)];
};

/** One edge with its counts and latency, as the reporter that counts first saw it. */
export type StatEdge = {
  readonly edge: Edge;
  readonly reporter: Reporter;
  readonly counts: Counts;
  readonly latency: Histogram | null;
};

const none: Counts = { requests: 0, failed: 0, refused: 0, clientLeft: 0, clientError: 0 };

/** Every edge once, those without requests too: the caller's count, else the callee's where the caller counted none; busiest first. */
export const readStat = (
  dialect: Dialect,
  cluster: string | null,
  counts: readonly CountRow[],
  buckets: readonly CountRow[],
): readonly StatEdge[] => {
  const found = new Map<string, { edge: Edge; reporter: Reporter; counts: Counts; les: [string, number][] }>();
  const cell = (labels: CountRow['labels']) => {
    const read = readRow(dialect, cluster, labels);
    if (read === null) return null;
    const key = `${read.reporter} ${edgeKey(read.edge)}`;
    const known = found.get(key) ?? { edge: read.edge, reporter: read.reporter, counts: none, les: [] };
    found.set(key, known);
    return { known, read };
  };
  for (const { labels, points } of counts) {
    const value = points[0]?.[1] ?? 0;
    const at = cell(labels);
    if (at === null || !Number.isFinite(value)) continue;
    const { requests, failed, refused, clientLeft, clientError } = at.known.counts;
    const when = (outcome: string): number => (at.read.outcome === outcome ? value : 0);
    at.known.counts = {
      requests: requests + value,
      failed: failed + when('failed'),
      refused: refused + when('refused'),
      clientLeft: clientLeft + when('client-left'),
      clientError: clientError + when('client-error'),
    };
  }
  for (const { labels, points } of buckets) {
    const le = labelOf(labels, 'le');
    const at = cell(labels);
    if (at === null || le === null) continue;
    const same = at.known.les.find(([bound]) => bound === le);
    if (same) same[1] += points[0]?.[1] ?? 0;
    else at.known.les.push([le, points[0]?.[1] ?? 0]);
  }
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const requestsOf = (reporter: Reporter, edge: Edge): number => found.get(`${reporter} ${edgeKey(edge)}`)?.counts.requests ?? -1;
  return [...found.values()]
    .filter(({ reporter, edge }) => {
      const [atCaller, atCallee] = [requestsOf('caller', edge), requestsOf('callee', edge)];
      return reporter === 'caller' ? atCaller > 0 || atCallee <= 0 : atCaller <= 0 && (atCallee > 0 || atCaller < 0);
    })
    .map(({ edge, reporter, counts: total, les }) => ({
      edge,
      reporter,
      counts: total,
      latency: les.length === 0 ? null : fromCumulative(les, perUnit),
    }))
    .sort((a, b) => b.counts.requests - a.counts.requests || byEdgeKey(a.edge, b.edge));
};
