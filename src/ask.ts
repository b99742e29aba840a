import { doctorReply } from './ask-doctor.ts';
import { graphReply } from './ask-graph.ts';
import { sloReply } from './ask-slo.ts';
import { tableReply } from './ask-tables.ts';
import { traceById, traceOfEdge } from './ask-trace.ts';
import { type AskWorld, drawnFor, type Reply, said } from './asking.ts';
import { type Edge, edgeKey, edgeTitle } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import { type ActQuestion, isOfDigests, type Question, readQuestion } from './domain/question-text.ts';
import { edgeAsked } from './find-asked-edge.ts';
import { noCluster } from './find-edges.ts';
import { follow, seek } from './follow-trace.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import { helpMessage, plainAnswer } from './stages/compose/answers.ts';
import { incidentsMessage } from './stages/compose/incidents.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import { askedFor, measure } from './triage.ts';

/** Patience with the store: who asks in Slack waits. */
const storeMs = 5000;

/** The edge's triage, now, as an alert's. */
const triage = async (world: AskWorld, cluster: Cluster, edge: Edge, atMs: number): Promise<Reply> => {
  let sought: ReturnType<typeof seek> = null;
  const onFigures = (figures: Evidence): void => {
    sought = seek(cluster, figures);
  };
  const measured = await measure(cluster, askedFor(edge), [], atMs, { onFigures });
  const evidence = await follow(cluster, measured, sought);
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
  return {
    message: root(report, setting, { ...standingOf(incident), incidentId: null, severity: null }),
    picture: drawnFor(world, spec),
    evidence,
    ending: 'answered',
  };
};

const why = async (world: AskWorld, asked: Extract<Question, { kind: 'why' }>): Promise<Reply> => {
  const atMs = world.clock.nowMs();
  const meant = await edgeAsked(world, asked, atMs);
  return 'reply' in meant ? said(meant.reply, 'not-found') : triage(world, meant.cluster, meant.edge, atMs);
};

/** What is open, of one cluster where it is named. A store that does not answer is said, and is no "none". */
const incidents = async (world: AskWorld, { options }: Extract<Question, { kind: 'incidents' }>): Promise<Reply> => {
  const { openIncidents, clusters, clock } = world;
  if (openIncidents === undefined)
    return said(
      plainAnswer(['Incidents are known to the Edgewise that serves: ask it in Slack, “/mesh incidents”.']),
      'not-found',
    );
  if (options.cluster !== null && !clusters.some(({ name }) => name === options.cluster))
    return said(noCluster(world, options), 'not-found');
  const open = await gather('open incidents', 'the store', storeMs, openIncidents);
  if (!open.ok) return said(plainAnswer([`The open incidents are not known: the store ${open.gap.detail}.`]), 'not-found');
  const shown = open.value.filter(({ cluster }) => options.cluster === null || cluster === options.cluster);
  const { timeZone } = world.settingOf(null, options.cluster ?? clusters[0]?.name ?? '');
  return said(incidentsMessage(shown, options.cluster, clock.nowMs(), timeZone));
};

const isAct = (question: Question): question is ActQuestion =>
  (['ack', 'unack', 'silence', 'unsilence'] as readonly string[]).includes(question.kind);

/** Answers a person's words through the same stages as an alert. */
export const ask = async (world: AskWorld, text: string): Promise<Reply> => {
  const question = readQuestion(text);
  if (question.kind === 'help') return said(helpMessage());
  if (question.kind === 'unclear') return said(plainAnswer(question.lines), 'unclear');
  if (question.kind === 'incidents') return incidents(world, question);
  if (question.kind === 'trace') return traceOfEdge(world, question);
  if (question.kind === 'trace-id') return traceById(world, question);
  if (question.kind === 'slo') return sloReply(world, question);
  if (question.kind === 'graph') return graphReply(world, question);
  if (question.kind === 'doctor') return doctorReply(world, question);
  if (isOfDigests(question))
    return said(plainAnswer(['/mesh digest is asked in Slack; “edgewise digest --dry-run” shows one here.']), 'not-found');
  if (isAct(question)) return said(plainAnswer([`/mesh ${question.kind} is done in Slack.`]), 'not-found');
  return question.kind === 'why' ? why(world, question) : tableReply(world, question);
};
