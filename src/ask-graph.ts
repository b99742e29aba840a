import { placeOf, tableOf, titleOf } from './ask-tables.ts';
import { type AskWorld, type Reply, said } from './asking.ts';
import { calleeName, callerName } from './domain/edge.ts';
import { around, type Chosen, chosenOf } from './domain/graph/chosen.ts';
import { type Arrow, arrowsOf, type GraphNode } from './domain/graph.ts';
import type { Message, Picture } from './domain/message.ts';
import type { Named, Question } from './domain/question-text.ts';
import { inNamespace } from './find-asked-edge.ts';
import { type Found, isBusy, readEdges, whereItIs } from './find-edges.ts';
import { gather } from './gather.ts';
import { clockText, span } from './stages/compose/dates.ts';
import { tableMessage } from './stages/compose/tables.ts';
import { graphPicture } from './stages/draw/graph.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import { graph } from './tables/graph.ts';

type GraphQuestion = Extract<Question, { kind: 'graph' }>;

const drawMs = 5000;

const isNamed = ({ namespace, name }: Named, node: GraphNode, alsoCalled: string): boolean =>
  (node.name === name || alsoCalled === name) && (namespace === null || node.namespace === namespace);

const within =
  (namespace: string | null): ((arrow: Arrow) => boolean) =>
  ({ from, to }) =>
    namespace === null || from.namespace === namespace || to.namespace === namespace;

/** Those who are meant by a name; a workload is also known as the service that it serves. */
const nodesNamed = (arrows: readonly Arrow[], named: Named): readonly GraphNode[] => {
  const meant = arrows.flatMap(({ edge, from, to }) => [
    ...(isNamed(named, from, callerName(edge)) ? [from] : []),
    ...(isNamed(named, to, edge.destination.workload ?? calleeName(edge)) ? [to] : []),
  ]);
  return [...new Map(meant.map((node) => [node.key, node])).values()];
};

/** What of the mesh is asked about: two hops around who is named, else all of a namespace or a cluster. */
const chosenFor = (found: Found, { name, from, namespace }: AskedEdges): Chosen => {
  const arrows = arrowsOf(found.edges.filter(isBusy));
  if (name === null) return chosenOf(arrows.filter(within(namespace)), []);
  const callees = nodesNamed(arrows, name);
  const callers = from === null ? callees : nodesNamed(arrows, from);
  const keys = (nodes: readonly GraphNode[]): readonly string[] => nodes.map(({ key }) => key);
  const focus = [...new Map([...callers, ...callees].map((node) => [node.key, node])).values()];
  return chosenOf(around(arrows, { callers: keys(callers), callees: keys(callees) }), focus);
};

/** `otherwise`: what is said where nothing is found between the two after all. */
type Meant = { readonly found: Found; readonly question: AskedEdges; readonly otherwise: Message | null };

/** Whether the edge that was asked about is in it. */
const isAsked = ({ arrows }: Chosen, { name, from }: AskedEdges): boolean => {
  if (name === null || from === null) return true;
  const [callers, callees] = [nodesNamed(arrows, from), nodesNamed(arrows, name)];
  return arrows.some(
    (arrow) => callers.some(({ key }) => key === arrow.from.key) && callees.some(({ key }) => key === arrow.to.key),
  );
};

/** All of a cluster: what finds it reads everything that is drawn. */
const isWhole = ({ name, namespace }: AskedEdges): boolean => name === null && namespace === null;

/** A name alone may be a workload's, or that of a namespace. */
const meantBy = async (world: AskWorld, { name, from, options }: GraphQuestion): Promise<Meant | Pick<Reply, 'message'>> => {
  const named = inNamespace(name, options.namespace);
  const { namespace } = options;
  const question: AskedEdges = { name: named, from, namespace, seconds: options.windowSeconds, atMs: world.clock.nowMs() };
  const figures = isWhole(question) ? 'requests and latency' : 'requests';
  const where = await whereItIs(world, options, question, titleOf(question), figures);
  if ('found' in where) return { found: where.found, question, otherwise: null };
  const otherwise = where.reply;
  if (from !== null) {
    // The picture calls a caller by the service that it serves, which no metric says of who calls.
    const into = await whereItIs(world, options, { ...question, from: null }, titleOf(question), 'requests');
    return 'found' in into ? { found: into.found, question, otherwise } : { message: otherwise };
  }
  if (named === null || named.namespace !== null) return { message: otherwise };
  for (const { name: cluster } of world.clusters.filter((one) => options.cluster === null || one.name === options.cluster)) {
    const inside: AskedEdges = { ...question, name: null, namespace: named.name };
    const other = await whereItIs(world, { ...options, cluster }, inside, named.name, 'requests');
    if ('found' in other && other.found.edges.some(isBusy)) return { found: other.found, question: inside, otherwise: null };
  }
  return { message: otherwise };
};

/** Everybody's edges, since two hops lead beyond those of the one who is named; where they cannot be read, those. */
const widened = async ({ found, question }: Pick<Meant, 'found' | 'question'>): Promise<Found> => {
  if (isWhole(question)) return found;
  const { cluster } = found;
  const all = await readEdges(cluster, { ...question, name: null, from: null, namespace: null }, 'requests and latency');
  if (all.isKnown) return all;
  const own = await readEdges(cluster, question, 'requests and latency');
  return { ...(own.isKnown ? own : found), gaps: [...own.gaps, ...all.gaps] };
};

/** `/mesh graph`: who calls whom, as a picture and as a table of the same. */
export const graphReply = async (world: AskWorld, asked: GraphQuestion): Promise<Reply> => {
  const meant = await meantBy(world, asked);
  if ('message' in meant) return said(meant.message, 'not-found');
  const { question } = meant;
  const found = await widened(meant);
  const chosen = chosenFor(found, question);
  if (meant.otherwise !== null && !isAsked(chosen, question)) return said(meant.otherwise, 'not-found');
  const { timeZone } = world.settingOf(null, found.cluster.name);
  const filled = graph({ found, question, agoSeconds: 0 }, chosen);
  const place = placeOf(question, found.cluster.name);
  const answer = tableOf(filled, `Who calls whom: ${place}`, question);
  const when = `${span(question.seconds * 1000)} to ${clockText(question.atMs, timeZone)}`;
  const spec = graphPicture(chosen, `${place} · ${when}`, question.seconds);
  const { charts } = world;
  const drawn = spec === null || charts === null ? null : await gather('picture', 'pictures', drawMs, () => charts.draw(spec));
  const gaps = drawn !== null && !drawn.ok ? [...answer.gaps, drawn.gap] : answer.gaps;
  const picture: Picture | null = drawn?.ok ? drawn.value : null;
  return { ...said(tableMessage({ ...answer, gaps }, timeZone)), picture: Promise.resolve(picture) };
};
