import type { Edge } from './domain/edge.ts';
import type { Message } from './domain/message.ts';
import type { Named, Options } from './domain/question-text.ts';
import { type Found, inWords, nameOf, whereItIs } from './find-edges.ts';
import type { Cluster } from './inquiry.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import type { StatEdge } from './stages/measure/stat.ts';

const lookSeconds = 3600;

/** `--namespace` is the namespace of a name that has none. */
export const inNamespace = (named: Named | null, namespace: string | null): Named | null =>
  named === null ? null : { ...named, namespace: named.namespace ?? namespace };

const fits = (named: Named | null, names: readonly (string | null)[], namespace: string | null): boolean =>
  named === null || (names.includes(named.name) && (named.namespace === null || named.namespace === namespace));

/** An unknown caller is often counted by its name too, at its own proxy, and there once where it was tried four times at the callee. */
const failedOf = ({ edge, counts }: StatEdge): number => counts.failed * (edge.source.workload === null ? 1 : 4);

/** The edge a person means: both names, or the callee's worst (else busiest) caller. */
const edgeMeant = (edges: readonly StatEdge[], from: Named | null, to: Named): Edge | null => {
  const mine = edges.filter(
    ({ edge: { source, destination } }) =>
      fits(from, [source.workload, source.service], source.namespace) &&
      fits(to, [destination.service, destination.workload], destination.namespace),
  );
  const [worst] = [...mine].sort((a, b) => failedOf(b) - failedOf(a) || b.counts.requests - a.counts.requests);
  return worst?.edge ?? null;
};

/** What is asked for: an edge, or a callee and its worst caller. */
type AskedEdge = { readonly from: Named | null; readonly to: Named; readonly options: Options };

/** Where an edge is, or the words for whoever asked when it is nowhere, or in several places. */
type Meant = { readonly cluster: Cluster; readonly edge: Edge } | { readonly reply: Message };

const meantIn = ({ cluster, edges }: Found, from: Named | null, to: Named): Meant => {
  const edge = edgeMeant(edges, from, to);
  return edge === null
    ? { reply: inWords(`${nameOf(to)} calls others in ${cluster.name}, but nobody calls it: write “/mesh why ${to.name} → …”.`) }
    : { cluster, edge };
};

/** The edge that a person means, by what was counted in the last hour. */
export const edgeAsked = async (
  world: { readonly clusters: readonly Cluster[] },
  { from, to, options }: AskedEdge,
  atMs: number,
): Promise<Meant> => {
  const callee = inNamespace(to, options.namespace) ?? to;
  const question: AskedEdges = { name: callee, from, namespace: null, seconds: lookSeconds, atMs };
  const asked = from === null ? nameOf(callee) : `${nameOf(from)} → ${nameOf(callee)}`;
  const where = await whereItIs(world, options, question, asked, 'requests');
  // `checkout/payments` may be an edge as well as a namespace with a name.
  if ('reply' in where && from === null && to.namespace !== null) {
    const pair = { from: { namespace: null, name: to.namespace }, name: { namespace: options.namespace, name: to.name } };
    const other = await whereItIs(world, options, { ...question, ...pair }, `${to.namespace} → ${to.name}`, 'requests');
    if ('found' in other) return meantIn(other.found, pair.from, pair.name);
  }
  return 'reply' in where ? where : meantIn(where.found, from, callee);
};
