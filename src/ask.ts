import { type Edge, edgeKey, edgeTitle } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import { quantile } from './domain/histogram.ts';
import { counterOf, failedMeans, type Mesh } from './domain/mesh.ts';
import type { Message, Picture } from './domain/message.ts';
import { type Named, type Question, readQuestion } from './domain/question-text.ts';
import { count, quantileText, rate, success } from './domain/words.ts';
import { type Found, inWords, isBusy, nameOf, whereItIs } from './find-edges.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import type { ChartRenderer, Clock } from './ports.ts';
import { helpMessage, plainAnswer, type StatRow, statMessage } from './stages/compose/answers.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import type { Setting } from './stages/compose/setting.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import type { StatEdge, StatQuestion } from './stages/measure/stat.ts';
import { askedFor, measure } from './triage.ts';

/** What an answer needs of the world. */
export type AskWorld = {
  readonly clusters: readonly Cluster[];
  readonly clock: Clock;
  readonly charts: ChartRenderer | null;
  readonly settingOf: (edge: Edge | null, cluster: string) => Setting;
};

/** The answer to one question: a message, and the picture and evidence behind it where there are any. */
type Reply = {
  readonly message: Message;
  readonly picture: Picture | null;
  readonly evidence: Evidence | null;
  /** `not-found`: understood, but there is nothing to show, and the message says why. */
  readonly ending: 'answered' | 'unclear' | 'not-found';
};

const said = (message: Message, ending: Reply['ending'] = 'answered'): Reply => ({
  message,
  picture: null,
  evidence: null,
  ending,
});

const maxRows = 30;
const whySeconds = 3600;

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

/** `--namespace` is the namespace of a name that has none. */
const inNamespace = (named: Named | null, namespace: string | null): Named | null =>
  named === null ? null : { ...named, namespace: named.namespace ?? namespace };

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

/** The edge's triage, now, as an alert's. */
const triage = async (
  world: AskWorld,
  { cluster, edges }: Found,
  from: Named | null,
  to: Named,
  atMs: number,
): Promise<Reply> => {
  const edge = edgeMeant(edges, from, to);
  if (edge === null)
    return said(
      inWords(`${nameOf(to)} calls others in ${cluster.name}, but nobody calls it: write “/mesh why ${to.name} → …”.`),
      'not-found',
    );
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
  return {
    message: root(report, setting, standingOf(incident)),
    picture: drawn?.ok ? drawn.value : null,
    evidence,
    ending: 'answered',
  };
};

const why = async (world: AskWorld, { from, to, options }: Extract<Question, { kind: 'why' }>): Promise<Reply> => {
  const atMs = world.clock.nowMs();
  const callee = inNamespace(to, options.namespace) ?? to;
  const question: StatQuestion = { name: callee, from, namespace: null, seconds: whySeconds, atMs };
  const asked = from === null ? nameOf(callee) : `${nameOf(from)} → ${nameOf(callee)}`;
  const where = await whereItIs(world, options, question, asked);
  // `checkout/payments` may be an edge as well as a namespace with a name.
  if ('reply' in where && from === null && to.namespace !== null) {
    const pair = { from: { namespace: null, name: to.namespace }, name: { namespace: options.namespace, name: to.name } };
    const other = await whereItIs(world, options, { ...question, ...pair }, `${to.namespace} → ${to.name}`);
    if ('found' in other) return triage(world, other.found, pair.from, pair.name, atMs);
  }
  if ('reply' in where) return said(where.reply, 'not-found');
  return triage(world, where.found, from, callee, atMs);
};

/** Answers a person's words through the same stages as an alert. */
export const ask = async (world: AskWorld, text: string): Promise<Reply> => {
  const question = readQuestion(text);
  if (question.kind === 'help') return said(helpMessage());
  if (question.kind === 'unclear') return said(plainAnswer(question.lines), 'unclear');
  return question.kind === 'stat' ? stat(world, question) : why(world, question);
};
