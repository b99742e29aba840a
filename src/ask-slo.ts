import { type AskWorld, drawnFor, type Reply, said } from './asking.ts';
import type { Gap } from './domain/gathered.ts';
import type { Question } from './domain/question-text.ts';
import { namesNear, slosSought } from './domain/slo/sought.ts';
import { byUrgency } from './domain/slo/standing.ts';
import type { Slo } from './domain/slo.ts';
import { noCluster } from './find-edges.ts';
import { readAllObjectives } from './read-objectives.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { sloMessage } from './stages/compose/slo-answer.ts';
import { sloJson } from './stages/compose/slo-json.ts';
import { budgetPicture } from './stages/draw/budget.ts';

type SloQuestion = Extract<Question, { kind: 'slo' }>;

/** For all of one question: the first of all may read a month of history. */
const patienceMs = 60_000;

/** Rules that nobody could read may record objectives: that is not none. */
const recordedWords = ([gap]: readonly Gap[]): string =>
  gap === undefined
    ? 'Rules of Sloth, Pyrra and Grafana record none here.'
    : `Whether rules of Sloth, Pyrra or Grafana record any is not known: ${gap.source} ${gap.detail}.`;

const nothingFound = (slos: readonly Slo[], what: string | null, gaps: readonly Gap[]): Reply => {
  if (what === null)
    return said(plainAnswer([`No objective is known: name files of them in SLO_FILES. ${recordedWords(gaps)}`]), 'not-found');
  const near = namesNear(slos, what);
  const meant = near.length === 0 ? 'write “/mesh slo” for all of them' : `did you mean ${near.join(', ')}?`;
  const unread = gaps.length === 0 ? [] : [recordedWords(gaps)];
  return said(plainAnswer([`No objective is called “${what}” or is about it; ${meant}`, ...unread]), 'not-found');
};

/** `/mesh slo`: how objectives stand now, and what spent their budgets. */
export const sloReply = async (world: AskWorld, asked: SloQuestion): Promise<Reply> => {
  const { clusters, clock, objectives } = world;
  const { options, what } = asked;
  const chosen = clusters.filter(({ name }) => options.cluster === null || options.cluster === name);
  if (chosen.length === 0) return said(noCluster(world, options), 'not-found');
  const atMs = clock.nowMs();
  if (objectives === undefined) return nothingFound([], what, []);
  const { slos } = objectives;
  const defined = slosSought(slos, asked);
  const { answers: read, gaps } = await readAllObjectives(objectives, chosen, defined, atMs, patienceMs);
  const known = read.map(({ reading }) => reading.slo);
  const meant = new Set(slosSought(known, asked));
  const answers = read.filter(({ reading }) => meant.has(reading.slo)).sort(byUrgency);
  if (answers.length === 0) return nothingFound([...slos, ...known], what, gaps);
  const { timeZone } = world.settingOf(null, chosen[0]?.name ?? '');
  const drawn = answers.flatMap(({ reading, standing: { left }, spenders }) =>
    left === null ? [] : [{ reading, left, incidents: spenders.flatMap(({ incidents }) => incidents) }],
  );
  return {
    message: sloMessage(answers, timeZone),
    picture: drawnFor(world, budgetPicture(drawn, timeZone)),
    evidence: null,
    json: answers.map(sloJson),
    ending: 'answered',
  };
};
