import { type AskWorld, drawnFor, type Reply, said } from './asking.ts';
import type { Question } from './domain/question-text.ts';
import { namesNear, slosSought } from './domain/slo/sought.ts';
import { byUrgency } from './domain/slo/standing.ts';
import type { Slo } from './domain/slo.ts';
import { noCluster } from './find-edges.ts';
import { readObjectives } from './read-objectives.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { sloMessage } from './stages/compose/slo-answer.ts';
import { sloJson } from './stages/compose/slo-json.ts';
import { budgetPicture } from './stages/draw/budget.ts';

type SloQuestion = Extract<Question, { kind: 'slo' }>;

/** For all of one question: the first of all may read a month of history. */
const patienceMs = 60_000;

const nothingFound = (slos: readonly Slo[], what: string | null): Reply => {
  if (what === null)
    return said(
      plainAnswer([
        'No objective is known: name files of them in SLO_FILES. Rules of Sloth, Pyrra and Grafana record none here.',
      ]),
      'not-found',
    );
  const near = namesNear(slos, what);
  const meant = near.length === 0 ? 'write “/mesh slo” for all of them' : `did you mean ${near.join(', ')}?`;
  return said(plainAnswer([`No objective is called “${what}” or is about it; ${meant}`]), 'not-found');
};

/** `/mesh slo`: how objectives stand now, and what spent their budgets. */
export const sloReply = async (world: AskWorld, asked: SloQuestion): Promise<Reply> => {
  const { clusters, clock, objectives } = world;
  const { options, what } = asked;
  const chosen = clusters.filter(({ name }) => options.cluster === null || options.cluster === name);
  if (chosen.length === 0) return said(noCluster(world, options), 'not-found');
  const atMs = clock.nowMs();
  if (objectives === undefined) return nothingFound([], what);
  const { slos } = objectives;
  const defined = slosSought(slos, asked);
  const read = await readObjectives(objectives, chosen, defined, atMs, patienceMs);
  const known = read.map(({ reading }) => reading.slo);
  const meant = new Set(slosSought(known, asked));
  const answers = read.filter(({ reading }) => meant.has(reading.slo)).sort(byUrgency);
  if (answers.length === 0) return nothingFound([...slos, ...known], what);
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
