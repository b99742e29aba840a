import { type Alert, type Severity, severityOf } from './domain/alert.ts';
import { type Edge, edgeOf } from './domain/edge.ts';
import { age, hear, type Listed, measured, type News, open, reopenWithinMs, subjectKey } from './domain/episode.ts';
import type { Evidence } from './domain/evidence.ts';
import type { Incident, OutboxMessage, Scope } from './domain/incident.ts';
import type { Picture } from './domain/message.ts';
import type { Report } from './domain/report.ts';
import type { Route } from './domain/routing.ts';
import { type EpochMs, minuteMs } from './domain/time.ts';
import { gather } from './gather.ts';
import type { AlertsSource, ChartRenderer, Clock, Decision, Job, Log, Store } from './ports.ts';
import { headline, titleOf } from './stages/compose/header.ts';
import {
  closedMessage,
  editMessage,
  foldMessage,
  newsMessages,
  pictureMessage,
  rootMessage,
  standingOf,
} from './stages/compose/outgoing.ts';
import type { Setting } from './stages/compose/setting.ts';
import { diagnose } from './stages/diagnose/index.ts';
import { hero } from './stages/draw/hero.ts';
import { type Cluster, type Found, locate, measure, pendingEvidence, provisional } from './triage.ts';

/** What a delivery needs of the world. */
export type EpisodeWorld = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly charts: ChartRenderer | null;
  readonly clusterOf: (name: string) => Cluster;
  readonly alertsOf: (cluster: string) => AlertsSource | null;
  readonly settingOf: (edge: Edge | null, cluster: string) => Setting;
  readonly routeOf: (alert: Alert, edge: Edge | null, severity: Severity) => Route;
  /** Whether a new root may carry its picture inline. */
  readonly hasPictureChannel: boolean;
  readonly wakeSender: () => void;
  readonly onEvidence: (evidence: Evidence) => void;
};

/** Text goes out this long after receipt, whatever is still being asked (design promise 3). */
const textWithinMs = 2500;
const refreshMinutes = [2, 5, 15, 30, 60] as const;
const foldAfterMs = 60_000;

const reportOf = (evidence: Evidence): Report => ({ evidence, diagnosis: diagnose(evidence) });

/** The incident with what a report says of it. */
const withReport = (incident: Incident, report: Report): Incident => {
  const { diagnosis, evidence } = report;
  const errors = diagnosis.signals.find(({ signal }) => signal === 'errors');
  const latency = diagnosis.signals.find(({ signal }) => signal === 'latency');
  const seen = {
    errorRatio: errors?.value ?? null,
    failedPerMinute: diagnosis.impact?.failedPerMinute ?? null,
    latencyP99Seconds: latency?.value ?? null,
  };
  const counted = evidence.readings.length > 0 ? measured(incident, seen, evidence.atMs) : incident;
  return {
    ...counted,
    edge: edgeOf(evidence.subject) ?? incident.edge,
    lastVerdict: diagnosis.verdict?.sentence ?? incident.lastVerdict,
    lastHeader: headline(report, standingOf(incident)),
  };
};

type Telling = {
  readonly world: EpisodeWorld;
  readonly scope: Scope;
  readonly key: string;
  readonly alerts: readonly Alert[];
  readonly mayClose: boolean;
  readonly receivedAtMs: EpochMs;
};

const refreshJobs = (incident: Incident, atMs: EpochMs): Decision['jobs'] =>
  refreshMinutes.map((minute) => ({
    job: { kind: 'refresh', incidentId: incident.id, minute } satisfies Job,
    atMs: atMs + minute * minuteMs,
  }));

/** Opens the incident, or lets the open one hear the alerts: root, escalations, edit and later jobs in one transaction. */
const tell = async (
  { world, scope, key, alerts, mayClose }: Telling,
  report: Report,
  picture: Picture | null,
): Promise<{ readonly incident: Incident; readonly news: readonly News[] } | null> => {
  const [lead] = alerts;
  if (!lead) return null;
  const atMs = world.clock.nowMs();
  const edge = edgeOf(report.evidence.subject);
  const setting = world.settingOf(edge, scope.cluster);
  const id = crypto.randomUUID();
  let news: readonly News[] = [];
  const incident = await world.store.change(scope, key, atMs - reopenWithinMs, (current) => {
    const severity = severityOf(lead.labels);
    const route = world.routeOf(lead, edge, severity);
    if (current === null) {
      news = ['opened'];
      const opened = withReport(
        open(
          { ...scope, id, key, subject: report.evidence.subject, title: titleOf(report), channel: route.channel },
          lead,
          alerts,
          atMs,
        ),
        report,
      );
      return { incident: opened, messages: [rootMessage(opened, report, setting, picture)], jobs: refreshJobs(opened, atMs) };
    }
    const heard = hear(current, alerts, atMs, mayClose);
    news = heard.news;
    const next = { ...withReport(heard.incident, report), revision: heard.incident.revision + 1 };
    const joined = heard.news.includes('alert-joined');
    return {
      incident: next,
      messages: [...newsMessages(next, heard.news, route.mention, atMs, setting.timeZone), editMessage(next, report, setting)],
      jobs: [
        ...(joined ? [{ job: { kind: 'fold', incidentId: next.id } as const, atMs: atMs + foldAfterMs }] : []),
        ...(heard.news.includes('reopened') ? refreshJobs(next, atMs) : []),
      ],
    };
  });
  world.wakeSender();
  return incident === null ? null : { incident, news };
};

