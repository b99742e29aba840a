import { traceById, traceOfEdge } from './ask-trace.ts';
import { type AskWorld, type Reply, said } from './asking.ts';
import { type Edge, edgeKey, edgeTitle } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import { quantile } from './domain/histogram.ts';
import { counterOf, failedMeans, type Mesh } from './domain/mesh.ts';
import { type Question, readQuestion } from './domain/question-text.ts';
import { count, quantileText, rate, success } from './domain/words.ts';
import { edgeAsked, inNamespace } from './find-asked-edge.ts';
import { isBusy, nameOf, whereItIs } from './find-edges.ts';
import { follow } from './follow-trace.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import { helpMessage, plainAnswer, type StatRow, statMessage } from './stages/compose/answers.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import type { StatEdge, StatQuestion } from './stages/measure/stat.ts';
import { askedFor, measure } from './triage.ts';

export type { AskWorld } from './asking.ts';

const maxRows = 30;

const statRow = ({ edge, noun, counts, latency }: StatEdge, seconds: number): StatRow => {
  const at = (q: number): string => {
    const value = latency === null ? null : quantile(q, latency);
    return value === null ? '–' : quantileText(value);
  };
  return {
    edge,
    successRate:
      counts.requests < 20
        ? `${count(counts.requests - counts.failed)} of ${count(counts.requests)}`
        : success(counts.failed < 0.5 ? 0 : counts.failed / counts.requests),
    requestRate: noun === 'connection' ? `${rate(counts.requests / seconds)} TCP` : rate(counts.requests / seconds),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    refused: counts.refused < 0.5 ? '–' : count(counts.refused),
  };
};

const reporterOf = (edges: readonly StatEdge[], mesh: Mesh): string => {
  if (mesh === 'ambient') return counterOf(mesh, 'caller');
  const callee = edges.filter(({ reporter }) => reporter === 'callee').length;
  if (callee === 0) return "the callers' proxies";
  return callee === edges.length ? "the callees' proxies" : "the callers' proxies, the callee's where no caller's reports";
};

const stat = async (world: AskWorld, { name, from, options }: Extract<Question, { kind: 'stat' }>): Promise<Reply> => {
  const atMs = world.clock.nowMs();
  const seconds = options.windowSeconds;
  const to = inNamespace(name, options.namespace);
  const question: StatQuestion = { name: to, from, namespace: options.namespace, seconds, atMs };
  const asked = to === null ? 'It' : from === null ? nameOf(to) : `${nameOf(from)} → ${nameOf(to)}`;
  const where = await whereItIs(world, options, question, asked);
  if ('reply' in where) return said(where.reply, 'not-found');
  const { cluster, edges, gaps } = where.found;
  const busy = edges.filter(isBusy);
  const place = options.namespace === null ? cluster.name : `${cluster.name} / ${options.namespace}`;
  const title =
    to === null ? `Edges of ${place}` : from === null ? `Edges of ${asked} in ${cluster.name}` : `${asked} in ${cluster.name}`;
  const shown = busy.slice(0, maxRows);
  const answer = {
    title,
    rows: shown.map((edge) => statRow(edge, seconds)),
    more: busy.length - shown.length,
    atMs,
    windowSeconds: seconds,
    reporter: reporterOf(shown, cluster.dialect.name),
    failed: failedMeans(cluster.dialect.name),
    hasConnections: shown.some(({ noun }) => noun === 'connection'),
    gaps,
  };
  return said(statMessage(answer, world.settingOf(null, cluster.name).timeZone));
};

/** The edge's triage, now, as an alert's. */
const triage = async (world: AskWorld, cluster: Cluster, edge: Edge, atMs: number): Promise<Reply> => {
  const evidence = await follow(cluster, await measure(cluster, askedFor(edge), [], atMs));
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
  return {
    message: root(report, setting, standingOf(incident)),
    picture: drawn?.ok ? drawn.value : null,
    evidence,
    ending: 'answered',
  };
};

const why = async (world: AskWorld, asked: Extract<Question, { kind: 'why' }>): Promise<Reply> => {
  const atMs = world.clock.nowMs();
  const meant = await edgeAsked(world, asked, atMs);
  return 'reply' in meant ? said(meant.reply, 'not-found') : triage(world, meant.cluster, meant.edge, atMs);
};

/** Answers a person's words through the same stages as an alert. */
export const ask = async (world: AskWorld, text: string): Promise<Reply> => {
  const question = readQuestion(text);
  if (question.kind === 'help') return said(helpMessage());
  if (question.kind === 'unclear') return said(plainAnswer(question.lines), 'unclear');
  if (question.kind === 'trace') return traceOfEdge(world, question);
  if (question.kind === 'trace-id') return traceById(world, question);
  return question.kind === 'stat' ? stat(world, question) : why(world, question);
};
