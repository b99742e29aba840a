import type { Dialect, View } from '../../domain/dialect.ts';
import type { Edge } from '../../domain/edge.ts';
import { duration, type Matcher, selector, sumBy } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { edgeLabels, outcomeLabels } from '../../domain/row.ts';
import type { EpochMs } from '../../domain/time.ts';
import { calleeIn, calleeOut, callerOut, edgeMatchers } from './selection.ts';
import { tagged, union } from './union.ts';
import type { WindowPlan } from './windows.ts';

/** Which edges around the one in question are counted: into the callee, out of it, out of the caller. A hop counts only what lies below it. */
type Around = 'edge' | 'hop';

const parts = (view: View, edge: Edge, around: Around): readonly (readonly Matcher[])[] =>
  (around === 'edge' ? [calleeIn(view, edge), calleeOut(view, edge), callerOut(view, edge)] : [calleeOut(view, edge)]).filter(
    (matchers) => matchers !== null,
  );

/** `sum by (…) (increase(metric{…}[W] offset …))` for every part of both views, joined. */
const joined = (
  dialect: Dialect,
  edge: Edge,
  around: Around,
  metric: string,
  seconds: number,
  offsetSeconds: number,
  withOutcome: boolean,
): string | null =>
  union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      parts(view, edge, around).map((matchers) => {
        const labels = [...edgeLabels(view), ...(withOutcome ? outcomeLabels(dialect, view) : [])];
        const shift = offsetSeconds > 0 ? ` offset ${duration(offsetSeconds)}` : '';
        return sumBy(labels, `increase(${selector(metric, matchers)}[${duration(seconds)}]${shift})`);
      }),
    ),
  );

/** Series that did not exist when the window began, with their whole value: what `increase` leaves out of a new kind of failure. */
const born = (dialect: Dialect, edge: Edge, seconds: number): string | null =>
  union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) =>
      parts(view, edge, 'edge').map((matchers) => {
        const counted = selector(dialect.metrics.requests, matchers);
        return sumBy(
          [...edgeLabels(view), ...outcomeLabels(dialect, view)],
          `${counted} unless ${counted} offset ${duration(seconds)}`,
        );
      }),
    ),
  );

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

/** Counts and the two parts of the mean in one call: the parts are tagged, the counts are not. */
const countsAndMean = (dialect: Dialect, edge: Edge, plan: WindowPlan, around: Around): string | null => {
  const { requests, durationSum, durationCount } = dialect.metrics;
  const part = (tag: string, metric: string): string | null => {
    const promql = joined(dialect, edge, around, metric, plan.seconds, 0, false);
    return promql === null ? null : tagged(tag, `(${promql})`);
  };
  return union([
    joined(dialect, edge, around, requests, plan.seconds, 0, true),
    part('sum', durationSum),
    part('count', durationCount),
  ]);
};

/** Wave 2: counts and means as one range of windows (a second one when the onset lies far back), the same-hour windows and the halves of now as one instant union. */
export const planCounts = (dialect: Dialect, edge: Edge, plan: WindowPlan): readonly PlannedQuery[] => {
  const counts = (seconds: number, offset: number) =>
    joined(dialect, edge, 'edge', dialect.metrics.requests, seconds, offset, true);
  const half = plan.seconds / 2;
  const instants = [
    ...plan.base.map(({ ago, offsetSeconds }) => [ago, counts(plan.seconds, offsetSeconds)] as const),
    ['first', counts(half, half)] as const,
    ['second', counts(half, 0)] as const,
    ['born', born(dialect, edge, plan.seconds)] as const,
  ].map(([tag, promql]) => (promql === null ? null : tagged(tag, `(${promql})`)));
  const range = countsAndMean(dialect, edge, plan, 'edge');
  return [
    ...planned('counts', 'golden signals', range, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older
      ? planned('counts-older', 'the time before the incident', range, { ...plan.older, stepSeconds: plan.seconds })
      : []),
    ...planned('counts-base', 'the usual values', union(instants), { atMs: plan.atMs }),
  ];
};

/** The second look of a mesh-wide scan: the few edges that the first found suspect, in windows of their own recent past. Counts only. */
export const planSuspects = (dialect: Dialect, edges: readonly Edge[], plan: WindowPlan): readonly PlannedQuery[] => {
  const promql = union(
    [dialect.views.caller, dialect.views.callee].flatMap((view) => {
      const labels = [...edgeLabels(view), ...outcomeLabels(dialect, view)];
      return edges.map((edge) => {
        const matchers = edgeMatchers(view, edge);
        const counted = matchers === null ? null : selector(dialect.metrics.requests, matchers);
        return counted === null ? null : sumBy(labels, `increase(${counted}[${duration(plan.seconds)}])`);
      });
    }),
  );
  const what = "the suspects' own past";
  return [
    ...planned('suspects', what, promql, { startMs: plan.rangeStartMs, endMs: plan.atMs, stepSeconds: plan.seconds }),
    ...(plan.older ? planned('suspects-older', what, promql, { ...plan.older, stepSeconds: plan.seconds }) : []),
  ];
};

/** The one call of a hop: the callee's own calls, as a range. */
export const planHop = (dialect: Dialect, edge: Edge, plan: WindowPlan): readonly PlannedQuery[] =>
  planned('hop', 'the calls downstream', countsAndMean(dialect, edge, plan, 'hop'), {
    startMs: plan.rangeStartMs,
    endMs: plan.atMs,
    stepSeconds: plan.seconds,
  });
