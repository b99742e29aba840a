import type { Dialect } from './dialect.ts';
import { calleeKey, type Edge, edgeKey } from './edge.ts';
import type { RowLabels } from './row.ts';
import { isConnection } from './tcp.ts';

/** A row whose labels are read, whatever it counts. */
type Read = { readonly read: RowLabels };

/**
 * Connections and requests are never added: rows of connections stand only for edges without requests. In an ambient mesh every request
 * also comes in a connection between two ztunnels, whoever made it (istio.io, "Ambient data plane"): there the callee decides.
 */
const withoutMixed = <Row extends Read>(dialect: Dialect, rows: readonly Row[], all: readonly Read[]): readonly Row[] => {
  if (!rows.some(({ read }) => isConnection(read))) return rows;
  const keyOf = dialect.name === 'ambient' ? calleeKey : edgeKey;
  const asked = new Set(all.filter(({ read }) => !isConnection(read)).map(({ read }) => keyOf(read.edge)));
  return rows.filter(({ read }) => !isConnection(read) || !asked.has(keyOf(read.edge)));
};

/**
 * An application that is down ends a connection before its TLS handshake is over, and its proxy never learns who called
 * (envoyproxy.io, "TCP proxy": it connects upstream at once). Such failures are the one known caller's, where there is only one.
 */
const withOnlyCaller = <Row extends Read>(rows: readonly Row[], all: readonly Read[]): readonly Row[] => {
  const callers = new Map<string, Map<string, Edge>>();
  for (const { read } of all) {
    if (!isConnection(read) || read.edge.source.workload === null) continue;
    const known = callers.get(calleeKey(read.edge)) ?? new Map<string, Edge>();
    callers.set(calleeKey(read.edge), known.set(edgeKey(read.edge), read.edge));
  }
  return rows.map((row) => {
    const { read } = row;
    const isNameless = read.reporter === 'callee' && read.edge.source.workload === null && read.outcome === 'failed';
    const known = isConnection(read) && isNameless ? [...(callers.get(calleeKey(read.edge))?.values() ?? [])] : [];
    return known.length === 1 && known[0] ? { ...row, read: { ...read, edge: known[0] } } : row;
  });
};

/** Rows of connections, each where it belongs; `all` are the rows of every moment, since who makes requests may make none just now. */
export const sorted = <Row extends Read>(dialect: Dialect, rows: readonly Row[], all: readonly Read[]): readonly Row[] =>
  withOnlyCaller(withoutMixed(dialect, rows, all), all);
