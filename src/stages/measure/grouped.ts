import { calledByAll, type Edge, edgeKey, isEverybody, isSameCallee } from '../../domain/edge.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { Grouped, Row } from './rows.ts';

const workloadKey = ({ destination }: Edge): string => JSON.stringify([destination.namespace, destination.workload]);

/** Workload → the service that callers print for it: some callees print only their own workload. */
export const servicesOf = (rows: readonly Row[]): ReadonlyMap<string, string> =>
  new Map(
    rows.flatMap(({ read }) =>
      read.reporter === 'caller' && read.edge.destination.workload !== null && read.edge.destination.service !== null
        ? [[workloadKey(read.edge), read.edge.destination.service]]
        : [],
    ),
  );

const withService = (edge: Edge, services: ReadonlyMap<string, string>): Edge => {
  const { destination } = edge;
  if (destination.service !== null || destination.workload === null) return edge;
  const service = services.get(workloadKey(edge));
  return service === undefined ? edge : { ...edge, destination: { ...destination, service } };
};

export const groupKey = (reporter: Reporter, edge: Edge): string => `${reporter} ${edgeKey(edge)}`;

/** The edge of a row and, where it leads to the callee that is asked about as all see it, that of all callers together. */
const edgesOf = (edge: Edge, asked: Edge | null): readonly Edge[] =>
  asked !== null && isEverybody(asked.source) && isSameCallee(edge, asked) ? [edge, calledByAll(edge)] : [edge];

/** Rows by reporter and edge. */
export const grouped = (
  rows: readonly Row[],
  services: ReadonlyMap<string, string>,
  asked: Edge | null,
): ReadonlyMap<string, Grouped> => {
  const groups = new Map<string, { edge: Edge; reporter: Reporter; rows: Row[] }>();
  for (const row of rows)
    for (const edge of edgesOf(withService(row.read.edge, services), asked)) {
      const key = groupKey(row.read.reporter, edge);
      const group = groups.get(key) ?? { edge, reporter: row.read.reporter, rows: [] };
      group.rows.push(row);
      if (group.edge.destination.workload === null) group.edge = edge;
      groups.set(key, group);
    }
  return groups;
};
