import { calleeName, callerName, type Edge, isNamedAfter, isNowhere } from './edge.ts';
import { quantile } from './histogram.ts';
import type { Counts, Histogram } from './signals.ts';

/** An edge as it was counted. */
type CountedEdge = {
  readonly edge: Edge;
  readonly noun: 'request' | 'connection';
  readonly counts: Counts;
  readonly latency: Histogram | null;
};

/** Whoever calls or is called; a Deployment and the service that is served by it are one. */
export type GraphNode = { readonly key: string; readonly namespace: string | null; readonly name: string };

/** Who calls whom; of several edges between the same two (versions of a caller) the busiest stands for their names. */
export type Arrow = {
  readonly edge: Edge;
  readonly from: GraphNode;
  readonly to: GraphNode;
  readonly noun: CountedEdge['noun'];
  readonly counts: Counts;
  readonly latency: Histogram | null;
};

/** From this share on an arrow is drawn as sick. */
const sickRatio = 0.01;

export const failedRatio = ({ counts: { requests, failed } }: Pick<Arrow, 'counts'>): number =>
  requests > 0 && failed >= 0.5 ? failed / requests : 0;

export const isSick = (arrow: Pick<Arrow, 'counts'>): boolean => failedRatio(arrow) >= sickRatio;

/** Negative where the first is worse: what is sick, then what fails most, is refused most, is busiest. */
export const byBadness = (a: Arrow, b: Arrow): number =>
  Number(isSick(b)) - Number(isSick(a)) ||
  Math.round(b.counts.failed) - Math.round(a.counts.failed) ||
  Math.round(b.counts.refused) - Math.round(a.counts.refused) ||
  b.counts.requests - a.counts.requests ||
  (`${a.from.key} ${a.to.key}` < `${b.from.key} ${b.to.key}` ? -1 : 1);

const nodeOf = (namespace: string | null, name: string): GraphNode => ({
  key: JSON.stringify([namespace, name]),
  namespace,
  name,
});

const calleeOf = (edge: Edge): GraphNode =>
  isNowhere(edge) ? nodeOf(null, 'no destination') : nodeOf(edge.destination.namespace, calleeName(edge));

/** A caller is known by its workload, a callee by its service: which service a workload serves, as far as edges into it say. */
const callersNamed = (edges: readonly CountedEdge[]): ((edge: Edge) => GraphNode) => {
  const served = new Map<string, GraphNode>();
  const callees = new Map<string, GraphNode>();
  for (const { edge } of edges) {
    const node = calleeOf(edge);
    const { workload, namespace } = edge.destination;
    if (edge.destination.service !== null) callees.set(node.key, node);
    if (workload !== null && !served.has(nodeOf(namespace, workload).key)) served.set(nodeOf(namespace, workload).key, node);
  }
  return (edge) => {
    const own = nodeOf(edge.source.namespace, callerName(edge));
    const known = callees.get(own.key) ?? served.get(own.key);
    if (known !== undefined) return known;
    const named = [...callees.values()].filter(
      ({ namespace, name }) => namespace === own.namespace && isNamedAfter(own.name, name),
    );
    return (named.length === 1 ? named[0] : undefined) ?? own;
  };
};

const sum = (a: Counts, b: Counts): Counts => ({
  requests: a.requests + b.requests,
  failed: a.failed + b.failed,
  refused: a.refused + b.refused,
  clientLeft: a.clientLeft + b.clientLeft,
  clientError: a.clientError + b.clientError,
});

/** Both as one where their buckets are the same, else the slower: nobody can add others. */
const slower = (a: Histogram | null, b: Histogram | null): Histogram | null => {
  if (a === null || b === null) return a ?? b;
  if (a.boundsSeconds.join() === b.boundsSeconds.join())
    return { boundsSeconds: a.boundsSeconds, counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)) };
  return (quantile(0.95, a)?.seconds ?? 0) >= (quantile(0.95, b)?.seconds ?? 0) ? a : b;
};

/** Every pair once, the worst first. */
export const arrowsOf = (edges: readonly CountedEdge[]): readonly Arrow[] => {
  const callerOf = callersNamed(edges);
  const found = new Map<string, Arrow>();
  for (const { edge, noun, counts, latency } of edges) {
    const [from, to] = [callerOf(edge), calleeOf(edge)];
    const key = `${from.key} ${to.key}`;
    const known = found.get(key);
    found.set(
      key,
      known === undefined
        ? { edge, from, to, noun, counts, latency }
        : {
            ...known,
            edge: known.counts.requests >= counts.requests ? known.edge : edge,
            noun: known.noun === noun ? noun : 'request',
            counts: sum(known.counts, counts),
            latency: slower(known.latency, latency),
          },
    );
  }
  return [...found.values()].sort(byBadness);
};
