import { labelOf } from '../../domain/alert.ts';
import type { Dialect, Security, View } from '../../domain/dialect.ts';
import { byEdgeKey, type Edge, edgeKey } from '../../domain/edge.ts';
import { union } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, readRow } from '../../domain/row.ts';
import type { Reporter } from '../../domain/signals.ts';
import { type AskedEdges, selectionsOf } from './asked.ts';
import type { CountRow } from './rows.ts';

const shownBy = ({ label, reason, clientIdentity, serverIdentity }: Security): readonly string[] =>
  [label, reason, clientIdentity, serverIdentity].filter((name) => name !== null);

/** How requests and connections of the edges were secured, and between whom: one call. */
export const planSecurity = (dialect: Dialect, question: AskedEdges): readonly PlannedQuery[] => {
  const { requests, connections } = dialect.metrics;
  const part = (view: View, metric: string): readonly string[] =>
    selectionsOf(view, question).map((matchers) =>
      sumBy(
        [...new Set([...edgeLabels(view), ...shownBy(view.security)])],
        `increase(${selector(metric, matchers)}[${duration(question.seconds)}])`,
      ),
    );
  const views = [dialect.views.caller, dialect.views.callee];
  const promql = union(
    [requests, connections].flatMap((metric) => (metric === null ? [] : views.flatMap((view) => part(view, metric)))),
  );
  return promql === null
    ? []
    : [{ id: 'edge-security', what: 'mTLS figures', promql, budget: 'edge', kind: 'instant', atMs: question.atMs }];
};

/** How one edge was secured, of what both reporters say. */
export type SecuredEdge = {
  readonly edge: Edge;
  /** Share of requests and connections over mutual TLS, 0–1; null where neither reporter tells. */
  readonly securedRatio: number | null;
  /** Identities as proven by certificates, most used first. */
  readonly clients: readonly string[];
  readonly servers: readonly string[];
  /** Why some were not, in the proxies' words. */
  readonly reasons: readonly string[];
};

type Tally = {
  readonly edge: Edge;
  total: number;
  secured: number;
  open: number;
  readonly clients: Map<string, number>;
  readonly servers: Map<string, number>;
  readonly reasons: Map<string, number>;
};

const value = (labels: CountRow['labels'], label: string | null): string | null => {
  const text = label === null ? null : labelOf(labels, label);
  return text === 'unknown' || text === '' ? null : text;
};

const mostFirst = (counted: ReadonlyMap<string, number>): readonly string[] =>
  [...counted].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([name]) => name);

const add = (counted: Map<string, number>, name: string | null, count: number): void => {
  if (name !== null) counted.set(name, (counted.get(name) ?? 0) + count);
};

/** A peer's identity comes from its certificate: where it is known there was mutual TLS, whatever the policy label says. */
const isSecured = (
  { label, secured, open, clientIdentity, serverIdentity }: Security,
  labels: CountRow['labels'],
): boolean | null => {
  const state = value(labels, label);
  if (state !== null && secured.includes(state)) return true;
  if (state !== null && open.includes(state)) return false;
  return value(labels, serverIdentity) !== null || value(labels, clientIdentity) !== null ? true : null;
};

const tallies = (dialect: Dialect, cluster: string | null, rows: readonly CountRow[]): ReadonlyMap<string, Tally> => {
  const found = new Map<string, Tally>();
  for (const { labels, points } of rows) {
    const read = readRow(dialect, cluster, labels);
    const count = points[0]?.[1] ?? 0;
    if (read === null || !(count > 0)) continue;
    const { security } = dialect.views[read.reporter];
    const key = `${read.reporter} ${edgeKey(read.edge)}`;
    const tally: Tally = found.get(key) ?? {
      ...{ edge: read.edge, total: 0, secured: 0, open: 0 },
      ...{ clients: new Map(), servers: new Map(), reasons: new Map() },
    };
    found.set(key, tally);
    const is = isSecured(security, labels);
    tally.total += count;
    if (is === true) tally.secured += count;
    if (is === false) tally.open += count;
    add(tally.clients, value(labels, security.clientIdentity), count);
    add(tally.servers, value(labels, security.serverIdentity), count);
    if (is === false) add(tally.reasons, value(labels, security.reason), count);
  }
  return found;
};

const merged = (
  one: ReadonlyMap<string, number> = new Map(),
  other: ReadonlyMap<string, number> = new Map(),
): readonly string[] => {
  const both = new Map(one);
  for (const [name, count] of other) both.set(name, Math.max(count, both.get(name) ?? 0));
  return mostFirst(both);
};

/** Every edge once. Who was called proves it, and so comes before its caller's view; edges that nobody is known to secure come first. */
export const readSecurity = (dialect: Dialect, cluster: string | null, rows: readonly CountRow[]): readonly SecuredEdge[] => {
  const found = tallies(dialect, cluster, rows);
  const of = (reporter: Reporter, key: string): Tally | undefined => found.get(`${reporter} ${key}`);
  const keys = new Set([...found.values()].map(({ edge }) => edgeKey(edge)));
  return [...keys]
    .flatMap((key): readonly SecuredEdge[] => {
      const [callee, caller] = [of('callee', key), of('caller', key)];
      const edge = (callee ?? caller)?.edge;
      if (edge === undefined) return [];
      const told = [callee, caller].find((tally) => tally !== undefined && tally.secured + tally.open > 0);
      return [
        {
          edge,
          securedRatio: told === undefined ? null : told.secured / (told.secured + told.open),
          clients: merged(callee?.clients, caller?.clients),
          servers: merged(callee?.servers, caller?.servers),
          reasons: merged(callee?.reasons, caller?.reasons),
        },
      ];
    })
    .sort((a, b) => (a.securedRatio ?? 0.5) - (b.securedRatio ?? 0.5) || byEdgeKey(a.edge, b.edge));
};
