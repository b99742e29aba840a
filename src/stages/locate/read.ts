import { type Labels, labelOf, labelsOf } from '../../domain/alert.ts';
import { byEdgeKey, type Edge, edgeKey, edgeTitle, type Located, nobody } from '../../domain/edge.ts';
import type { EpochMs } from '../../domain/time.ts';
import { branchLabel, guardLabel, guardsAt } from './bare.ts';
import { type Ends, endsOf } from './labels.ts';
import { isAt, type NamedEnd, sameCallee } from './named-end.ts';
import { underOneName } from './one-name.ts';
import type { Comparison, Shape } from './shape.ts';
import { fewRequests, volumeLabel } from './volume.ts';

/** A row of the rule's answer: labels and its values at `startsAt` and now. */
export type RuleRow = { readonly labels: Labels; readonly points: readonly (readonly [EpochMs, number])[] };

/** An edge with the worst value that the rule gives it, at which moment, by whose count. */
type RankedEdge = {
  readonly edge: Edge;
  readonly value: number;
  readonly atMs: EpochMs;
  /** Over the threshold, and meets the rule's other conditions. */
  readonly passes: boolean;
  /** Over the threshold. */
  readonly isOver: boolean;
  readonly severity: number;
  readonly reporter: string | null;
  /** A count that speaks of no caller at all (Envoy's inbound clusters, Linkerd without mutual TLS), unlike a caller outside the mesh. */
  readonly isCallerless: boolean;
  /** Too few requests for a share of them to mean anything. */
  readonly isThin: boolean;
};

const holds = (value: number, { op, threshold }: Comparison): boolean => {
  if (Number.isNaN(threshold)) return true;
  if (op === '>') return value > threshold;
  if (op === '>=') return value >= threshold;
  if (op === '<') return value < threshold;
  if (op === '<=') return value <= threshold;
  return op === '==' ? value === threshold : value !== threshold;
};

const edgeFrom = ({ source, destination }: Ends, cluster: string | null): Edge => ({
  cluster,
  source: source ?? nobody,
  destination: destination ?? nobody,
});

/** The comparison that fires on one side of an `or`: its own, else one around them all. */
const firing = ({ comparisons, branches }: Shape, branch: number): Comparison | null => {
  const side = branches[branch];
  return comparisons.find(({ over }) => side !== undefined && over.from <= side.from && over.to >= side.to) ?? null;
};

/** How bad a value is, so that the sides of an `or` can be compared: more is worse. */
const severity = (value: number, comparison: Comparison | null): number => {
  const { op, threshold } = comparison ?? { op: '>' as const, threshold: 0 };
  const scaled = Number.isFinite(threshold) && threshold !== 0 ? value / Math.abs(threshold) : value;
  return op === '<' || op === '<=' ? -scaled : scaled;
};

/** Never compared: set by the sender or by the split itself. */
const unfit = /^(reporter|direction|cluster|prometheus|prometheus_replica|replica|region|alertname|severity)$/;

/** Linkerd's callers count the same call with the callee under `dst_…`. */
const seenByCaller = (labels: Labels, name: string): string | null => labelOf(labels, `dst_${name}`);

const agrees = (labels: Labels, alert: Labels, seen: (name: string) => string | null): boolean =>
  Object.keys(labels).every((name) => {
    const said = labelOf(alert, name);
    return said === null || said === seen(name);
  });

/**
 * Rows of the alert's own series: no label of theirs says otherwise. All, where none is left (a static label hides a scraped one).
 * `callers`: the same workload as its callers count it.
 */
export const ownRows = (
  rows: readonly RuleRow[],
  alert: Labels,
): { readonly own: readonly RuleRow[]; readonly callers: readonly RuleRow[] } => {
  const compared = labelsOf(Object.entries(alert).filter(([name]) => !unfit.test(name)));
  const own = rows.filter(({ labels }) => agrees(labels, compared, (name) => labelOf(labels, name)));
  const callers = rows.filter(
    (row) =>
      !own.includes(row) &&
      labelOf(row.labels, 'direction') === 'outbound' &&
      agrees(row.labels, compared, (name) => seenByCaller(row.labels, name)),
  );
  return { own: own.length > 0 ? own : rows, callers: own.length > 0 ? callers : [] };
};

type Volumes = ReadonlyMap<string, number>;

/** The requests of each edge, by whoever counts more of them; nothing where they were not asked. */
const volumesOf = (rows: readonly RuleRow[]): Volumes => {
  const volumes = new Map<string, number>();
  for (const { labels, points } of rows) {
    const ends = labelOf(labels, volumeLabel) === null ? null : endsOf(labels);
    const key = ends === null ? null : edgeKey(edgeFrom(ends, null));
    if (key !== null)
      volumes.set(key, Math.max(volumes.get(key) ?? 0, ...points.map(([, value]) => value).filter(Number.isFinite)));
  }
  return volumes;
};

