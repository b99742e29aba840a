import type { Alert } from '../domain/alert.ts';
import { type Edge, edgeOf } from '../domain/edge.ts';
import { hear, isBack, isOutlived, measured, reopenWithinMs, subjectKey, toldReturns } from '../domain/episode.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import type { Picture } from '../domain/message.ts';
import type { Report } from '../domain/report.ts';
import { callersAmong, isStormKey, stormsAmong } from '../domain/storm.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Cluster, Found } from '../inquiry.ts';
import { locate, provisional } from '../locate.ts';
import { closedMessage, newsMessages } from '../stages/compose/outgoing.ts';
import { planWholePicture } from '../stages/measure/picture.ts';
import { measure, pendingEvidence } from '../triage.ts';
import { joinStorm } from './storm.ts';
import { drawFor, refreshJobs, reportOf, sendPicture, type Telling, tell } from './tell.ts';
import { drawTrace, lookAgainLater, stillFollowing } from './trace.ts';
import { type EpisodeWorld, groupedBy } from './world.ts';

/** Text goes out this long after receipt, whatever is still being asked. */
const textWithinMs = 2500;

/** A trace that comes so soon after the verdict saves an edit of the root. */
const traceWithinMs = 700;

/** The worst request: edited into the root where it came too late for it, and drawn for the thread. */
const tellTrace = async (
  telling: Telling,
  traced: Evidence,
  { incident, isNew }: { readonly incident: Incident; readonly isNew: boolean },
  isLate: boolean,
): Promise<void> => {
  const { world, scope } = telling;
  const report = reportOf(traced);
  if (isLate) await tell(telling, report, null);
  if (isNew) await sendPicture(world, scope, incident, await drawTrace(world, report));
  await lookAgainLater(world, incident.id, report, 0);
};

/**
 * New alerts about one subject: the text when the verdict is ready or at 2.5 s, whichever is first; then the rest. The worst request and
 * the pictures never hold it up.
 */
const triageAlerts = async (telling: Telling, cluster: Cluster, found: Found, evidence: Promise<Evidence>): Promise<void> => {
  const { world, scope, alerts, receivedAtMs } = telling;
  const zone = world.settingOf(edgeOf(found.subject), scope.cluster).timeZone;
  const remaining = (): number => Math.max(0, receivedAtMs + textWithinMs - world.clock.nowMs());
  const within = <T>(work: Promise<T>, ms: number): Promise<T | null> =>
    Promise.race([work, world.clock.sleep(ms).then(() => null)]);
  const early = await within(evidence, remaining());
  const announced =
    early === null ? await tell(telling, reportOf(pendingEvidence(cluster, found, alerts, world.clock.nowMs())), null) : null;
  const measuredNow = early ?? (await evidence);
  const following = world.recent.followed(cluster, measuredNow);
  const waitMs = announced === null ? Math.min(remaining(), traceWithinMs) : 0;
  const traced = cluster.tracing === undefined ? measuredNow : await within(following, waitMs);
  const report = reportOf(traced ?? stillFollowing(measuredNow, cluster));
  const drawing = drawFor(world, report, zone);
  const inline = world.hasPictureChannel && announced === null ? await within(drawing, Math.min(remaining(), 700)) : null;
  const told = await tell(telling, report, inline);
  if (told === null) return;
  const news = announced?.news ?? told.news;
  // Of what flaps nobody is told again, not by a picture either.
  const isNew = news.includes('opened') || news.includes('reopened');
  const isInline = inline !== null && news.includes('opened');
  await Promise.all([
    isNew && !isInline ? drawing.then((picture) => sendPicture(world, scope, told.incident, picture)) : null,
    following.then((whole) => tellTrace(telling, whole, { incident: told.incident, isNew }, traced === null)),
  ]);
};

/** The figures at the end of an incident, for its card; null when nothing is measured or the sources take too long. */
const figuresAfter = async (world: EpisodeWorld, incident: Incident, atMs: EpochMs): Promise<Report | null> => {
  if (incident.edge === null) return null;
  const cluster = world.clusterOf(incident.cluster);
  const measuring = locate(cluster, incident.lead, atMs).then((found) =>
    measure(cluster, found, [incident.lead], atMs, { planOf: planWholePicture }),
  );
  const evidence = await Promise.race([measuring.catch(() => null), world.clock.sleep(textWithinMs).then(() => null)]);
  return evidence === null ? null : reportOf(evidence);
};

/** What failed since the last reading is of this incident too; figures of its end are no peak. */
const countedUntil = (incident: Incident, after: Report | null, atMs: EpochMs): Incident => {
  if (after === null || after.evidence.readings.length === 0) return incident;
  const failedPerMinute = after.diagnosis.impact?.failedPerMinute ?? null;
  return measured(incident, { errorRatio: null, failedPerMinute, latencyP99Seconds: null }, atMs);
};