/** Draws and sends the picture to the thread; a picture that fails is a line in the log, never a lost text. */
const drawFor = async (world: EpisodeWorld, report: Report, zone: string): Promise<Picture | null> => {
  const spec = hero(report, zone);
  const { charts } = world;
  if (spec === null || charts === null) return null;
  const drawn = await gather('the picture', 'pictures', 10_000, () => charts.draw(spec));
  if (!drawn.ok) world.log('warn', 'a picture could not be drawn', { gap: drawn.gap });
  return drawn.ok ? drawn.value : null;
};

const sendPicture = async (world: EpisodeWorld, scope: Scope, incident: Incident, picture: Picture | null): Promise<void> => {
  if (picture === null) return;
  await world.store.change(scope, incident.key, 0, (current) =>
    current === null || current.id !== incident.id
      ? null
      : { incident: current, messages: [pictureMessage(current, picture)], jobs: [] },
  );
  world.wakeSender();
};

/** Measured once per edge and moment, however many alerts of a delivery are about it. */
const measureOnce = (world: EpisodeWorld, cluster: Cluster, atMs: EpochMs) => {
  const running = new Map<string, Promise<Evidence>>();
  return (key: string, found: Found, alerts: readonly Alert[]): Promise<Evidence> => {
    const evidence =
      running.get(key) ??
      measure(cluster, found, alerts, atMs).then((value) => {
        world.onEvidence(value);
        return value;
      });
    running.set(key, evidence);
    return evidence;
  };
};

