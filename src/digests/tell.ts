import { digest } from '../digest.ts';
import { type Digest, isTold, memoryOf } from '../domain/digest.ts';
import { lateWithinMs, slotOn } from '../domain/digest-schedule.ts';
import { type DigestSubscription, subscriptionKey } from '../domain/digest-subscription.ts';
import type { Job } from '../domain/job.ts';
import { minuteMs } from '../domain/time.ts';
import { readObjectives } from '../read-objectives.ts';
import { digestMessages } from '../stages/compose/digest-outgoing.ts';
import type { SloAnswer } from '../stages/compose/slo-answer.ts';
import { type DigestsWorld, subscriptionsIn } from './world.ts';

type DigestJob = Extract<Job, { kind: 'digest' }>;

/** A source that is away at nine is often back by a quarter past; after that the channel is told that nothing is known. */
const darkForMs = 15 * minuteMs;
const askAgainMs = 2 * minuteMs;
/** For all objectives of a cluster: nobody waits for it. */
const patienceMs = 300_000;

/** Nothing was answered, of anything. */
const isDark = (answers: readonly SloAnswer[], { gaps }: Digest): boolean =>
  (answers.length > 0 || gaps !== undefined) && answers.every(({ reading }) => reading.whole === null && reading.gaps.length > 0);

/** The digest of a subscription as it would be told at a moment, beside the last that was. */
export const readFor = async (
  world: Pick<DigestsWorld, 'store' | 'charts' | 'clusters' | 'objectives' | 'linkOf'>,
  workspace: string,
  wanted: DigestSubscription,
  atMs: number,
) => {
  const { store, charts, clusters, objectives } = world;
  const links = new Map<string, string | null>();
  const pastIncidents = async (sinceMs: number) => {
    const incidents = (await store.incidentsSince(sinceMs)).filter((incident) => incident.workspace === workspace);
    for (const incident of incidents) links.set(incident.id, world.linkOf(incident));
    return incidents;
  };
  const last = await store.digests.last(workspace, subscriptionKey(wanted));
  return digest(
    {
      ...{ clusters, charts, timeZone: wanted.zone },
      objectives: { ...objectives, pastIncidents },
      linkOf: (incidentId) => links.get(incidentId) ?? null,
    },
    wanted,
    { atMs, rhythm: wanted.rhythm, lastAtMs: last?.atMs ?? null, memory: last?.memory ?? [] },
  );
};

/** Tells a channel its digest of a date: once, however often and wherever this runs. Too late for its date, nothing is told. */
export const tellDigest = async (world: DigestsWorld, job: DigestJob): Promise<void> => {
  const { store, clock, log, hasPictureChannel } = world;
  const { workspace, subscription, date } = job;
  const wanted = (await subscriptionsIn(world, workspace)).find((one) => subscriptionKey(one) === subscription);
  if (wanted === undefined || isTold(await store.digests.last(workspace, subscription), date)) return;
  const { atMs: slotMs } = slotOn(wanted, date);
  const atMs = clock.nowMs();
  if (atMs - slotMs > lateWithinMs) {
    log('warn', 'a digest is too late to be told', { workspace, subscription, date });
    return world.onDigest('late');
  }
  const told = await readFor(world, workspace, wanted, atMs);
  world.onGaps(told.answers.flatMap(({ reading }) => reading.gaps));
  if (isDark(told.answers, told.digest) && atMs - slotMs < darkForMs) return store.later(job, atMs + askAgainMs);
  const id = `digest:${JSON.stringify([workspace, subscription, date])}`;
  const messages = digestMessages(id, told, await told.picture, hasPictureChannel);
  const { channel } = wanted;
  if (!(await store.digests.tell({ id, workspace, subscription, date, atMs, channel, memory: memoryOf(told.digest), messages })))
    return;
  log('info', 'a digest is told', { workspace, channel, date, objectives: told.answers.length });
  world.onDigest('told');
  world.wakeSender();
};

/** Reads every objective, so that who cannot wait for it knows how it stands. */
export const readAll = async ({ clusters, objectives, clock, onGaps }: DigestsWorld): Promise<void> => {
  const answers = await readObjectives(objectives, clusters, objectives.slos, clock.nowMs(), patienceMs);
  onGaps(answers.flatMap(({ reading }) => reading.gaps));
};
