import { type Labels, labelOf } from '../../domain/alert.ts';
import { grpcNumber } from '../../domain/grpc.ts';
import { fromCumulative } from '../../domain/histogram.ts';
import { linkerdFlags } from '../../domain/linkerd-error.ts';
import { flagsOf, type OutcomeClass, outcomeBy, outcomeCases } from '../../domain/outcome.ts';
import { union } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { RouteFamily, RouteReading } from '../../domain/route.ts';
import type { Counts } from '../../domain/signals.ts';
import type { AskedEdges } from './asked.ts';
import { calleeIn, routeSelections } from './routes-selection.ts';
import type { CountRow } from './rows.ts';
import { added, noCounts } from './stat.ts';

const labelsOf = ({ routes, routeKind, callee }: RouteFamily): readonly string[] => [
  ...routes,
  ...(routeKind === null ? [] : [routeKind]),
  ...callee
    .flatMap((label) => (label.kind === 'host' ? [label.host] : [label.name, label.namespace]))
    .filter((name) => name !== null),
];

const outcomeLabels = ({ outcome }: RouteFamily): readonly string[] => Object.values(outcome).filter((label) => label !== null);

/** Ids of the two questions about one family. */
const idOf = (what: 'counts' | 'buckets', index: number): string => `routes-${what}-${index}`;

/** Counts and buckets by route: two calls for each kind of route that this mesh may have. */
export const planRoutes = (families: readonly RouteFamily[], question: AskedEdges): readonly PlannedQuery[] =>
  families.flatMap((family, index): readonly PlannedQuery[] => {
    const each = (metric: string, labels: readonly string[]): string | null =>
      union(
        routeSelections(family, question).map((matchers) =>
          sumBy([...new Set(labels)], `increase(${selector(metric, matchers)}[${duration(question.seconds)}])`),
        ),
      );
    const query = (id: string, what: string, promql: string | null): readonly PlannedQuery[] =>
      promql === null ? [] : [{ id, what, promql, budget: 'edge', kind: 'instant', atMs: question.atMs }];
    return [
      ...query(
        idOf('counts', index),
        `figures of ${family.definedBy}`,
        each(family.requests, [...labelsOf(family), ...outcomeLabels(family)]),
      ),
      ...query(
        idOf('buckets', index),
        `latency of ${family.definedBy}`,
        each(family.durationBucket, [...labelsOf(family), 'le']),
      ),
    ];
  });

/** An empty value is a label that is not there; Istio prints `unknown` for what it does not know. */
const value = (labels: Labels, label: string | null): string | null => {
  const text = label === null ? null : labelOf(labels, label);
  return text === '' || text === 'unknown' ? null : text;
};

const routeOf = (family: RouteFamily, labels: Labels): string | null => {
  if (value(labels, family.routeKind) === 'default') return family.rest;
  return family.routes.map((label) => value(labels, label)).find((text) => text !== null) ?? family.rest;
};

/** One definition of what failed, whatever the labels are called. */
const outcomeOf = ({ outcome }: RouteFamily, labels: Labels): OutcomeClass =>
  outcomeBy(outcomeCases, {
    said: value(labels, outcome.classification),
    code: value(labels, outcome.code) ?? '',
    grpcStatus: grpcNumber(value(labels, outcome.grpcStatus)),
    flags: [...flagsOf(value(labels, outcome.flags) ?? '-'), ...linkerdFlags(value(labels, outcome.error))],
  });

type Cell = Omit<RouteReading, 'latency' | 'counts'> & { counts: Counts; readonly les: Map<string, number> };

const cellsOf = (family: RouteFamily, counts: readonly CountRow[], buckets: readonly CountRow[]): ReadonlyMap<string, Cell> => {
  const found = new Map<string, Cell>();
  const cell = (labels: Labels): Cell | null => {
    const [service, route] = [calleeIn(family, labels), routeOf(family, labels)];
    if (service === null || route === null) return null;
    const key = JSON.stringify([service.namespace, service.name, route]);
    const known: Cell = found.get(key) ?? { service, route, family, counts: noCounts, les: new Map() };
    found.set(key, known);
    return known;
  };
  for (const { labels, points } of counts) {
    const [at, count] = [cell(labels), points[0]?.[1] ?? 0];
    if (at !== null && count > 0) at.counts = added(at.counts, outcomeOf(family, labels), count);
  }
  for (const { labels, points } of buckets) {
    const [at, le] = [cell(labels), labelOf(labels, 'le')];
    if (at !== null && le !== null) at.les.set(le, (at.les.get(le) ?? 0) + (points[0]?.[1] ?? 0));
  }
  return found;
};

const readingOf = ({ les, ...rest }: Cell): RouteReading => ({
  ...rest,
  latency: les.size === 0 ? null : fromCumulative([...les], rest.family.durationUnit === 'ms' ? 0.001 : 1),
});

/** Every route of a service once, by the first family that counted it; the busiest first. Half a request is none. */
export const readRoutes = (
  families: readonly RouteFamily[],
  rowsOf: (id: string) => readonly CountRow[],
): readonly RouteReading[] => {
  const chosen = new Map<string, Cell>();
  for (const [index, family] of families.entries())
    for (const [key, cell] of cellsOf(family, rowsOf(idOf('counts', index)), rowsOf(idOf('buckets', index))))
      if (cell.counts.requests >= 0.5 && !chosen.has(key)) chosen.set(key, cell);
  return [...chosen]
    .sort(([a, x], [b, y]) => y.counts.requests - x.counts.requests || (a < b ? -1 : 1))
    .map(([, cell]) => readingOf(cell));
};

/** Somebody defined it: more than the rest, which every mesh has. */
export const isDefined = ({ route, family }: RouteReading): boolean => route !== family.rest;
