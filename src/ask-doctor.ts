import { type AskWorld, type Reply, said } from './asking.ts';
import type { Question } from './domain/question-text.ts';
import { noCluster } from './find-edges.ts';
import { gather } from './gather.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { findingsMessage } from './stages/compose/findings.ts';

/** Each look has ten seconds, and some come one after the other. */
const examineMs = 60_000;

/** `/mesh doctor`: whether every source answers, and what to do where one does not. */
export const doctorReply = async (world: AskWorld, { options }: Extract<Question, { kind: 'doctor' }>): Promise<Reply> => {
  const { examine, clusters } = world;
  if (examine === undefined) return said(plainAnswer(['Sources are looked at in Slack, or by “edgewise doctor”.']), 'not-found');
  if (options.cluster !== null && !clusters.some(({ name }) => name === options.cluster))
    return said(noCluster(world, options), 'not-found');
  const found = await gather('the findings', 'the doctor', examineMs, () => examine(options.cluster));
  return found.ok
    ? said(findingsMessage(found.value))
    : said(plainAnswer([`Nobody knows how the sources are: ${found.gap.source} ${found.gap.detail}.`]), 'not-found');
};
