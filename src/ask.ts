import { calleeName, callerName, type Edge, edgeKey, edgeTitle } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Gap, Gathered } from './domain/gathered.ts';
import { quantile } from './domain/histogram.ts';
import type { Message, Picture } from './domain/message.ts';
import { type Named, type Options, type Question, readQuestion } from './domain/question-text.ts';
import { count, percent, quantileText, rate } from './domain/words.ts';
import { gather, gatherQueries, type QueryAnswer, type QueryBudget } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer, Clock } from './ports.ts';
import { helpMessage, plainAnswer, type StatRow, statMessage } from './stages/compose/answers.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import type { Setting } from './stages/compose/setting.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import type { CountRow } from './stages/measure/rows.ts';
import { planStat, readStat, type StatEdge, type StatQuestion } from './stages/measure/stat.ts';
import { askedFor, measure } from './triage.ts';

/** What an answer needs of the world. */
export type AskWorld = {
  readonly clusters: readonly Cluster[];
  readonly clock: Clock;
  readonly charts: ChartRenderer | null;
  readonly settingOf: (edge: Edge | null, cluster: string) => Setting;
};

/** The answer to one question: a message, and the picture and evidence behind it where there are any. */
export type Reply = { readonly message: Message; readonly picture: Picture | null; readonly evidence: Evidence | null };

const said = (message: Message): Reply => ({ message, picture: null, evidence: null });

const maxRows = 30;

const rows = (answers: ReadonlyMap<string, Gathered<QueryAnswer>>, id: string): readonly CountRow[] => {
  const answer = answers.get(id);
  return answer?.ok ? answer.value.samples.map(({ labels, value, atMs }) => ({ labels, points: [[atMs, value] as const] })) : [];
};

const readEdges = async (
  cluster: Cluster,
  question: StatQuestion,
): Promise<{ readonly edges: readonly StatEdge[]; readonly gaps: readonly Gap[] }> => {
  const budget: QueryBudget = { records: [], maxCalls: 20, deadlineMs: cluster.deadlineMs };
  const answers = await gatherQueries(cluster.metrics, planStat(cluster.dialect, question), budget);
  const gaps = [...answers.values()].flatMap((answer) => (answer.ok ? [] : [answer.gap]));
  return { edges: readStat(cluster.dialect, cluster.name, rows(answers, 'stat-counts'), rows(answers, 'stat-buckets')), gaps };
};

const clusterFor = (world: AskWorld, { cluster }: Options): Cluster | null =>
  cluster === null ? (world.clusters[0] ?? null) : (world.clusters.find(({ name }) => name === cluster) ?? null);

const noCluster = (world: AskWorld, options: Options): Reply =>
  said(
    plainAnswer([
      `I do not know the cluster ${options.cluster ?? ''}.`,
      `There are: ${world.clusters.map(({ name }) => name).join(', ')}.`,
    ]),
  );

const statRow = ({ edge, counts, latency }: StatEdge, seconds: number): StatRow => {
  const at = (q: number): string => {
    const value = latency === null ? null : quantile(q, latency);
    return value === null ? '–' : quantileText(value);
  };
  return {
    edge,
    successRate:
      counts.requests < 20
        ? `${count(counts.requests - counts.failed)} of ${count(counts.requests)}`
        : percent(1 - counts.failed / counts.requests),
    requestRate: rate(counts.requests / seconds),
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    refused: counts.refused < 0.5 ? '–' : count(counts.refused),
  };
};

/** Names near the asked one, for "did you mean". */
const near = (name: string, edges: readonly StatEdge[]): readonly string[] => {
  const names = [...new Set(edges.flatMap(({ edge }) => [callerName(edge), calleeName(edge)]))].sort();
  const close = names.filter((known) => known.includes(name) || name.includes(known) || known.slice(0, 3) === name.slice(0, 3));
  return (close.length > 0 ? close : names).slice(0, 8);
};

const unknownName = async (
  cluster: Cluster,
  name: string,
  seconds: number,
  atMs: number,
  gaps: readonly Gap[],
): Promise<Reply> => {
  if (gaps.length > 0) return said(plainAnswer(gaps.map((gap) => `No ${gap.what}: ${gap.source} ${gap.detail}.`)));
  const { edges } = await readEdges(cluster, { name: null, from: null, namespace: null, seconds, atMs });
  const names = near(name, edges);
  return said(
    plainAnswer([
      `No edge of ${name} had requests in the last ${Math.round(seconds / 60)} min in ${cluster.name}.`,
      ...(names.length > 0 ? [`Did you mean: ${names.join(', ')}?`] : []),
    ]),
  );
};

