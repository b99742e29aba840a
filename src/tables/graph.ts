import { isNowhere, nobody } from '../domain/edge.ts';
import type { Chosen } from '../domain/graph/chosen.ts';
import type { Arrow } from '../domain/graph.ts';
import { leftOutText } from '../stages/draw/graph.ts';
import { type Asked, type Filled, factsOf, quantileOf, rateOf, successOf } from './filled.ts';

/** Named as in the picture: a caller by the service that it serves. */
const edgeOf = ({ edge, from, to }: Arrow) => ({
  ...edge,
  source: { ...nobody, namespace: from.namespace, workload: from.name },
  destination: isNowhere(edge) ? edge.destination : { ...nobody, namespace: to.namespace, service: to.name },
});

/** What the picture shows, the worst first: the same figures in words. */
export const graph = ({ found: { cluster, edges, gaps }, question }: Asked, chosen: Chosen): Filled => {
  const leftOut = leftOutText(chosen);
  return {
    columns: ['Success', 'RPS', 'p95'],
    figures: [0, 1, 2],
    rows: chosen.arrows.map((arrow) => ({
      edge: edgeOf(arrow),
      cells: [successOf(arrow), rateOf(arrow, question.seconds), quantileOf(arrow.latency, 0.95)],
    })),
    none: 'no edge with requests',
    facts: [...(leftOut === null ? [] : [leftOut]), ...factsOf(edges, cluster.dialect.name)],
    gaps,
    spoken: ({ cells: [ok, perSecond, p95] }) => `${ok} ok, ${perSecond}, p95 ${p95}`,
  };
};
