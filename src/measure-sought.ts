import { type Edge, edgeKey } from './domain/edge.ts';
import type { Evidence } from './domain/evidence.ts';
import { judgeEdge, leadingReporter } from './domain/judgement.ts';
import { withPast } from './domain/sick-past.ts';
import { soughtOf } from './domain/sought.ts';
import { windowBefore } from './domain/time.ts';
import { askedFor, blank } from './first-evidence.ts';
import { gatherQueries } from './gather.ts';
import { budgetOf, type Cluster, gapsOf, rowsOf } from './inquiry.ts';
import { measureCounts } from './measure-counts.ts';
import { planLatency, readLatency } from './stages/measure/latency.ts';
import { likelyPath } from './walk-end.ts';

/**
 * What says which request of an edge is the worst, and no more: its counts, and where they are well the buckets of now. Of a triage that
 * leaves out the picture, what is full, who is above, what changed, and the walk beyond the first step, which counts alone tell.
 */
export const measureSought = async (cluster: Cluster, edge: Edge, atMs: number): Promise<Evidence> => {
  const { dialect, name, metrics } = cluster;
  const found = askedFor(edge);
  const budget = budgetOf(cluster);
  const { plan, readings: counted, gaps } = await measureCounts(cluster, edge, atMs, found, budget);
  const readings = withPast(edge, counted);
  const mine = readings.find((reading) => edgeKey(reading.edge) === edgeKey(edge));
  const seen = {
    ...blank(cluster, found, [], atMs),
    window: windowBefore(plan.atMs, plan.seconds),
    onsetMs: plan.onsetMs,
    queries: budget.records,
  };
  if (mine === undefined) return { ...seen, gaps };
  const isSlow = soughtOf(judgeEdge(mine, 'named')) === 'slow';
  // How long the slowest take now, the buckets of now say; whether that is usual is not asked.
  const now = isSlow ? planLatency(dialect, [mine.edge], plan).filter(({ kind }) => kind === 'instant') : [];
  const answers = await gatherQueries(metrics, now, budget);
  return {
    ...seen,
    reporter: leadingReporter(mine),
    path: likelyPath(mine.edge, readings),
    readings: readLatency(dialect, name, [], rowsOf(answers, 'latency-base'), plan, readings),
    gaps: [...gaps, ...gapsOf(answers.values())],
  };
};
