import { type Arrow, failedRatio, type GraphNode } from '../../../domain/graph.ts';
import { quantile } from '../../../domain/histogram.ts';
import { quantileText, rate, share } from '../../../domain/words.ts';

/** "9.1 % failing", of few "1 of 12 failing". */
export const failingText = ({ counts: { requests, failed }, noun }: Arrow): string =>
  `${share(failed, requests, noun).replace(/ \w+s$/, '')} failing`;

/** Figures of one arrow: what fails only where something does, how many come, how slow they are. */
export const figuresOf = (arrow: Arrow, seconds: number): readonly string[] => {
  const { counts, latency, noun } = arrow;
  const slow = latency === null ? null : quantile(0.95, latency);
  const failing = failedRatio(arrow) > 0 ? [failingText(arrow)] : [];
  const perSecond = `${rate(counts.requests / seconds)}${noun === 'connection' ? ' TCP' : ''}`;
  return [...failing, perSecond, ...(slow === null ? [] : [`p95 ${quantileText(slow)}`])];
};

/** The same as lines: in a narrow box a figure a line. */
export const figureLines = (arrow: Arrow, seconds: number, isNarrow: boolean): readonly string[] => {
  const figures = figuresOf(arrow, seconds);
  const speed = figures.slice(figures[0]?.endsWith('failing') ? 1 : 0);
  return isNarrow ? figures : [...figures.slice(0, figures.length - speed.length), speed.join(' · ')];
};

/** Two of one name are told apart by their namespaces. */
export const titlesOf = (nodes: readonly GraphNode[]): ReadonlyMap<string, string> =>
  new Map(
    nodes.map(({ key, namespace, name }) => {
      const isAlone = nodes.filter((other) => other.name === name).length === 1;
      return [key, isAlone || namespace === null ? name : `${namespace}/${name}`];
    }),
  );
