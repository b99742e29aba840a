import { labelOf } from '../../domain/alert.ts';
import type { Dialect, View } from '../../domain/dialect.ts';
import { callerName, type Edge } from '../../domain/edge.ts';
import { fromCumulative } from '../../domain/histogram.ts';
import { union } from '../../domain/promql/union.ts';
import { duration, equals, type Matcher, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels, readRow } from '../../domain/row.ts';
import { calleeIn, edgeMatchers } from '../../domain/selection.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { Part, Split, SplitBy } from '../../domain/split.ts';
import type { AskedEdges } from './asked.ts';
import type { CountRow } from './rows.ts';
import { added, noCounts } from './stat.ts';

/** The callers know the version that they reached; a pod is told by the scrape of its own proxy alone. */
const viewsFor = ({ views }: Dialect, by: SplitBy): readonly View[] =>
  by === 'pod' ? [views.callee] : [views.caller, views.callee];

/** What names a part: the first that tells one. */
const namesFor = (dialect: Dialect, { labels }: View, by: SplitBy): readonly string[] =>
  (by === 'pod' ? [dialect.labels.pod, dialect.labels.instance] : [labels.destinationVersion, labels.destinationRevision]).filter(
    (label) => label !== null,
  );

const isCallee = ({ destination }: Edge, { name }: AskedEdges): boolean =>
  name !== null &&
  [destination.service, destination.workload].includes(name.name) &&
  (name.namespace === null || name.namespace === destination.namespace);

/** A service is all of its workloads; who names one of them means that one. */
const ofWorkload = ({ labels }: View, { destination }: Edge, { name }: AskedEdges): readonly Matcher[] =>
  name === null || labels.destinationWorkload === null || destination.service === name.name
    ? []
    : [equals(labels.destinationWorkload, name.name)];

const selectionsOf = (view: View, edges: readonly Edge[], question: AskedEdges): readonly (readonly Matcher[])[] => {
  const found = edges
    .filter((edge) => isCallee(edge, question))
    .flatMap((edge): readonly (readonly Matcher[])[] => {
      const matchers = question.from === null ? calleeIn(view, edge) : edgeMatchers(view, edge);
      return matchers === null ? [] : [[...matchers, ...ofWorkload(view, edge, question)]];
    });
  return [...new Map(found.map((matchers) => [JSON.stringify(matchers), matchers])).values()];
};

/** Counts and buckets of the callee that these edges lead to, by version or by pod: one call each, however many there are. */
export const planSplit = (
  dialect: Dialect,
  by: SplitBy,
  edges: readonly Edge[],
  question: AskedEdges,
): readonly PlannedQuery[] => {
  const each = (metric: string, labelsOf: (view: View) => readonly string[]): string | null =>
    union(
      viewsFor(dialect, by).flatMap((view) =>
        selectionsOf(view, edges, question).map((matchers) =>
          sumBy(
            [...new Set([...edgeLabels(view), ...namesFor(dialect, view, by), ...labelsOf(view)])],
            `increase(${selector(metric, matchers)}[${duration(question.seconds)}])`,
          ),
        ),
      ),
    );
  const query = (id: string, what: string, promql: string | null): readonly PlannedQuery[] =>
    promql === null ? [] : [{ id, what, promql, budget: 'edge', kind: 'instant', atMs: question.atMs }];
  return [
    ...query(
      'split-counts',
      `requests by ${by}`,
      each(dialect.metrics.requests, (view) => outcomeLabels(dialect, view)),
    ),
    ...query(
      'split-buckets',
      `latency by ${by}`,
      each(dialect.metrics.durationBucket, () => ['le']),
    ),
  ];
};

/** Istio writes `unknown` for what it does not know, and `latest` for a revision that nobody named (istio.io, "Canonical Service"). */
const nothing: ReadonlySet<string> = new Set(['', 'unknown', 'latest']);

type Read = {
  readonly part: Pick<Part, 'name' | 'namespace' | 'isAddress' | 'version'>;
  readonly caller: string;
  readonly reporter: Reporter;
};

const readPart = (dialect: Dialect, by: SplitBy, labels: CountRow['labels']): Read | null => {
  const row = readRow(dialect, null, labels);
  if (row === null) return null;
  const told = (label: string): string | null => {
    const text = labelOf(labels, label);
    return text === null || nothing.has(text) ? null : text;
  };
  const named = namesFor(dialect, dialect.views[row.reporter], by).find((label) => told(label) !== null);
  const { namespace } = row.edge.destination;
  return {
    part: {
      name: named === undefined ? null : told(named),
      namespace,
      isAddress: by === 'pod' && named === dialect.labels.instance,
      version: by === 'pod' ? row.version : null,
    },
    // The callee is named otherwise by some meshes' callees; there is but one, so its caller tells an edge from another.
    caller: JSON.stringify([row.edge.source.namespace, callerName(row.edge), namespace]),
    reporter: row.reporter,
  };
};

type Cell = { part: Part; readonly les: Map<string, number> };

/** Every version or pod once: of each caller its own count, else the callee's where that caller counted none. The busiest first. */
export const readSplit = (dialect: Dialect, by: SplitBy, counts: readonly CountRow[], buckets: readonly CountRow[]): Split => {
  const valued = (rows: readonly CountRow[]) =>
    rows.flatMap((row) => {
      const [read, value] = [readPart(dialect, by, row.labels), row.points[0]?.[1] ?? Number.NaN];
      return read === null || !Number.isFinite(value) ? [] : [{ ...read, labels: row.labels, value: Math.max(0, value) }];
    });
  const counted = valued(counts);
  const atCallers = new Set(
    counted.filter(({ reporter, value }) => reporter === 'caller' && value > 0).map(({ caller }) => caller),
  );
  const isChosen = ({ caller, reporter }: Read): boolean => (reporter === 'caller') === atCallers.has(caller);
  const cells = new Map<string, Cell>();
  const cellOf = ({ part }: Read): Cell => {
    const key = JSON.stringify([part.namespace, part.name]);
    const known: Cell = cells.get(key) ?? { part: { ...part, counts: noCounts, latency: null }, les: new Map() };
    cells.set(key, known);
    return known;
  };
  for (const one of counted.filter(isChosen)) {
    const cell = cellOf(one);
    const outcome = readRow(dialect, null, one.labels)?.outcome ?? 'ok';
    const version = cell.part.version ?? one.part.version;
    cell.part = { ...cell.part, version, counts: added(cell.part.counts, outcome, one.value) };
  }
  for (const one of valued(buckets).filter(isChosen)) {
    const [{ les }, le] = [cellOf(one), labelOf(one.labels, 'le')];
    if (le !== null) les.set(le, (les.get(le) ?? 0) + one.value);
  }
  const perUnit = dialect.durationUnit === 'ms' ? 0.001 : 1;
  const parts = [...cells.values()]
    .map(({ part, les }) => ({ ...part, latency: les.size === 0 ? null : fromCumulative([...les], perUnit) }))
    .sort((a, b) => b.counts.requests - a.counts.requests || ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
  return { parts, reporters: [...new Set(counted.filter(isChosen).map(({ reporter }) => reporter))].sort() };
};
