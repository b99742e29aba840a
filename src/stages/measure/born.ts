import type { RowLabels } from '../../domain/row.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type Grouped, type Row, second } from './rows.ts';
import type { WindowPlan } from './windows.ts';

const outcomeKey = ({ code, grpcStatus, flags, protocol, version, workload }: RowLabels): string =>
  JSON.stringify([code, grpcStatus, flags, protocol, version, workload]);

const totalAt = (rows: readonly Row[], atMs: EpochMs): number =>
  rows.reduce((sum, { points }) => sum + (points.get(atMs) ?? 0), 0);

/**
 * A counter that appears with a value has no increase yet (prometheus.io/docs/prometheus/latest/querying/functions, `increase`), so the
 * first failures of a new kind are invisible until their second scrape. What was born in the window counts with its whole value.
 * More than the edge has requests is no birth but a target that was not scraped before: left alone.
 */
const grown = (group: Grouped, born: readonly Row[], { atMs, seconds }: WindowPlan): Grouped => {
  const most = Math.max(totalAt(group.rows, atMs), totalAt(group.rows, atMs - seconds * 1000));
  const young = born.filter(({ points }) => (points.get(atMs) ?? 0) <= most);
  const values = new Map(young.map(({ read, points }) => [outcomeKey(read), points.get(atMs) ?? 0]));
  const known = new Set(group.rows.map(({ read }) => outcomeKey(read)));
  const rows = group.rows.map((row): Row => {
    const value = values.get(outcomeKey(row.read)) ?? 0;
    return value <= (row.points.get(atMs) ?? 0) ? row : { ...row, points: new Map([...row.points, [atMs, value]]) };
  });
  return { ...group, rows: [...rows, ...young.filter(({ read }) => !known.has(outcomeKey(read)))] };
};

/** The groups, with what was born in the window of now. */
export const withBorn = (
  groups: ReadonlyMap<string, Grouped>,
  born: ReadonlyMap<string, Grouped>,
  plan: WindowPlan,
): ReadonlyMap<string, Grouped> => {
  const rounded = { ...plan, atMs: second(plan.atMs) };
  return new Map([...groups].map(([key, group]) => [key, grown(group, born.get(key)?.rows ?? [], rounded)]));
};