const ranked = (
  row: RuleRow,
  shape: Shape,
  cluster: string | null,
  isGuarded: boolean,
  volumes: Volumes,
): readonly RankedEdge[] => {
  const { labels, points } = row;
  const ends = endsOf(labels);
  if (ends === null || ends.destination === null || labelOf(labels, volumeLabel) !== null) return [];
  const isThin = (volumes.get(edgeKey(edgeFrom(ends, null))) ?? fewRequests) < fewRequests;
  const side = Number(labelOf(labels, branchLabel) ?? 0);
  const comparison = firing(shape, side);
  const branch = shape.branches[side];
  const meets = !isGuarded || !branch || guardsAt(shape, branch).length === 0 || labelOf(labels, guardLabel) !== null;
  return points
    .filter(([, value]) => Number.isFinite(value))
    .map(([atMs, value]) => {
      const isOver = comparison === null || holds(value, comparison);
      return {
        edge: edgeFrom(ends, cluster),
        value,
        atMs,
        passes: isOver && meets,
        isOver,
        severity: severity(value, comparison),
        reporter: ends.reporter ?? labelOf(labels, 'reporter'),
        isCallerless: ends.source === null && !ends.isUnmeshed,
        isThin,
      };
    });
};

/** A caller that the callee could not recognise is often counted a second time under its name, at its own proxy: it leads only when it is twice as bad. */
const weight = ({ severity: bad, edge }: RankedEdge): number =>
  edge.source.workload !== null ? bad : bad < 0 ? bad * 2 : bad / 2;

const worstFirst = (a: RankedEdge, b: RankedEdge): number =>
  Number(b.passes) - Number(a.passes) ||
  Number(b.isOver) - Number(a.isOver) ||
  Number(a.isThin) - Number(b.isThin) ||
  Number(a.isCallerless) - Number(b.isCallerless) ||
  (weight(a) === weight(b) ? byEdgeKey(a.edge, b.edge) : weight(b) - weight(a));

/** Every edge once, with the worst of its values; edges without one of their ends come last among their like. */
export const rankRule = (
  rows: readonly RuleRow[],
  shape: Shape,
  cluster: string | null,
  isGuarded = false,
): readonly RankedEdge[] => {
  const seen = new Set<string>();
  const volumes = volumesOf(rows);
  return rows
    .flatMap((row) => ranked(row, shape, cluster, isGuarded, volumes))
    .sort(worstFirst)
    .filter(({ edge }) => !seen.has(edgeKey(edge)) && seen.add(edgeKey(edge)));
};

const reporterText: ReadonlyMap<string, string> = new Map([
  ['source', "the caller's count"],
  ['waypoint', "the waypoint's count"],
  ['destination', "the callee's count"],
  ['outbound', "the caller's count"],
  ['inbound', "the callee's count"],
]);

/** What the rule gives: an edge, or only the workload where no count tells its callers. */
export type Chosen = { readonly edge: Edge; readonly located: Located; readonly isCallerless: boolean };

const wayText = (best: RankedEdge, rivals: number, way: 'expression' | 'rules-api', dropped: boolean): string => {
  const source = way === 'rules-api' ? 'the rules API' : "the alert's expression";
  const by = best.reporter === null ? '' : `, by ${reporterText.get(best.reporter) ?? best.reporter}`;
  const split = `edge from ${source}, split by caller and callee${rivals > 1 ? ` (worst of ${rivals})` : ''}${by}`;
  if (!best.isOver) return `no single edge is over the rule's threshold: ${edgeTitle(best.edge)} is the largest contributor`;
  if (!best.passes) return `${split}; no edge alone meets the rule's other conditions`;
  return dropped ? `${split}; the rule's other conditions could not be asked per edge` : split;
};

const alike = (a: RankedEdge, b: RankedEdge): boolean => a.passes === b.passes && a.isOver === b.isOver && a.isThin === b.isThin;

/** What a static label of the rule, or one that a person wrote, may name. */
type Hint = NamedEnd;

/** Edges at an end that the rule's author names, when there are such edges: a word that names nothing here is no hint. */
const hinted = (all: readonly RankedEdge[], hints: readonly Hint[]): readonly RankedEdge[] => {
  const [found] = hints.map((hint) => all.filter(({ edge }) => isAt(hint)(edge))).filter((edges) => edges.length > 0);
  return found ?? all;
};

/** The best edge with how it was found; null when the rule names none at all. `callers` stand in where its own rows tell no caller. */
export const chooseEdge = (
  own: readonly RankedEdge[],
  callers: readonly RankedEdge[],
  way: 'expression' | 'rules-api',
  { hints, isDropped }: { readonly hints: readonly Hint[]; readonly isDropped: boolean },
): Chosen | null => {
  const fit = hinted(underOneName(own, [...own, ...callers]), hints);
  const first = fit[0];
  if (!first) return null;
  const into = first.isCallerless
    ? [...fit, ...callers]
        .filter((other) => other.severity !== 0 && !other.isCallerless && sameCallee(other.edge, first.edge))
        .sort(worstFirst)
    : fit;
  const [best, second] = into.length > 0 ? into : fit;
  if (!best) return null;
  const rivals = into.filter((other) => alike(other, best)).length;
  const isRival = second !== undefined && alike(second, best);
  const share = isRival ? Math.abs(best.severity) / (Math.abs(best.severity) + Math.abs(second.severity) || 1) : 1;
  const isClose = isRival && share - (1 - share) <= 0.15;
  return {
    edge: best.edge,
    isCallerless: best.isCallerless,
    located: {
      way: best.isOver ? way : 'largest-contributor',
      score: best.isOver ? Number(Math.max(0.5, share).toFixed(2)) : 0.4,
      runnerUp: isClose ? { edge: second.edge, score: Number((1 - share).toFixed(2)) } : null,
      how: wayText(best, rivals, way, isDropped),
    },
  };
};
