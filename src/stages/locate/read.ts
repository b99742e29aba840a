import { type Labels, labelOf } from '../../domain/alert.ts';
import { byEdgeKey, type Edge, edgeKey, edgeTitle, type Located, nobody } from '../../domain/edge.ts';
import type { EpochMs } from '../../domain/time.ts';
import { type Ends, endsOf } from './labels.ts';
import type { Comparison, Shape } from './shape.ts';

/** A row of the rule's answer: labels and its values at `startsAt` and now. */
export type RuleRow = { readonly labels: Labels; readonly points: readonly (readonly [EpochMs, number])[] };

/** An edge with the worst value that the rule gives it, at which moment, by whose count. */
export type RankedEdge = {
  readonly edge: Edge;
  readonly value: number;
  readonly atMs: EpochMs;
  readonly passes: boolean;
  readonly severity: number;
  readonly reporter: string | null;
};

/** Marks the side of an `or` that a row comes from. */
export const branchLabel = 'edgewise_branch';

const holds = (value: number, { op, threshold }: Comparison): boolean => {
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

/** Rows of the alert's own series: no label of theirs says otherwise. All, where none is left (a static label hides a scraped one). */
export const ownRows = (rows: readonly RuleRow[], alert: Labels): readonly RuleRow[] => {
  const own = rows.filter(({ labels }) =>
    Object.keys(labels).every((name) => {
      const said = unfit.test(name) ? null : labelOf(alert, name);
      return said === null || said === labelOf(labels, name);
    }),
  );
  return own.length > 0 ? own : rows;
};

/** Every edge once, with the worst of its values; edges without one of their ends come last. */
export const rankRule = (rows: readonly RuleRow[], shape: Shape, cluster: string | null): readonly RankedEdge[] => {
  const found = new Map<string, RankedEdge>();
  for (const { labels, points } of rows) {
    const ends = endsOf(labels);
    if (ends === null || ends.destination === null) continue;
    const comparison = firing(shape, Number(labelOf(labels, branchLabel) ?? 0));
    for (const [atMs, value] of points) {
      if (!Number.isFinite(value)) continue;
      const edge = edgeFrom(ends, cluster);
      const known = found.get(edgeKey(edge));
      const passes = comparison === null || holds(value, comparison);
      const bad = severity(value, comparison);
      if (!known || (passes && !known.passes) || (passes === known.passes && bad > known.severity))
        found.set(edgeKey(edge), {
          edge,
          value,
          atMs,
          passes,
          severity: bad,
          reporter: ends.reporter ?? labelOf(labels, 'reporter'),
        });
    }
  }
  const whole = ({ edge }: RankedEdge): number => (edge.source.workload === null ? 0 : 1);
  return [...found.values()].sort(
    (a, b) =>
      Number(b.passes) - Number(a.passes) ||
      whole(b) - whole(a) ||
      (a.severity === b.severity ? byEdgeKey(a.edge, b.edge) : b.severity - a.severity),
  );
};

const reporterText: Readonly<Record<string, string>> = {
  source: "the caller's count",
  waypoint: "the waypoint's count",
  destination: "the callee's count",
  outbound: "the caller's count",
  inbound: "the callee's count",
};

/** The best edge with how it was found; null when the rule names none at all. */
export const chooseEdge = (
  ranked: readonly RankedEdge[],
  way: 'expression' | 'rules-api',
): { readonly edge: Edge; readonly located: Located } | null => {
  const [best, second] = ranked;
  if (!best) return null;
  const rivals = ranked.filter(({ passes }) => passes === best.passes).length;
  const share =
    second && second.passes === best.passes
      ? Math.abs(best.severity) / (Math.abs(best.severity) + Math.abs(second.severity) || 1)
      : 1;
  const isClose = second !== undefined && second.passes === best.passes && share - (1 - share) <= 0.15;
  const source = way === 'rules-api' ? 'the rules API' : "the alert's expression";
  const by = best.reporter === null ? '' : `, by ${reporterText[best.reporter] ?? best.reporter}`;
  const how = best.passes
    ? `edge from ${source}, split by caller and callee${rivals > 1 ? ` (worst of ${rivals})` : ''}${by}`
    : `no single edge is over the rule's threshold: ${edgeTitle(best.edge)} is the largest contributor`;
  return {
    edge: best.edge,
    located: {
      way: best.passes ? way : 'largest-contributor',
      score: best.passes ? Number(Math.max(0.5, share).toFixed(2)) : 0.4,
      runnerUp: isClose && second ? { edge: second.edge, score: Number((1 - share).toFixed(2)) } : null,
      how,
    },
  };
};
