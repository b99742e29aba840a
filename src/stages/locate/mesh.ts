import { type Labels, labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import {
  byEdgeKey,
  calleeKey,
  calleeName,
  callerName,
  type Edge,
  type EdgeEnd,
  edgeKey,
  type Located,
} from '../../domain/edge.ts';
import { elevated, type Trial, usualSensitivity } from '../../domain/inference/elevated.ts';
import { selfMade } from '../../domain/inference/ranking.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels, readRow } from '../../domain/row.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';

const tagLabel = 'edgewise';
const windowSeconds = 300;
const offsets = [
  ['now', 0],
  ['1h', 3600],
  ['1d', 86_400],
  ['1w', 604_800],
] as const;

/** The whole mesh in four windows, no buckets: the third way, for alerts that name nothing (design §7). */
export const planMesh = (dialect: Dialect, atMs: EpochMs): readonly PlannedQuery[] => {
  const parts = offsets.flatMap(([tag, offset]) =>
    [dialect.views.caller, dialect.views.callee].map((view) => {
      const shift = offset > 0 ? ` offset ${duration(offset)}` : '';
      const labels = [
        ...edgeLabels(view),
        ...outcomeLabels(dialect, view).filter((label) => label !== view.labels.destinationVersion),
      ];
      return `label_replace(${sumBy(labels, `increase(${selector(dialect.metrics.requests, view.matchers)}[${duration(windowSeconds)}]${shift})`)}, "${tagLabel}", "${tag}", "", "")`;
    }),
  );
  return [{ id: 'mesh', what: 'the whole mesh', promql: parts.join(' or '), budget: 'edge', kind: 'instant', atMs }];
};

type Cell = { edge: Edge; readonly trials: Map<string, { n: number; x: number }> };

const cellsOf = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly { readonly labels: Labels; readonly value: number }[],
): ReadonlyMap<string, Cell> => {
  const cells = new Map<string, Cell>();
  for (const { labels, value } of rows) {
    const read = readRow(dialect, cluster, labels);
    if (read === null || !Number.isFinite(value) || value < 0) continue;
    const cell = cells.get(edgeKey(read.edge)) ?? { edge: read.edge, trials: new Map() };
    const name = `${read.reporter} ${labelOf(labels, tagLabel)}`;
    const trial = cell.trials.get(name) ?? { n: 0, x: 0 };
    trial.n += value;
    if (read.outcome === 'failed' || read.outcome === 'refused') trial.x += value;
    cell.trials.set(name, trial);
    cells.set(edgeKey(read.edge), cell);
  }
  return cells;
};

/** Failures beyond the usual at one reporter; 0 unless the first look finds them elevated. */
const excessOf = ({ trials }: Cell, reporter: Reporter): number | null => {
  const now = trials.get(`${reporter} now`);
  if (!now) return null;
  const base = (['1h', '1d', '1w'] as const).map((tag): Trial => trials.get(`${reporter} ${tag}`) ?? { n: 0, x: 0 });
  const seen = elevated({ halves: null, base, local: [], now }, { ...usualSensitivity, delta: 0.01 });
  const isSuspect = seen.hasPast ? seen.p < 0.01 : now.x >= 20 && now.x / now.n >= 0.05;
  return isSuspect ? Math.max(0, now.x - seen.usual * now.n) : 0;
};

/** The edge that adds most bad events itself, never the largest excess: that names the top of the chain (inference §5). */
export const rankMesh = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly { readonly labels: Labels; readonly value: number }[],
  end: { readonly role: 'caller' | 'callee'; readonly workload: EdgeEnd } | null,
): { readonly edge: Edge; readonly located: Located } | null => {
  const cells = [...cellsOf(dialect, cluster, rows).values()].sort((a, b) => byEdgeKey(a.edge, b.edge));
  const excesses = cells.map((cell) => ({
    caller: JSON.stringify([cell.edge.source.namespace, callerName(cell.edge)]),
    callee: JSON.stringify([cell.edge.destination.namespace, calleeName(cell.edge)]),
    atCaller: excessOf(cell, 'caller') ?? excessOf(cell, 'callee') ?? 0,
    atCallee: excessOf(cell, 'callee'),
  }));
  const own = selfMade(excesses);
  const mine = (edge: Edge): boolean => {
    if (end === null) return true;
    const [name, wanted] =
      end.role === 'caller'
        ? [callerName(edge), end.workload.workload]
        : [calleeName(edge), end.workload.service ?? end.workload.workload];
    return name === wanted || (end.role === 'callee' && edge.destination.workload === wanted);
  };
  const ranked = cells
    .map((cell, index) => ({ edge: cell.edge, events: own[index] ?? 0 }))
    .filter(({ edge, events }) => events >= 10 && mine(edge))
    .sort((a, b) => b.events - a.events || byEdgeKey(a.edge, b.edge));
  const [best] = ranked;
  if (!best) return null;
  const second = ranked.find(({ edge }) => calleeKey(edge) !== calleeKey(best.edge));
  const total = ranked.reduce((sum, { events }) => sum + events, 0);
  const score = best.events / total;
  const rival = second ? second.events / total : 0;
  return {
    edge: best.edge,
    located: {
      way: 'self-made',
      score: Number(score.toFixed(2)),
      runnerUp: second && score - rival <= 0.15 ? { edge: second.edge, score: Number(rival.toFixed(2)) } : null,
      how: 'edge from a look over the whole mesh: it makes most bad requests itself',
    },
  };
};
