import { type Labels, labelOf } from '../../domain/alert.ts';
import { sorted } from '../../domain/connections.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { byEdgeKey, calleeKey, calleeName, callerName, type Edge, edgeKey, type Located } from '../../domain/edge.ts';
import { elevated, type Trial, usualSensitivity } from '../../domain/inference/elevated.ts';
import { selfMade } from '../../domain/inference/ranking.ts';
import { tagged, tagLabel } from '../../domain/promql/union.ts';
import { duration, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels, readRow } from '../../domain/row.ts';
import type { Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isAt, type NamedEnd } from './named-end.ts';

const windowSeconds = 300;
const offsets = [
  ['now', 0],
  ['1h', 3600],
  ['1d', 86_400],
  ['1w', 604_800],
] as const;

/** The whole mesh in four windows, requests and bare connections, no buckets: the third way, for alerts that name nothing. */
export const planMesh = (dialect: Dialect, atMs: EpochMs): readonly PlannedQuery[] => {
  const { views, metrics } = dialect;
  const counted = [metrics.requests, metrics.connections].filter((metric) => metric !== null);
  const parts = offsets.flatMap(([tag, offset]) =>
    [views.caller, views.callee].flatMap((view) => {
      const shift = offset > 0 ? ` offset ${duration(offset)}` : '';
      const labels = [
        ...edgeLabels(view),
        ...outcomeLabels(dialect, view).filter((label) => label !== view.labels.destinationVersion),
      ];
      return counted.map((metric) =>
        tagged(tag, sumBy(labels, `increase(${selector(metric, view.matchers)}[${duration(windowSeconds)}]${shift})`)),
      );
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
  const all = rows.flatMap(({ labels, value }) => {
    const read = readRow(dialect, cluster, labels);
    return read === null || !Number.isFinite(value) || value < 0 ? [] : [{ read, labels, value }];
  });
  for (const { read, labels, value } of sorted(dialect, all, all)) {
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

type FirstLook = { readonly excess: number; readonly hasPast: boolean };

/** Failures beyond the same-hour windows at one reporter; 0 unless the first look finds them elevated. Without a past only what is plainly bad. */
const firstLook = ({ trials }: Cell, reporter: Reporter): FirstLook | null => {
  const now = trials.get(`${reporter} now`);
  if (!now) return null;
  const base = (['1h', '1d', '1w'] as const).map((tag): Trial => trials.get(`${reporter} ${tag}`) ?? { n: 0, x: 0 });
  const { hasPast, p, usual } = elevated({ halves: null, base, local: [], now }, { ...usualSensitivity, delta: 0.01 });
  const isSuspect = hasPast ? p < 0.01 : now.x >= 20 && now.x / now.n >= 0.05;
  return { excess: isSuspect ? Math.max(0, now.x - usual * now.n) : 0, hasPast };
};

const excessOf = (cell: Cell, reporter: Reporter): number | null => firstLook(cell, reporter)?.excess ?? null;

type Row = { readonly labels: Labels; readonly value: number };

const maxSuspects = 20;

/** An edge that the first look suspects. Without a past there is nothing for a second look: it stands on its absolute numbers. */
type Suspect = { readonly edge: Edge; readonly hasPast: boolean };

/** What the first look finds, the worst first. */
export const suspectsOf = (dialect: Dialect, cluster: string | null, rows: readonly Row[]): readonly Suspect[] =>
  [...cellsOf(dialect, cluster, rows).values()]
    .map((cell) => {
      const looks = [firstLook(cell, 'caller'), firstLook(cell, 'callee')].filter((look) => look !== null);
      const excess = looks.reduce((most, look) => Math.max(most, look.excess), 0);
      return { edge: cell.edge, excess, hasPast: looks.some(({ hasPast }) => hasPast) };
    })
    .filter(({ excess }) => excess > 0)
    .sort((a, b) => b.excess - a.excess || byEdgeKey(a.edge, b.edge))
    .slice(0, maxSuspects)
    .map(({ edge, hasPast }) => ({ edge, hasPast }));

/**
 * The edge that adds most bad events itself, never the largest excess: that names the top of the chain. `sick` are the
 * edges that also passed the second look: all others count as healthy, since a lone noisy edge would have all the blame.
 */
export const rankMesh = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly Row[],
  sick: readonly Edge[],
  end: NamedEnd | null,
): { readonly edge: Edge; readonly located: Located } | null => {
  const passed = new Set(sick.map(edgeKey));
  const cells = [...cellsOf(dialect, cluster, rows).values()].sort((a, b) => byEdgeKey(a.edge, b.edge));
  const excesses = cells.map((cell) => {
    const isSick = passed.has(edgeKey(cell.edge));
    const [atCaller, atCallee] = [excessOf(cell, 'caller'), excessOf(cell, 'callee')];
    return {
      caller: JSON.stringify([cell.edge.source.namespace, callerName(cell.edge)]),
      callee: JSON.stringify([cell.edge.destination.namespace, calleeName(cell.edge)]),
      atCaller: isSick ? (atCaller ?? atCallee ?? 0) : 0,
      atCallee: isSick ? atCallee : atCallee === null ? null : 0,
    };
  });
  const ranking = (eventsOf: (index: number) => number) =>
    cells
      .map((cell, index) => ({ edge: cell.edge, events: eventsOf(index) }))
      .filter(({ edge, events }) => events >= 10 && (end === null || isAt(end)(edge)))
      .sort((a, b) => b.events - a.events || byEdgeKey(a.edge, b.edge));
  const own = selfMade(excesses);
  const ofItsOwn = ranking((index) => own[index] ?? 0);
  // Where the alert names the workload, its worst edge is asked for, though another below may be to blame: the walk tells.
  const passedOn = ofItsOwn.length > 0 || end === null ? [] : ranking((index) => excesses[index]?.atCaller ?? 0);
  const ranked = ofItsOwn.length > 0 ? ofItsOwn : passedOn;
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
      how: `edge from a look over the whole mesh: ${passedOn.length > 0 ? 'it carries most of what fails' : 'it makes most of what fails itself'}`,
    },
  };
};

/** The busiest edge of a workload that an alert names, when nothing says that any edge of it is sick: it can at least be measured. */
export const busiestOf = (
  dialect: Dialect,
  cluster: string | null,
  rows: readonly Row[],
  end: NamedEnd,
): { readonly edge: Edge; readonly located: Located; readonly isBusiest: true } | null => {
  const requests = ({ trials }: Cell): number => Math.max(trials.get('caller now')?.n ?? 0, trials.get('callee now')?.n ?? 0);
  const [best] = [...cellsOf(dialect, cluster, rows).values()]
    .filter((cell) => requests(cell) >= 1 && isAt(end)(cell.edge))
    .sort((a, b) => requests(b) - requests(a) || byEdgeKey(a.edge, b.edge));
  if (!best) return null;
  const how = 'no edge of it stands out, its busiest is shown';
  return { edge: best.edge, located: { way: 'largest-contributor', score: 0.2, runnerUp: null, how }, isBusiest: true };
};
