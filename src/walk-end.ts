import type { Dialect } from './domain/dialect.ts';
import { type Edge, edgeKey } from './domain/edge.ts';
import type { Gathered } from './domain/gathered.ts';
import type { PlannedQuery } from './domain/question.ts';
import type { EdgeReading, ProxyCounter } from './domain/signals.ts';
import { nextStep } from './domain/walk.ts';
import { gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import { type Cluster, partOf, rowsOf } from './inquiry.ts';
import { planCounters, readCounters, workloadsBehind } from './stages/measure/counters.ts';
import { planPods, withPods } from './stages/measure/pods.ts';
import type { WindowPlan } from './stages/measure/windows.ts';

/** The edge, and the call below it that the counts alone lead to: what is asked of the end of the walk before it is walked. */
export const likelyPath = (edge: Edge, readings: readonly EdgeReading[]): readonly Edge[] => {
  const step = nextStep(edge, readings, [edge]);
  return step.kind === 'go' ? [edge, step.to] : [edge];
};

/** The counters at the end of this path, and the pods of all of it: one question. */
export const planEnd = (
  dialect: Dialect,
  path: readonly Edge[],
  readings: readonly EdgeReading[],
  plan: WindowPlan,
): readonly PlannedQuery[] => {
  const end = path.at(-1);
  if (end === undefined) return [];
  return planCounters(dialect, end, workloadsBehind(end, readings), plan, planPods(dialect, path, plan));
};

type Walked = { readonly path: readonly Edge[]; readonly readings: readonly EdgeReading[] };
type End = { readonly proxyCounters: Gathered<readonly ProxyCounter[]>; readonly readings: readonly EdgeReading[] };

/** The proxies' counters and the pods at the end of the walk: asked already where the counts alone led there, else in one call more. */
export const measureEnd = async (
  { dialect, metrics }: Cluster,
  { path, readings }: Walked,
  asked: Edge,
  answers: ReadonlyMap<string, Gathered<QueryAnswer>>,
  plan: WindowPlan,
  budget: QueryBudget,
): Promise<End> => {
  const end = path.at(-1) ?? asked;
  const countersIn = (some: typeof answers): End['proxyCounters'] =>
    partOf(some, ['counters'], () => readCounters(rowsOf(some, 'counters')));
  if (edgeKey(end) === edgeKey(asked)) return { proxyCounters: countersIn(answers), readings };
  const query = planEnd(dialect, [end], readings, plan);
  const found = await gatherQueries(metrics, query, budget);
  return { proxyCounters: countersIn(found), readings: withPods(dialect, rowsOf(found, 'counters'), [end], readings) };
};
