import type { Dialect, View } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import { tagged, union } from '../../domain/promql/union.ts';
import { type Matcher, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels } from '../../domain/row.ts';
import { calleeIn, calleeOut, callerIn, callerOut, edgeMatchers } from '../../domain/selection.ts';
import type { EpochMs } from '../../domain/time.ts';
import { planFreshness } from './freshness.ts';
import { born, growthBetween, increase } from './growth.ts';
import type { WindowPlan } from './windows.ts';

/** Which edges are counted: into the callee, out of it, out of the caller. A hop counts only what lies below it. */
type Around = readonly ((view: View, edge: Edge) => readonly Matcher[] | null)[];
const everywhere: Around = [calleeIn, calleeOut, callerOut];
/** Whose slowness is asked for: the edge's own and its callees'. */
const timed: Around = [edgeMatchers, calleeOut];
const itself: Around = [edgeMatchers];
const bare: Around = [calleeIn, calleeOut];
const into: Around = [calleeIn];
const below: Around = [calleeOut];
const above: Around = [callerIn];
const furtherAbove: Around = [callerIn, callerOut];

type Growth = (series: string) => string;

/** `sum by (…) (growth of metric{…})` for every part of both views, joined. */
const joined = (
  dialect: Dialect,
  edge: Edge,
  around: Around,
  metric: string,
  labelsOf: (view: View) => readonly string[],
  growth: Growth,
): string | null =>
  union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      around.map((matchersOf) => {
        const matchers = matchersOf(view, edge);
        return matchers === null ? null : sumBy(labelsOf(view), growth(selector(metric, matchers)));
      }),
    ),
  );

const countedBy = (dialect: Dialect, edge: Edge, around: Around, growth: Growth, metric: string | null): string | null =>
  metric === null
    ? null
    : joined(dialect, edge, around, metric, (view) => [...edgeLabels(view), ...outcomeLabels(dialect, view)], growth);

const counted = (dialect: Dialect, edge: Edge, around: Around, growth: Growth): string | null =>
  countedBy(dialect, edge, around, growth, dialect.metrics.requests);

/** Bare connections, for the edges that have no requests: where there are none, nothing is read. */
const connected = (dialect: Dialect, edge: Edge, around: Around, growth: Growth): string | null =>
  countedBy(dialect, edge, around, growth, dialect.metrics.connections);

/** The two parts of the mean, tagged. */
const meanParts = (dialect: Dialect, edge: Edge, around: Around, growth: Growth, suffix = ''): readonly (string | null)[] =>
  (
    [
      ['sum', dialect.metrics.durationSum],
      ['count', dialect.metrics.durationCount],
    ] as const
  ).map(([tag, metric]) => {
    const promql = joined(dialect, edge, around, metric, edgeLabels, growth);
    return promql === null ? null : tagged(`${tag}${suffix}`, `(${promql})`);
  });

const planned = (
  id: string,
  what: string,
  promql: string | null,
  when: { readonly atMs: EpochMs } | { readonly startMs: EpochMs; readonly endMs: EpochMs; readonly stepSeconds: number },
): readonly PlannedQuery[] =>
  promql === null
    ? []
    : 'atMs' in when
      ? [{ id, what, promql, budget: 'edge', kind: 'instant', ...when }]
      : [{ id, what, promql, budget: 'edge', kind: 'range', ...when }];

/** Wave 2: counts and means as one range of windows (a second one when the onset lies far back), the same-hour windows and the halves of now as one instant union. */
export const planCounts = (dialect: Dialect, edge: Edge, plan: WindowPlan): readonly PlannedQuery[] => {
  const { seconds } = plan;
  const half = seconds / 2;
  const instants = [
    ...plan.base.map(({ ago, offsetSeconds }) => [ago, increase(seconds, offsetSeconds)] as const),
    ...(plan.isHalved ? [['first', increase(half, half)] as const, ['second', increase(half)] as const] : []),
    ['born', born(seconds)] as const,
  ].map(([tag, growth]) => {
    // The pasts of connections are those of the range: an hour or a day ago costs as much text as it tells.
    const connections = tag === 'born' ? connected(dialect, edge, bare, growth) : null;
    const promql = union([counted(dialect, edge, everywhere, growth), connections]);
    return promql === null ? null : tagged(tag, `(${promql})`);
  });
  const means = meanParts(dialect, edge, timed, increase(seconds));
  const range = union([
    counted(dialect, edge, everywhere, increase(seconds)),
    connected(dialect, edge, bare, increase(seconds)),
    ...meanParts(dialect, edge, timed, growthBetween(seconds), '-past'),
  ]);
  return [
    ...planned('counts', 'golden signals', range, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: seconds }),
    ...(plan.older
      ? planned('counts-older', 'the time before the incident', range, { ...plan.older, stepSeconds: seconds })
      : []),
    ...planned('counts-base', 'the usual values', union([...instants, ...means, ...planFreshness(dialect, edge)]), {
      atMs: plan.atMs,
    }),
  ];
};

/** The second look of a mesh-wide scan: the few edges that the first found suspect, in windows of their own recent past. Counts only. */
export const planSuspects = (dialect: Dialect, edges: readonly Edge[], plan: WindowPlan): readonly PlannedQuery[] => {
  const growth = increase(plan.seconds);
  const promql = union(
    edges.flatMap((edge) => [counted(dialect, edge, itself, growth), connected(dialect, edge, itself, growth)]),
  );
  const what = "the suspects' own past";
  return [
    ...planned('suspects', what, promql, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older ? planned('suspects-older', what, promql, { ...plan.older, stepSeconds: plan.seconds }) : []),
  ];
};

/** Who calls the callee, each with its own past: requests and connections as both ends count them. */
export const planCallers = (dialects: readonly Dialect[], edge: Edge, plan: WindowPlan): readonly PlannedQuery[] => {
  const growth = increase(plan.seconds);
  const promql = union(
    dialects.flatMap((dialect) => [counted(dialect, edge, into, growth), connected(dialect, edge, into, growth)]),
  );
  const what = 'the callers of the callee';
  return [
    ...planned('callers', what, promql, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older ? planned('callers-older', what, promql, { ...plan.older, stepSeconds: plan.seconds }) : []),
  ];
};

/** Who calls the caller, when its traffic is not what it was: one call, as for a hop. Further up also what else that caller calls. */
export const planAbove = (dialect: Dialect, edge: Edge, plan: WindowPlan, isFurther = false): readonly PlannedQuery[] => {
  const promql = counted(dialect, edge, isFurther ? furtherAbove : above, increase(plan.seconds));
  const what = 'the calls into the caller';
  return [
    ...planned('above', what, promql, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older ? planned('above-older', what, promql, { ...plan.older, stepSeconds: plan.seconds }) : []),
  ];
};

/** The one call of a hop: the callee's own calls, as a range; one more for their past when the onset lies far back. */
export const planHop = (dialect: Dialect, edge: Edge, plan: WindowPlan): readonly PlannedQuery[] => {
  const growth = increase(plan.seconds);
  const promql = union([
    counted(dialect, edge, below, growth),
    connected(dialect, edge, below, growth),
    ...meanParts(dialect, edge, below, growth),
  ]);
  const what = 'the calls downstream';
  return [
    ...planned('hop', what, promql, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older ? planned('hop-older', what, promql, { ...plan.older, stepSeconds: plan.seconds }) : []),
  ];
};
