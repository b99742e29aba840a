import { type AskWorld, drawnFor, type Reply, said } from './asking.ts';
import { type Edge, edgeTitle } from './domain/edge.ts';
import type { Question } from './domain/question-text.ts';
import type { FollowedTrace } from './domain/tracing.ts';
import { edgeAsked } from './find-asked-edge.ts';
import { inWords } from './find-edges.ts';
import { findTrace } from './find-trace.ts';
import { follow } from './follow-trace.ts';
import type { Cluster } from './inquiry.ts';
import { measureSought } from './measure-sought.ts';
import { noTraceMessage, traceMessage } from './stages/compose/trace-answer.ts';
import { traceJson } from './stages/compose/trace-json.ts';
import { waterfallPicture } from './stages/draw/waterfall/picture.ts';
import { partLabels } from './stages/follow/words.ts';
import { followed, ranked } from './stages/follow/worst.ts';

const notConfigured = (): Reply =>
  said(inWords('No trace store is configured: set TRACES_URL and TRACES_STORE (docs/traces.md).'), 'not-found');

type Told = {
  readonly title: string;
  readonly source: string;
  readonly worst: FollowedTrace;
  readonly edge: Edge | null;
  readonly cluster: Cluster;
};

/** The trace as a message, and the waterfall where pictures are drawn. */
const told = (world: AskWorld, { title, source, worst, edge, cluster }: Told): Reply => {
  const { trace, analysis, sentence } = worst;
  const spec = waterfallPicture({ trace, analysis, sentence, store: source });
  const message = traceMessage({ title, source, worst, labels: partLabels(trace, edge) }, world.settingOf(edge, cluster.name));
  const json = traceJson(trace, analysis, sentence);
  return { message, picture: drawnFor(world, spec), evidence: null, json, ending: 'answered' };
};

/** `/mesh trace worst`: the worst request of an edge, as a triage of now would look for it. */
export const traceOfEdge = async (world: AskWorld, asked: Extract<Question, { kind: 'trace' }>): Promise<Reply> => {
  if (world.clusters.every(({ tracing }) => tracing === undefined)) return notConfigured();
  const atMs = world.clock.nowMs();
  const meant = await edgeAsked(world, asked, atMs);
  if ('reply' in meant) return said(meant.reply, 'not-found');
  const { cluster, edge } = meant;
  const evidence = await follow(cluster, await measureSought(cluster, edge, atMs));
  const { tracing } = evidence;
  if (tracing === undefined) return notConfigured();
  if (!tracing.ok || tracing.value.worst === null) return said(noTraceMessage(edgeTitle(edge), tracing, evidence), 'not-found');
  const { worst, source } = tracing.value;
  return told(world, { title: edgeTitle(edge), source, worst, edge, cluster });
};

/** `/mesh trace ID`: one trace, whole, from whichever cluster's store holds it. */
export const traceById = async (world: AskWorld, { id, options }: Extract<Question, { kind: 'trace-id' }>): Promise<Reply> => {
  const clusters = world.clusters.filter(({ name }) => options.cluster === null || options.cluster === name);
  const stores = clusters.flatMap(({ name, tracing }) => (tracing === undefined ? [] : [{ cluster: name, ...tracing }]));
  if (stores.length === 0) return notConfigured();
  const answer = await findTrace(id, stores);
  if ('words' in answer) return said(inWords(...answer.words), 'not-found');
  const { store, received } = answer;
  const [only] = ranked([{ received, found: { way: 'id' } }], null, { by: 'latency', end: null }, []);
  const cluster = clusters.find(({ name }) => name === store.cluster);
  if (only === undefined || cluster === undefined)
    return said(inWords(`${store.traces.name} has no span of trace ${id}.`), 'not-found');
  const worst = followed(only, null, world.clock.nowMs());
  const { name: source } = store.traces;
  return told(world, { title: `Trace ${id}`, source, worst, edge: null, cluster });
};
