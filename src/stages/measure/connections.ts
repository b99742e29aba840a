import type { Dialect } from '../../domain/dialect.ts';
import { calleeKey, edgeKey } from '../../domain/edge.ts';
import { isConnection } from '../../domain/tcp.ts';
import type { Row } from './rows.ts';

/**
 * Connections and requests are never added: rows of connections stand only for edges without requests. In an ambient mesh every request
 * also comes in a connection between two ztunnels, whoever made it (istio.io, "Ambient data plane"): there the callee decides.
 */
export const withoutMixed = (dialect: Dialect, rows: readonly Row[], all: readonly Row[]): readonly Row[] => {
  if (!rows.some(({ read }) => isConnection(read))) return rows;
  const keyOf = dialect.name === 'ambient' ? calleeKey : edgeKey;
  const asked = new Set(all.filter(({ read }) => !isConnection(read)).map(({ read }) => keyOf(read.edge)));
  return rows.filter(({ read }) => !isConnection(read) || !asked.has(keyOf(read.edge)));
};