const stat = async (world: AskWorld, { name, from, options }: Extract<Question, { kind: 'stat' }>): Promise<Reply> => {
  const cluster = clusterFor(world, options);
  if (cluster === null) return noCluster(world, options);
  const atMs = world.clock.nowMs();
  const seconds = options.windowSeconds;
  const { edges, gaps } = await readEdges(cluster, {
    name: name?.name ?? null,
    from: from?.name ?? null,
    namespace: name?.namespace ?? options.namespace,
    seconds,
    atMs,
  });
  if (edges.length === 0 && name !== null) return unknownName(cluster, name.name, seconds, atMs, gaps);
  const title =
    name === null ? `Edges of ${cluster.name}` : from === null ? `Edges of ${name.name}` : `${from.name} → ${name.name}`;
  const shown = edges.slice(0, maxRows).map((edge) => statRow(edge, seconds));
  return said(
    statMessage(
      {
        title,
        rows: shown,
        more: edges.length - shown.length,
        atMs,
        windowSeconds: seconds,
        reporter: edges[0]?.reporter ?? 'caller',
        gaps,
      },
      world.settingOf(null, cluster.name).timeZone,
    ),
  );
};

const fits = (named: Named | null, name: string, namespace: string | null): boolean =>
  named === null || (named.name === name && (named.namespace === null || named.namespace === namespace));

/** The edge a person means: both names, or the callee's worst (else busiest) caller. `checkout/payments` may be an edge as well. */
const edgeMeant = (edges: readonly StatEdge[], from: Named | null, to: Named): Edge | null => {
  const asEdge =
    from === null && to.namespace !== null
      ? edges.find(({ edge }) => callerName(edge) === to.namespace && calleeName(edge) === to.name)
      : undefined;
  if (asEdge) return asEdge.edge;
  const mine = edges.filter(
    ({ edge }) => fits(from, callerName(edge), edge.source.namespace) && fits(to, calleeName(edge), edge.destination.namespace),
  );
  const [worst] = [...mine].sort((a, b) => b.counts.failed - a.counts.failed || b.counts.requests - a.counts.requests);
  return worst?.edge ?? null;
};

const why = async (world: AskWorld, { from, to, options }: Extract<Question, { kind: 'why' }>): Promise<Reply> => {
  const cluster = clusterFor(world, options);
  if (cluster === null) return noCluster(world, options);
  const atMs = world.clock.nowMs();
  const { edges, gaps } = await readEdges(cluster, {
    name: to.name,
    from: from?.name ?? null,
    namespace: null,
    seconds: 3600,
    atMs,
  });
  const edge = edgeMeant(edges, from, to);
  if (edge === null) return unknownName(cluster, from === null ? to.name : `${from.name} → ${to.name}`, 3600, atMs, gaps);
  const evidence = await measure(cluster, askedFor(edge), [], atMs);
  const report = { evidence, diagnosis: diagnose(evidence) };
  const setting = world.settingOf(edge, cluster.name);
  const lead = askedFor(edge).alert;
  const incident = open(
    {
      id: edgeKey(edge),
      workspace: '',
      cluster: cluster.name,
      key: subjectKey(evidence.subject, lead, ''),
      subject: evidence.subject,
      title: edgeTitle(edge),
      channel: '',
    },
    lead,
    [],
    atMs,
  );
  const spec = hero(report, setting.timeZone);
  const { charts } = world;
  const drawn = spec === null || charts === null ? null : await gather('the picture', 'pictures', 5000, () => charts.draw(spec));
  return { message: root(report, setting, standingOf(incident)), picture: drawn?.ok ? drawn.value : null, evidence };
};

/** Answers a person's words through the same stages as an alert. */
export const ask = async (world: AskWorld, text: string): Promise<Reply> => {
  const question = readQuestion(text);
  if (question.kind === 'help') return said(helpMessage());
  if (question.kind === 'unclear') return said(plainAnswer(question.lines));
  return question.kind === 'stat' ? stat(world, question) : why(world, question);
};