/** Alerts that an incident already holds: heard again, resolved, or back. */
const hearKnown = async (
  world: EpisodeWorld,
  scope: Scope,
  incident: Incident,
  alerts: readonly Alert[],
  mayClose: boolean,
): Promise<void> => {
  const atMs = world.clock.nowMs();
  const setting = world.settingOf(incident.edge, scope.cluster);
  const closes = hear(incident, alerts, atMs, mayClose).news.includes('resolved');
  const after = closes ? await figuresAfter(world, incident, atMs) : null;
  await world.store.change(scope, incident.key, atMs - reopenWithinMs, (current) => {
    if (current === null || current.id !== incident.id) return null;
    const { incident: heard, news } = hear(current, alerts, atMs, mayClose);
    const next = news.includes('resolved') ? countedUntil(heard, after, atMs) : heard;
    const mention = world.routeOf(next.lead, next.edge, next.severity).mention;
    const closing = news.includes('resolved') ? [closedMessage(next, null, atMs, setting)] : [];
    const back = isBack(news) ? [{ job: { kind: 'refresh', incidentId: next.id, minute: 0 } as const, atMs }] : [];
    return {
      incident: next,
      messages: [...closing, ...newsMessages(next, news, mention, atMs, setting, after)],
      jobs: [...back, ...(isBack(news) ? refreshJobs(next, atMs) : [])],
    };
  });
  world.wakeSender();
  // What flaps was drawn at its first ends.
  if (after !== null && after.evidence.readings.length > 0 && incident.reopened < toldReturns)
    await sendPicture(world, scope, incident, await drawEnd(world, after, setting.timeZone));
};

/** How it went: shortly before, at its worst and at its end. */
const drawEnd = async (world: EpisodeWorld, after: Report, zone: string): Promise<Picture | null> => {
  const picture = await drawFor(world, after, zone);
  return picture === null ? null : { ...picture, name: 'how-it-went' };
};

/** What makes two alerts of a delivery one question: 40 alerts on one edge cost the calls of one. */
const signature = (alert: Alert): string =>
  JSON.stringify([
    alert.generatorUrl,
    alert.labels['alertname'],
    Object.entries(alert.labels)
      .filter(([name]) =>
        /^(source_|destination_|dst_|deployment$|direction$|client_id$|envoy_cluster_name$|cluster_name$|namespace$|app$)/.test(
          name,
        ),
      )
      .sort(),
  ]);

/** The walk of one delivery. May run twice: everything it writes is keyed, and hearing the same again is no news. */
export const handleDelivery = async (world: EpisodeWorld, deliveryId: string): Promise<void> => {
  const delivery = await world.store.delivery(deliveryId);
  if (delivery === null) return;
  const { group, receivedAtMs } = delivery;
  const scope: Scope = { workspace: delivery.workspace, cluster: delivery.cluster };
  const mayClose = group.truncatedAlerts === 0 || group.notificationReason === 'all alerts resolved';
  const known = await Promise.all(
    group.alerts.map(async (alert) => {
      const incident = await world.store.incidentOfAlert(scope, alert.fingerprint, alert.startsAtMs);
      return { alert, incident: incident !== null && isOutlived(incident, alert, receivedAtMs) ? null : incident };
    }),
  );
  for (const [, held] of groupedBy(
    known.filter(({ incident }) => incident !== null),
    ({ incident }) => incident?.id ?? '',
  )) {
    const incident = held[0]?.incident;
    if (incident)
      await hearKnown(
        world,
        scope,
        incident,
        held.map(({ alert }) => alert),
        mayClose,
      );
  }
  const fresh = known.filter(({ alert, incident }) => incident === null && alert.status === 'firing').map(({ alert }) => alert);
  const cluster = world.clusterOf(scope.cluster);
  const atMs = world.clock.nowMs();
  const located = await Promise.all(
    [...groupedBy(fresh, signature).values()].map((alerts) => locateInTime(world, cluster, alerts, atMs, receivedAtMs)),
  );
  const open = located.length === 0 ? [] : (await world.store.openIncidents()).filter(isOf(scope));
  const stormOf = stormsAmong(
    open,
    located.map(({ found }) => found.subject),
    atMs,
  );
  const keyOf = ({ found, alerts: [lead] }: Located): string => {
    const own = lead === undefined ? '' : subjectKey(found.subject, lead, group.groupKey);
    return open.some(({ key }) => key === own) ? own : (stormOf(found.subject) ?? own);
  };
  await Promise.all(
    [...groupedBy(located, keyOf)].map(async ([key, parts]) => {
      const [one] = parts;
      if (!one) return;
      const alerts = parts.flatMap((part) => part.alerts);
      const callers = isStormKey(key) ? parts.flatMap(withEdge) : [];
      const isJoined = open.some((incident) => incident.key === key) && callers.length > 0;
      if (isJoined && (await joinStorm(world, { scope, key, mayClose }, callers))) return;
      const evidence = one.locating.then((found) => world.recent.measured(cluster, key, found, alerts, atMs));
      const edges = callers.map(({ edge }) => edge);
      const telling = { world, scope, key, alerts, mayClose, receivedAtMs, callers: callersAmong(open, edges, atMs) };
      await triageAlerts(telling, cluster, one.found, evidence);
    }),
  );
};

type Located = Awaited<ReturnType<typeof locateInTime>>;

/** Alerts with the edge that they are about. */
const withEdge = ({ alerts, found }: Located): readonly { readonly alerts: readonly Alert[]; readonly edge: Edge }[] => {
  const edge = edgeOf(found.subject);
  return edge === null ? [] : [{ alerts, edge }];
};

const isOf =
  ({ workspace, cluster }: Scope) =>
  (incident: Incident): boolean =>
    incident.workspace === workspace && incident.cluster === cluster;

/** Where the alerts point; by their labels alone when the sources take too long for the first text, while the search goes on. */
const locateInTime = async (
  world: EpisodeWorld,
  cluster: Cluster,
  alerts: readonly Alert[],
  atMs: EpochMs,
  receivedAtMs: EpochMs,
) => {
  const [lead] = alerts as readonly [Alert];
  const locating = locate(cluster, lead, atMs);
  const waitMs = Math.max(0, receivedAtMs + textWithinMs - world.clock.nowMs());
  const found = await Promise.race([locating, world.clock.sleep(waitMs).then(() => provisional(cluster, lead))]);
  return { alerts, locating, found };
};
