import { calleeName, callerName } from './domain/edge.ts';
import type { Gap } from './domain/gathered.ts';
import type { Message } from './domain/message.ts';
import { nearOf } from './domain/near.ts';
import type { Named, Options } from './domain/question-text.ts';
import { gatherQueries, type QueryBudget } from './gather.ts';
import { type Cluster, rowsOf } from './inquiry.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { span } from './stages/compose/dates.ts';
import type { AskedEdges } from './stages/measure/asked.ts';
import type { CountRow } from './stages/measure/rows.ts';
import { type Figures, planStat, readStat, type StatEdge } from './stages/measure/stat.ts';

type ClusterWorld = { readonly clusters: readonly Cluster[] };

/** An answer of words alone. */
export const inWords = (...lines: readonly string[]): Message => plainAnswer(lines);

/** What one cluster says of the asked edges. `isKnown`: the requests could be read; without that no answer means nothing. */
export type Found = {
  readonly cluster: Cluster;
  readonly edges: readonly StatEdge[];
  /** Requests as they were counted: by edge, reporter, code and flags. */
  readonly counts: readonly CountRow[];
  readonly gaps: readonly Gap[];
  readonly isKnown: boolean;
};

/** The asked edges as this cluster counts them. */
export const readEdges = async (cluster: Cluster, question: AskedEdges, figures: Figures): Promise<Found> => {
  const budget: QueryBudget = { records: [], maxCalls: 20, deadlineMs: cluster.deadlineMs };
  const answers = await gatherQueries(cluster.metrics, planStat(cluster.dialect, question, figures), budget);
  const gaps = [...answers.values()].flatMap((answer) => (answer.ok ? [] : [answer.gap]));
  const counts = rowsOf(answers, 'stat-counts');
  const edges = readStat(cluster.dialect, cluster.name, counts, rowsOf(answers, 'stat-buckets'));
  return { cluster, edges, counts, gaps, isKnown: answers.get('stat-counts')?.ok === true };
};

/** Extrapolated counts are never whole; half a request is none. */
export const isBusy = ({ counts }: StatEdge): boolean => counts.requests >= 0.5;
export const nameOf = ({ namespace, name }: Named): string => (namespace === null ? name : `${namespace}/${name}`);
const gapWords = (gaps: readonly Gap[]): readonly string[] => gaps.map((gap) => `No ${gap.what}: ${gap.source} ${gap.detail}.`);
const listed = (names: readonly string[]): string => names.join(', ');

/** The clusters that a question is put to: the named one, else all. */
const clustersFor = (world: ClusterWorld, { cluster }: Options): readonly Cluster[] =>
  cluster === null ? world.clusters : world.clusters.filter(({ name }) => name === cluster);

