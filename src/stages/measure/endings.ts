import type { Dialect } from '../../domain/dialect.ts';
import { byEdgeKey, type Edge, edgeKey } from '../../domain/edge.ts';
import type { OutcomeClass } from '../../domain/outcome.ts';
import type { Reporter } from '../../domain/signals.ts';
import { type CountRow, type Row, rowsOf } from './rows.ts';

/** How requests of one edge ended that did not end well, as its two reporters counted them: the same requests, where both did. */
export type Ending = {
  readonly edge: Edge;
  readonly flags: readonly string[];
  /** HTTP status; "0" of none. Empty of a bare connection. */
  readonly code: string;
  readonly grpcStatus: string | null;
  readonly outcome: OutcomeClass;
  readonly atCaller: number;
  readonly atCallee: number;
  /** Of all that the reporter counted who saw more of them, 0–1. */
  readonly share: number;
};

type Tally = Omit<Ending, 'atCaller' | 'atCallee' | 'share'> & { readonly by: Record<Reporter, number> };

const countOf = ({ points }: Row): number => [...points.values()][0] ?? 0;

const ranks: Readonly<Record<OutcomeClass, number>> = { failed: 0, refused: 1, 'client-error': 2, 'client-left': 3, ok: 4 };

const most = ({ atCaller, atCallee }: Ending): number => Math.max(atCaller, atCallee);

/** Endings that are worth a line: all but a plain answer without a flag. Failures first, then by how often. */
export const readEndings = (dialect: Dialect, cluster: string | null, counts: readonly CountRow[]): readonly Ending[] => {
  const rows = rowsOf(dialect, cluster, counts);
  const totals = new Map<string, number>();
  const found = new Map<string, Tally>();
  for (const row of rows) {
    const { edge, reporter, flags, code, grpcStatus, outcome } = row.read;
    const total = `${reporter} ${edgeKey(edge)}`;
    totals.set(total, (totals.get(total) ?? 0) + countOf(row));
    if (outcome === 'ok' && flags.length === 0) continue;
    const key = JSON.stringify([edgeKey(edge), flags, code, grpcStatus, outcome]);
    const tally: Tally = found.get(key) ?? { edge, flags, code, grpcStatus, outcome, by: { caller: 0, callee: 0 } };
    found.set(key, tally);
    tally.by[reporter] += countOf(row);
  }
  const shareOf = (edge: Edge, reporter: Reporter, requests: number): number =>
    requests / Math.max(totals.get(`${reporter} ${edgeKey(edge)}`) ?? 0, requests, 1);
  return [...found.values()]
    .map(({ by: { caller, callee }, ...rest }) => ({
      ...rest,
      ...{ atCaller: caller, atCallee: callee },
      share: caller >= callee ? shareOf(rest.edge, 'caller', caller) : shareOf(rest.edge, 'callee', callee),
    }))
    .filter((one) => most(one) >= 0.5)
    .sort((a, b) => ranks[a.outcome] - ranks[b.outcome] || most(b) - most(a) || byEdgeKey(a.edge, b.edge));
};
