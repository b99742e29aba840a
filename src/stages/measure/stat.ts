import { labelOf } from '../../domain/alert.ts';
import { sorted } from '../../domain/connections.ts';
import type { Dialect, View } from '../../domain/dialect.ts';
import { byEdgeKey, type Edge, edgeKey } from '../../domain/edge.ts';
import { fromCumulative } from '../../domain/histogram.ts';
import type { OutcomeClass } from '../../domain/outcome.ts';
import { union } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels, readRow } from '../../domain/row.ts';
import type { Counts, Histogram, Reporter } from '../../domain/signals.ts';
import { isConnection } from '../../domain/tcp.ts';
import { type AskedEdges, selectionsOf } from './asked.ts';
import { type CountRow, type Row, rowsOf } from './rows.ts';

/** Buckets are most of what a mesh counts: of a question that shows no latency they are left out. */
export type Figures = 'requests' | 'requests and latency';

/** Counts and buckets of the edges, one call each. */
export const planStat = (dialect: Dialect, question: AskedEdges, figures: Figures): readonly PlannedQuery[] => {
  const each = (metric: string, labelsOf: (view: View) => readonly string[]): string | null =>
    union(
      [dialect.views.caller, dialect.views.callee].flatMap((view) =>
        selectionsOf(view, question).map((matchers) =>
          sumBy(labelsOf(view), `increase(${selector(metric, matchers)}[${duration(question.seconds)}])`),
        ),
      ),
    );
  const { requests, connections } = dialect.metrics;
  const outcomes =
    (...without: readonly (string | null)[]) =>
    (view: View): readonly string[] => [
      ...edgeLabels(view),
      ...outcomeLabels(dialect, view).filter((label) => label !== view.labels.destinationVersion && !without.includes(label)),
    ];
  const counts = union([
    each(requests, outcomes(dialect.labels.protocol)),
    // The protocol tells a connection from a request that has no code.
    connections === null ? null : each(connections, outcomes()),
  ]);
  const buckets = figures === 'requests' ? null : each(dialect.metrics.durationBucket, (view) => [...edgeLabels(view), 'le']);
  const query = (id: string, what: string, promql: string | null): readonly PlannedQuery[] =>
    promql === null ? [] : [{ id, what, promql, budget: 'edge', kind: 'instant', atMs: question.atMs }];
  return [...query('stat-counts', 'request figures', counts), ...query('stat-buckets', 'latency figures', buckets)];
};

/** One edge with its counts and latency, as the reporter that counts first saw it. */
export type StatEdge = {
  readonly edge: Edge;
  readonly reporter: Reporter;
  /** What is counted. Of bare TCP: the connections that ended (istio.io, "Istio Standard Metrics"). */
  readonly noun: 'request' | 'connection';
  readonly counts: Counts;
  readonly latency: Histogram | null;
};

type Cell = {
  readonly edge: Edge;
  readonly reporter: Reporter;
  noun: StatEdge['noun'];
  counts: Counts;
  readonly les: Map<string, number>;
};

/** Nothing was counted. */
export const noCounts: Counts = { requests: 0, failed: 0, refused: 0, clientLeft: 0, clientError: 0 };

const firstValue = ({ points }: Row): number => [...points.values()][0] ?? 0;

/** So many more requests that ended so. */
export const added = (
  { requests, failed, refused, clientLeft, clientError }: Counts,
  became: OutcomeClass,
  value: number,
): Counts => {
  const when = (outcome: OutcomeClass): number => (became === outcome ? value : 0);
  return {
    requests: requests + value,
    failed: failed + when('failed'),
    refused: refused + when('refused'),
    clientLeft: clientLeft + when('client-left'),
    clientError: clientError + when('client-error'),
  };
};

/** Every edge once, those without requests too: the caller's count, else the callee's where the caller counted none; busiest first. */
export const readStat = (
  dialect: Dialect,
  cluster: string | null,
  counts: readonly CountRow[],
  buckets: readonly CountRow[],
): readonly StatEdge[] => {
  const found = new Map<string, Cell>();
  const keyOf = (reporter: Reporter, edge: Edge): string => `${reporter} ${edgeKey(edge)}`;
  const cell = ({ edge, reporter }: Pick<Cell, 'edge' | 'reporter'>): Cell => {
    const key = keyOf(reporter, edge);
    const known: Cell = found.get(key) ?? { edge, reporter, noun: 'request', counts: noCounts, les: new Map() };
    found.set(key, known);
    return known;
  };
  const rows = rowsOf(dialect, cluster, counts);
  for (const row of sorted(dialect, rows, rows)) {
    const at = cell(row.read);
    if (isConnection(row.read)) at.noun = 'connection';
    at.counts = added(at.counts, row.read.outcome, firstValue(row));
  }
  for (const { labels, points } of buckets) {
    const le = labelOf(labels, 'le');
    const read = readRow(dialect, cluster, labels);
    if (read === null || le === null) continue;
    const { les } = cell(read);
    les.set(le, (les.get(le) ?? 0) + (points[0]?.[1] ?? 0));
  }
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const requestsOf = (reporter: Reporter, edge: Edge): number => found.get(keyOf(reporter, edge))?.counts.requests ?? -1;
  return [...found.values()]
    .filter(({ reporter, edge }) => {
      const [atCaller, atCallee] = [requestsOf('caller', edge), requestsOf('callee', edge)];
      return reporter === 'caller' ? atCaller > 0 || atCallee <= 0 : atCaller <= 0 && (atCallee > 0 || atCaller < 0);
    })
    .map(({ les, ...rest }) => ({ ...rest, latency: les.size === 0 ? null : fromCumulative([...les], perUnit) }))
    .sort((a, b) => b.counts.requests - a.counts.requests || byEdgeKey(a.edge, b.edge));
};
