import { quantile } from '../domain/histogram.ts';
import { count } from '../domain/words.ts';
import { isBusy } from '../find-edges.ts';
import { maxRows } from '../stages/compose/tables.ts';
import type { StatEdge } from '../stages/measure/stat.ts';
import { type Asked, type Filled, factsOf, quantileOf, rateOf, successOf } from './filled.ts';

const ofEdges = (
  { found: { cluster, edges, gaps }, question }: Asked,
  order: (edges: readonly StatEdge[]) => readonly StatEdge[],
) => {
  const busy = order(edges.filter(isBusy));
  return { busy, seconds: question.seconds, facts: factsOf(busy.slice(0, maxRows), cluster.dialect.name), gaps };
};

/** As `linkerd viz stat` has them, and what was refused. */
export const stat = (asked: Asked): Filled => {
  const { busy, seconds, facts, gaps } = ofEdges(asked, (edges) => edges);
  return {
    columns: ['Success', 'RPS', 'p50', 'p95', 'p99', 'Refused'],
    figures: [0, 1, 2, 3, 4, 5],
    rows: busy.map((one) => ({
      edge: one.edge,
      cells: [
        ...[successOf(one), rateOf(one, seconds)],
        ...[0.5, 0.95, 0.99].map((q) => quantileOf(one.latency, q)),
        one.counts.refused < 0.5 ? '–' : count(one.counts.refused),
      ],
    })),
    none: 'no edge with requests',
    facts,
    gaps,
    spoken: ({ cells: [ok, perSecond, , , p99] }) => `${ok} ok, ${perSecond}, p99 ${p99}`,
  };
};

/** What failed or was refused most; of equals what took longest. */
const worstFirst = (edges: readonly StatEdge[]): readonly StatEdge[] => {
  const bad = ({ counts: { failed, refused } }: StatEdge): number => Math.round(failed + refused);
  const slow = ({ latency }: StatEdge): number => (latency === null ? 0 : (quantile(0.99, latency)?.seconds ?? 0));
  return [...edges].sort((a, b) => bad(b) - bad(a) || slow(b) - slow(a));
};

export const top = (asked: Asked): Filled => {
  const { busy, seconds, facts, gaps } = ofEdges(asked, worstFirst);
  const perMinute = (requests: number): string => {
    const each = (requests * 60) / seconds;
    if (requests < 0.5) return '–';
    return each < 0.5 ? '< 1' : count(each);
  };
  return {
    columns: ['Failed/min', 'Refused/min', 'Success', 'RPS', 'p99'],
    figures: [0, 1, 2, 3, 4],
    rows: busy.map((one) => ({
      edge: one.edge,
      cells: [
        ...[perMinute(one.counts.failed), perMinute(one.counts.refused)],
        ...[successOf(one), rateOf(one, seconds), quantileOf(one.latency, 0.99)],
      ],
    })),
    none: 'no edge with requests',
    facts: ['most failed and refused requests first, then the slowest', ...facts],
    gaps,
    spoken: ({ cells: [failed, , ok, , p99] }) => `${failed === '–' ? 'none' : failed} failed a minute, ${ok} ok, p99 ${p99}`,
  };
};
