import { type Edge, edgeKey } from '../../domain/edge.ts';

const byWorkload = ({ source, destination }: Edge): string | null =>
  destination.workload === null
    ? null
    : JSON.stringify([source.namespace, source.workload, destination.namespace, destination.workload]);

/**
 * The callee's own proxy knows its workload, the caller's also the service that was called (Linkerd counts so): one edge, told by the
 * service. `all` are the edges that may tell it; of two that become one the first stays.
 */
export const underOneName = <T extends { readonly edge: Edge }>(edges: readonly T[], all: readonly T[]): readonly T[] => {
  const named = new Map<string, Edge>();
  for (const { edge } of all) {
    const key =
      edge.destination.service === null || edge.destination.service === edge.destination.workload ? null : byWorkload(edge);
    if (key !== null && !named.has(key)) named.set(key, edge);
  }
  const seen = new Set<string>();
  return edges
    .map((one) => ({
      ...one,
      edge: (one.edge.destination.service === null && named.get(byWorkload(one.edge) ?? '')) || one.edge,
    }))
    .filter(({ edge }) => !seen.has(edgeKey(edge)) && seen.add(edgeKey(edge)));
};