/** New alerts about one subject: the text when the verdict is ready or at 2.5 s, whichever is first; then the rest. */
const triageAlerts = async (telling: Telling, cluster: Cluster, found: Found, evidence: Promise<Evidence>): Promise<void> => {
  const { world, scope, alerts, receivedAtMs } = telling;
  const zone = world.settingOf(edgeOf(found.subject), scope.cluster).timeZone;
  const remaining = (): number => Math.max(0, receivedAtMs + textWithinMs - world.clock.nowMs());
  const early = await Promise.race([evidence, world.clock.sleep(remaining()).then(() => null)]);
  if (early === null) {
    const announced = await tell(telling, reportOf(pendingEvidence(cluster, found, alerts, world.clock.nowMs())), null);
    const late = reportOf(await evidence);
    const told = await tell(telling, late, null);
    if (announced !== null && told !== null && announced.news.includes('opened'))
      await sendPicture(world, scope, told.incident, await drawFor(world, late, zone));
    return;
  }
  const report = reportOf(early);
  const drawing = drawFor(world, report, zone);
  const inline = world.hasPictureChannel
    ? await Promise.race([drawing, world.clock.sleep(Math.min(remaining(), 700)).then(() => null)])
    : null;
  const told = await tell(telling, report, inline);
  if (told !== null && (told.news.includes('opened') || told.news.includes('reopened')))
    await sendPicture(world, scope, told.incident, await drawing);
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
  await world.store.change(scope, incident.key, atMs - reopenWithinMs, (current) => {
    if (current === null || current.id !== incident.id) return null;
    const { incident: next, news } = hear(current, alerts, atMs, mayClose);
    const mention = world.routeOf(next.lead, next.edge, next.severity).mention;
    const closing = news.includes('resolved') ? [closedMessage(next, null, atMs, setting)] : [];
    const back = news.includes('reopened') ? [{ job: { kind: 'refresh', incidentId: next.id, minute: 0 } as const, atMs }] : [];
    return {
      incident: next,
      messages: [...closing, ...newsMessages(next, news, mention, atMs, setting.timeZone)],
      jobs: [...back, ...(news.includes('reopened') ? refreshJobs(next, atMs) : [])],
    };
  });
  world.wakeSender();
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

const groupedBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

/** The walk of one delivery. May run twice: everything it writes is keyed, and hearing the same again is no news. */
export const handleDelivery = async (world: EpisodeWorld, deliveryId: string): Promise<void> => {
  const delivery = await world.store.delivery(deliveryId);
  if (delivery === null) return;
  const { group, receivedAtMs } = delivery;
  const scope: Scope = { workspace: delivery.workspace, cluster: delivery.cluster };
  const mayClose = group.truncatedAlerts === 0 || group.notificationReason === 'all alerts resolved';
  const known = await Promise.all(
    group.alerts.map(async (alert) => ({
      alert,
      incident: await world.store.incidentOfAlert(scope, alert.fingerprint, alert.startsAtMs),
    })),
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
  const once = measureOnce(world, cluster, atMs);
  const located = await Promise.all(
    [...groupedBy(fresh, signature).values()].map((alerts) => locateInTime(world, cluster, alerts, atMs, receivedAtMs)),
  );
  const subjects = groupedBy(located, ({ found, alerts }) =>
    alerts[0] ? subjectKey(found.subject, alerts[0], group.groupKey) : '',
  );
  await Promise.all(
    [...subjects].map(async ([key, parts]) => {
      const [one] = parts;
      if (!one) return;
      const alerts = parts.flatMap((part) => part.alerts);
      const evidence = one.locating.then((found) => once(key, found, alerts));
      await triageAlerts({ world, scope, key, alerts, mayClose, receivedAtMs }, cluster, one.found, evidence);
    }),
  );
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

/** Reads the figures of an open incident again and edits its root. */
export const refresh = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const incident = await world.store.incident(incidentId);
  if (incident === null || incident.state !== 'open') return;
  const cluster = world.clusterOf(incident.cluster);
  const atMs = world.clock.nowMs();
  const alerts = [{ ...incident.lead, status: 'firing' as const }];
  const evidence = await measure(cluster, await locate(cluster, incident.lead, atMs), alerts, atMs);
  world.onEvidence(evidence);
  const report = reportOf(evidence);
  const setting = world.settingOf(incident.edge, incident.cluster);
  await world.store.change(incident, incident.key, 0, (current) => {
    if (current === null || current.id !== incident.id || current.state !== 'open') return null;
    const next = { ...withReport(current, report), revision: current.revision + 1 };
    return { incident: next, messages: [editMessage(next, report, setting)], jobs: [] };
  });
  world.wakeSender();
};

/** Tells the thread of the alerts that joined since the last time. */
export const fold = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const incident = await world.store.incident(incidentId);
  if (incident === null) return;
  const zone = world.settingOf(incident.edge, incident.cluster).timeZone;
  await world.store.change(incident, incident.key, 0, (current) => {
    const message: OutboxMessage | null = current === null || current.id !== incident.id ? null : foldMessage(current, zone);
    if (current === null || message === null) return null;
    return {
      incident: { ...current, alerts: current.alerts.map((alert) => ({ ...alert, isTold: true })) },
      messages: [message],
      jobs: [],
    };
  });
  world.wakeSender();
};

const listedOf = async (world: EpisodeWorld, cluster: string): Promise<Listed> => {
  const source = world.alertsOf(cluster);
  if (source === null) return null;
  const answer = await gather('alerts that still fire', source.name, 5000, (ask) => source.active(ask));
  if (!answer.ok) return null;
  return new Map(
    answer.value.map(
      ({ fingerprint, silencedBy, inhibitedBy }) =>
        [fingerprint, silencedBy.length > 0 ? 'silenced' : inhibitedBy.length > 0 ? 'inhibited' : 'active'] as const,
    ),
  );
};

/** Closes what nobody reports any more, saying so. */
export const closeStale = async (world: EpisodeWorld): Promise<void> => {
  const incidents = await world.store.openIncidents();
  for (const [cluster, mine] of groupedBy(incidents, (incident) => incident.cluster)) {
    const listed = await listedOf(world, cluster);
    const atMs = world.clock.nowMs();
    for (const incident of mine) {
      await world.store.change(incident, incident.key, 0, (current) => {
        if (current === null || current.id !== incident.id) return null;
        const { incident: next, news, note } = age(current, listed, atMs);
        const setting = world.settingOf(next.edge, next.cluster);
        return {
          incident: next,
          messages:
            news === null
              ? []
              : [closedMessage(next, note, atMs, setting), ...newsMessages(next, [news], null, atMs, setting.timeZone)],
          jobs: [],
        };
      });
    }
  }
  world.wakeSender();
};