/** Of a cluster that is not configured: which there are. */
export const noCluster = (world: ClusterWorld, { cluster }: Options): Message => {
  const names = world.clusters.map(({ name }) => name);
  const [near] = nearOf(cluster ?? '', names);
  return inWords(
    `I do not know the cluster ${cluster ?? ''}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    `There ${names.length === 1 ? 'is' : 'are'}: ${listed(names)}.`,
  );
};

/** Nothing is counted at all: not quiet, not scraped. */
const noSeries = ({ cluster }: Found, seconds: number): string =>
  `No data: ${cluster.name} has no series of ${cluster.dialect.metrics.requests} in the last ${span(seconds * 1000)}. “edgewise doctor” tells what is missing.`;

/** Every end that is counted, by name, with the namespaces it is in. */
const endsOf = (found: readonly Found[]): ReadonlyMap<string, readonly string[]> => {
  const known = new Map<string, readonly string[]>();
  for (const { edge } of found.flatMap(({ edges }) => edges))
    for (const [name, namespace] of [
      [callerName(edge), edge.source.namespace],
      [calleeName(edge), edge.destination.namespace],
    ] as const)
      known.set(name, [...new Set([...(known.get(name) ?? []), ...(namespace === null ? [] : [namespace])])].sort());
  return known;
};

/** What is wrong with one end of the question; nothing when it is known as it was named. */
const endWords = (end: Named | null, known: ReadonlyMap<string, readonly string[]>, where: string): readonly string[] => {
  if (end === null) return [];
  const namespaces = known.get(end.name);
  if (namespaces !== undefined)
    return end.namespace === null || namespaces.includes(end.namespace)
      ? []
      : [`${end.name} is in ${listed(namespaces)}, not in ${end.namespace}.`];
  const names = [...known.keys()].sort();
  const near = nearOf(end.name, names);
  return [
    `I know no workload or service ${end.name} in ${where}.`,
    near.length > 0 ? `Did you mean: ${listed(near)}?` : `There are: ${listed(names.slice(0, 8))}.`,
  ];
};

/** An increase needs two samples (prometheus.io/docs, "rate()"): over a short window there may be none of anything. */
const isScrapedRarely = async (found: readonly Found[], question: AskedEdges): Promise<boolean> => {
  if (question.seconds >= 300) return false;
  const longer = { ...question, name: null, from: null, namespace: null, seconds: 300 };
  const all = await Promise.all(found.map(({ cluster }) => readEdges(cluster, longer, 'requests')));
  return all.some(({ edges }) => edges.length > 0);
};

/** No such edge, or one without requests, or none counted, or nobody could say: four different answers. */
const notFound = async (found: readonly Found[], question: AskedEdges, asked: string): Promise<Message> => {
  const where = listed(found.map(({ cluster }) => cluster.name));
  const read = found.filter(({ isKnown }) => isKnown);
  const gaps = gapWords(found.filter(({ isKnown }) => !isKnown).flatMap((one) => one.gaps));
  if (read.length === 0) return inWords(...gaps);
  const time = span(question.seconds * 1000);
  if (read.some(({ edges }) => edges.length > 0))
    return inWords(`No traffic: ${asked} is known in ${where}, but had no requests in the last ${time}.`, ...gaps);
  const everything = { ...question, name: null, from: null, namespace: null };
  const all = await Promise.all(read.map(({ cluster }) => readEdges(cluster, everything, 'requests')));
  if (all.every(({ edges }) => edges.length === 0) && (await isScrapedRarely(read, question)))
    return inWords(`Nothing can be counted over ${time}: that takes two scrapes. Add --window 5m.`, ...gaps);
  if (all.every(({ edges }) => edges.length === 0))
    return inWords(...all.flatMap((one) => (one.isKnown ? [noSeries(one, question.seconds)] : gapWords(one.gaps))), ...gaps);
  const known = endsOf(all);
  if (question.name === null) {
    const namespaces = [...new Set([...known.values()].flat())].sort();
    const near = nearOf(question.namespace ?? '', namespaces);
    return inWords(
      `Nothing is called in the namespace ${question.namespace ?? ''} in ${where}.`,
      near.length > 0 && !namespaces.includes(question.namespace ?? '')
        ? `Did you mean: ${listed(near)}?`
        : `There are: ${listed(namespaces.slice(0, 8))}.`,
    );
  }
  const words = [...endWords(question.from, known, where), ...endWords(question.name, known, where)];
  const { from, name } = question;
  const isTurned = all.some(({ edges }) =>
    edges.some(({ edge }) => from !== null && callerName(edge) === name.name && calleeName(edge) === from.name),
  );
  const turned = isTurned && from !== null ? ` Did you mean ${name.name} → ${from.name}?` : '';
  return inWords(
    ...(words.length > 0
      ? words
      : [`There is no edge ${asked} in ${where}: both are known, but not as caller and callee.${turned}`]),
    ...gaps,
  );
};

type Where = { readonly found: Found } | { readonly reply: Message };

/** The one cluster where the asked edges are; a person says which when there are several. */
export const whereItIs = async (
  world: ClusterWorld,
  options: Options,
  question: AskedEdges,
  asked: string,
  figures: Figures,
): Promise<Where> => {
  const clusters = clustersFor(world, options);
  if (clusters.length === 0) return { reply: noCluster(world, options) };
  if (question.name === null && clusters.length > 1)
    return { reply: inWords(`Which cluster? Add --cluster: ${listed(clusters.map(({ name }) => name))}.`) };
  const found = await Promise.all(clusters.map((cluster) => readEdges(cluster, question, figures)));
  const [one, ...others] = found.filter(({ edges }) => edges.some(isBusy));
  if (others.length > 0 && one !== undefined)
    return {
      reply: inWords(
        `${asked} had requests in ${listed([one, ...others].map(({ cluster }) => cluster.name))}. Which? Add --cluster ${one.cluster.name}.`,
      ),
    };
  if (one !== undefined) return { found: one };
  const [only] = found;
  if (question.name === null && only?.isKnown && only.edges.length > 0) return { found: only };
  return { reply: await notFound(found, question, asked) };
};
