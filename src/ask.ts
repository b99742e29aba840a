import { tableReply } from './ask-tables.ts';
import { traceById, traceOfEdge } from './ask-trace.ts';
import { type AskWorld, type Reply, said } from './asking.ts';
import { type Edge, edgeKey, edgeTitle } from './domain/edge.ts';
import { open, subjectKey } from './domain/episode.ts';
import { type Question, readQuestion } from './domain/question-text.ts';
import { edgeAsked } from './find-asked-edge.ts';
import { follow } from './follow-trace.ts';
import { gather } from './gather.ts';
import type { Cluster } from './inquiry.ts';
import { helpMessage, plainAnswer } from './stages/compose/answers.ts';
import { standingOf } from './stages/compose/outgoing.ts';
import { root } from './stages/compose/root.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import { askedFor, measure } from './triage.ts';

export type { AskWorld } from './asking.ts';

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
  return question.kind === 'why' ? why(world, question) : tableReply(world, question);
};
