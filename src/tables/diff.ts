import { isBusy, readEdges } from '../find-edges.ts';
import { span } from '../stages/compose/dates.ts';
import { maxRows } from '../stages/compose/tables.ts';
import { type ComparedEdge, compareEdges } from '../stages/measure/difference.ts';
import type { StatEdge } from '../stages/measure/stat.ts';
import { type Asked, type Filled, factsOf, quantileOf, rateOf, successOf } from './filled.ts';

const beside = (now: string, before: string): string => (now === before ? now : `${now} (${before})`);

/** The same window so long ago, beside the one of now: what became worse first. */
export const diff = async ({ found, question, agoSeconds }: Asked): Promise<Filled> => {
  const { cluster, edges, gaps } = found;
  const then = await readEdges(cluster, { ...question, atMs: question.atMs - agoSeconds * 1000 }, 'requests and latency');
  const compared = compareEdges(edges.filter(isBusy), then.edges.filter(isBusy));
  const cell = (one: StatEdge | null, of: (edge: StatEdge) => string): string => (one === null ? '–' : of(one));
  const cells = (one: ComparedEdge): readonly string[] =>
    [successOf, (edge: StatEdge) => rateOf(edge, question.seconds), (edge: StatEdge) => quantileOf(edge.latency, 0.99)].map(
      (of) => beside(cell(one.now, of), cell(one.before, of)),
    );
  return {
    columns: ['Change', 'Success (before)', 'RPS (before)', 'p99 (before)'],
    figures: [1, 2, 3],
    rows: (then.isKnown ? compared : []).map((one) => ({
      edge: one.edge,
      cells: [one.differences.join(', ') || 'as before', ...cells(one)],
    })),
    none: then.isKnown ? 'no edge with requests' : 'the time before could not be read, so there is nothing to compare',
    facts: [
      `before: ${span(agoSeconds * 1000)} earlier`,
      'a change is more than chance, and 0.5 % of requests or half as much again',
      ...factsOf(edges.filter(isBusy).slice(0, maxRows), cluster.dialect.name),
    ],
    gaps: [...gaps, ...then.gaps],
    spoken: ({ cells: [change, ok, , p99] }) => `${change}, ${ok} ok, p99 ${p99}`,
  };
};
