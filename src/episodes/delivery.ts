import { type Alert, severityOf, severityRank } from '../domain/alert.ts';
import { type Edge, edgeOf } from '../domain/edge.ts';
import { isOutlived, subjectKey } from '../domain/episode.ts';
import type { Evidence } from '../domain/evidence.ts';
import { holds } from '../domain/flood.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import { isStormKey, partsAmong, stormsAmong } from '../domain/storm.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Cluster, Found } from '../inquiry.ts';
import { locate, provisional } from '../locate.ts';
import type { Delivery } from '../ports.ts';
import { pendingEvidence } from '../triage.ts';
import { standingsKnown, withBudgets } from './budgets.ts';
import { seenByAll } from './figures.ts';
import { type Beyond, joinFlood, mayOpenRoot } from './flood.ts';
import { hearKnown } from './known.ts';
import { adopt } from './parts.ts';
import { joinUnasked, type Part } from './storm.ts';
import { drawFor, reportOf, sendPicture, type Telling, tell } from './tell.ts';
import { drawTrace, lookAgainLater, stillFollowing } from './trace.ts';
import { type EpisodeWorld, groupedBy, isOf, textWithinMs } from './world.ts';

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
const triageAlerts = async (telling: Telling, cluster: Cluster, found: Found, measuring: Promise<Evidence>): Promise<void> => {
  const { world, scope, alerts, receivedAtMs } = telling;
  const standings = standingsKnown(world);
  const evidence = measuring.then(async (measuredNow) => withBudgets(measuredNow, await standings));
  const zone = world.settingOf(edgeOf(found.subject), scope.cluster, scope.workspace).timeZone;
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
  await adopt(world, told.incident);
  const news = announced?.news ?? told.news;
  // Of what flaps nobody is told again, not by a picture either.
  const isNew = news.includes('opened') || news.includes('reopened');
  const isInline = inline !== null && news.includes('opened');
  await Promise.all([
    isNew && !isInline ? drawing.then((picture) => sendPicture(world, scope, told.incident, picture)) : null,
    following.then((whole) => tellTrace(telling, whole, { incident: told.incident, isNew }, traced === null)),
  ]);
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
  if (fresh.length > 0) await hearFresh(world, delivery, scope, fresh, mayClose);
};

/** An edge of one caller becomes its callee as all see it, where the incident is about all of them. */
const turned = (found: Found, edge: Edge | undefined): Found => (edge === undefined ? found : seenByAll(found, edge));

/** Alerts that belong to no incident yet: each subject opens its own, joins one that is open, or what its channel tells together. */
const hearFresh = async (
  world: EpisodeWorld,
  { group, receivedAtMs }: Delivery,
  scope: Scope,
  fresh: readonly Alert[],
  mayClose: boolean,
): Promise<void> => {
  const cluster = world.clusterOf(scope.cluster);
  const atMs = world.clock.nowMs();
  const located = await Promise.all(
    [...groupedBy(fresh, signature).values()].map((alerts) => locateInTime(world, cluster, alerts, atMs, receivedAtMs)),
  );
  const open = (await world.store.openIncidents()).filter(isOf(scope));
  const ownKeyOf = ({ found, alerts: [lead] }: Located): string =>
    lead === undefined ? '' : subjectKey(found.subject, lead, group.groupKey);
  const stormOf = stormsAmong(
    open,
    located.map(({ found }) => found.subject),
    atMs,
  );
  const keyOf = (one: Located): string => {
    const own = ownKeyOf(one);
    return open.some(({ key }) => key === own) ? own : (stormOf(one.found.subject) ?? own);
  };
  const subjects = [...groupedBy(located, keyOf)].map(([key, located]) => ({ key, located }));
  const { own, beyond } = await withinBudget(world, scope, open, subjects, ownKeyOf);
  const opening = own.map(async ({ key, located: parts }) => {
    const [one] = parts;
    if (!one) return;
    const edges = parts.flatMap(withEdge);
    const known = open.find((incident) => incident.key === key);
    const isStorm = isStormKey(key) && edges.length > 0;
    const isUnasked = known !== undefined && (isStorm || (known.partOf != null && edges.length > 0));
    if (isUnasked && (await joinUnasked(world, { scope, key, mayClose }, edges))) return;
    const alerts = parts.flatMap((part) => part.alerts);
    const callee = isStorm ? edges[0]?.edge : undefined;
    const evidence = one.locating.then((found) => world.recent.measured(cluster, key, turned(found, callee), alerts, atMs));
    const before = callee === undefined ? [] : partsAmong(open, callee, atMs);
    const telling = { world, scope, key, alerts, mayClose, receivedAtMs, parts: isStorm ? edges : [], before };
    await triageAlerts(telling, cluster, turned(one.found, callee), evidence);
  });
  const sharing = [...beyond].map(([channel, some]) => joinFlood(world, { scope, channel, mayClose }, some));
  await Promise.all([...opening, ...sharing]);
};

type Located = Awaited<ReturnType<typeof locateInTime>>;
type Subject = { readonly key: string; readonly located: readonly Located[] };

const rankOf = ({ located }: Subject): number =>
  Math.max(...located.flatMap(({ alerts }) => alerts.map(({ labels }) => severityRank[severityOf(labels)])));

/** Which subjects get a message of their own or have one, the loudest before all; and by channel what goes beyond its budget. */
const withinBudget = async (
  world: EpisodeWorld,
  scope: Scope,
  open: readonly Incident[],
  subjects: readonly Subject[],
  ownKeyOf: (one: Located) => string,
): Promise<{ readonly own: readonly Subject[]; readonly beyond: ReadonlyMap<string, readonly Beyond[]> }> => {
  const own: Subject[] = [];
  const beyond: (Beyond & { readonly channel: string })[] = [];
  for (const subject of subjects.toSorted((a, b) => rankOf(b) - rankOf(a))) {
    const [one] = subject.located;
    const [lead] = one?.alerts ?? [];
    if (one === undefined || lead === undefined) continue;
    const { channel } = world.routeOf(lead, edgeOf(one.found.subject), severityOf(lead.labels), scope.workspace);
    const flood = open.find((incident) => holds(incident, subject.key));
    const isOpen = open.some(({ key }) => key === subject.key);
    if (isOpen || (flood === undefined && (await mayOpenRoot(world, scope, subject.key, channel)))) own.push(subject);
    else
      for (const { alerts, found, ...rest } of subject.located)
        beyond.push({ channel: flood?.channel ?? channel, key: ownKeyOf({ alerts, found, ...rest }), alerts, found });
  }
  return { own, beyond: groupedBy(beyond, ({ channel }) => channel) };
};

/** Alerts with the edge that they are about. */
const withEdge = ({ alerts, found }: Located): readonly Part[] => {
  const edge = edgeOf(found.subject);
  return edge === null ? [] : [{ alerts, edge }];
};

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
