import type { Alert } from '../domain/alert.ts';
import { hear, isBack, measured, reopenWithinMs, toldReturns } from '../domain/episode.ts';
import { isFloodKey } from '../domain/flood.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import type { Picture } from '../domain/message.ts';
import type { Report } from '../domain/report.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Decision } from '../ports.ts';
import { closedMessage, newsMessages } from '../stages/compose/outgoing.ts';
import { planWholePicture } from '../stages/measure/picture.ts';
import { standingsKnown, withBudgets } from './budgets.ts';
import { measureIncident } from './figures.ts';
import { spread } from './parts.ts';
import { isAboutMany, ownNews, refreshJobs, retold } from './retold.ts';
import { costsIn, drawFor, reportOf, sendPicture } from './tell.ts';
import { type EpisodeWorld, textWithinMs } from './world.ts';

/** The figures at the end of an incident, for its card; null when nothing is measured or the sources take too long. */
const figuresAfter = async (world: EpisodeWorld, incident: Incident, atMs: EpochMs): Promise<Report | null> => {
  if (incident.edge === null) return null;
  const cluster = world.clusterOf(incident.cluster);
  const measuring = Promise.all([
    measureIncident(cluster, incident, [incident.lead], atMs, { planOf: planWholePicture }),
    standingsKnown(world),
  ]).then(([measuredNow, standings]) => withBudgets(measuredNow, standings));
  const evidence = await Promise.race([measuring.catch(() => null), world.clock.sleep(textWithinMs).then(() => null)]);
  return evidence === null ? null : reportOf(evidence);
};

/** What failed since the last reading is of this incident too; figures of its end are no peak. */
const countedUntil = (incident: Incident, after: Report | null, atMs: EpochMs): Incident => {
  if (after === null || after.evidence.readings.length === 0) return incident;
  const failedPerMinute = after.diagnosis.impact?.failedPerMinute ?? null;
  const costs = costsIn(after.evidence);
  return measured(incident, { errorRatio: null, failedPerMinute, latencyP99Seconds: null, costs }, atMs);
};

/** How it went: shortly before, at its worst and at its end. */
const drawEnd = async (world: EpisodeWorld, after: Report, zone: string): Promise<Picture | null> => {
  const picture = await drawFor(world, after, zone);
  return picture === null ? null : { ...picture, name: 'how-it-went' };
};

/** What an incident becomes that hears alerts it holds already, with the figures `after` its end. */
const decided = (
  world: EpisodeWorld,
  current: Incident,
  alerts: readonly Alert[],
  mayClose: boolean,
  after: Report | null,
  atMs: EpochMs,
): Decision => {
  const setting = world.settingOf(current.edge, current.cluster, current.workspace);
  const { incident: heard, news } = hear(current, alerts, atMs, mayClose);
  const next = news.includes('resolved') ? countedUntil(heard, after, atMs) : heard;
  const route = world.routeOf(next.lead, next.edge, next.severity, next.workspace);
  const closing = news.includes('resolved') ? [closedMessage(next, null, atMs, setting)] : [];
  const mention = isFloodKey(next.key) ? null : route.mention;
  const messages = [...closing, ...newsMessages(next, ownNews(next, news), mention, atMs, setting, after)];
  const back = isBack(news) ? [{ job: { kind: 'refresh', incidentId: next.id, minute: 0 } as const, atMs }] : [];
  const jobs = [...back, ...(isBack(news) ? refreshJobs(next, atMs) : [])];
  // Who is well again, or back, is counted in the root at once.
  const isRecounted = isAboutMany(next) && next.state === 'open' && next.revision !== current.revision;
  return isRecounted ? retold(world, next, messages, atMs, jobs) : { incident: next, messages, jobs };
};

/** Alerts that an incident already holds: heard again, resolved, or back. */
export const hearKnown = async (
  world: EpisodeWorld,
  scope: Scope,
  incident: Incident,
  alerts: readonly Alert[],
  mayClose: boolean,
): Promise<void> => {
  const atMs = world.clock.nowMs();
  const closes = hear(incident, alerts, atMs, mayClose).news.includes('resolved');
  const after = closes ? await figuresAfter(world, incident, atMs) : null;
  const heard = await world.store.change(scope, incident.key, atMs - reopenWithinMs, (current) =>
    current === null || current.id !== incident.id ? null : decided(world, current, alerts, mayClose, after, atMs),
  );
  await spread(world, heard ?? incident);
  world.wakeSender();
  const { timeZone } = world.settingOf(incident.edge, scope.cluster, scope.workspace);
  // What flaps was drawn at its first ends.
  if (after !== null && after.evidence.readings.length > 0 && incident.reopened < toldReturns)
    await sendPicture(world, scope, incident, await drawEnd(world, after, timeZone));
};
