import type { Chosen } from '../domain/graph/chosen.ts';
import { leftOutText } from '../stages/draw/graph.ts';
import { type Asked, type Filled, factsOf, quantileOf, rateOf, successOf } from './filled.ts';

/** What the picture shows, the worst first. Callers by their workloads, as other tables have them: names that may be asked about. */
export const graph = ({ found: { cluster, edges, gaps }, question }: Asked, chosen: Chosen): Filled => {
  const leftOut = leftOutText(chosen);
  return {
    columns: ['Success', 'RPS', 'p95'],
    figures: [0, 1, 2],
    rows: chosen.arrows.map((arrow) => ({
      edge: arrow.edge,
      cells: [successOf(arrow), rateOf(arrow, question.seconds), quantileOf(arrow.latency, 0.95)],
    })),
    none: 'no edge with requests',
    facts: [...(leftOut === null ? [] : [leftOut]), ...factsOf(edges, cluster.dialect.name)],
    gaps,
    spoken: ({ cells: [ok, perSecond, p95] }) => `${ok} ok, ${perSecond}, p95 ${p95}`,
  };
};
