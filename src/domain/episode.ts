import { type Alert, labelOf, labelsOf, type Severity, severityOf, severityRank } from './alert.ts';
import { edgeKey, edgeOf, type Subject } from './edge.ts';
import type { Incident, IncidentAlert, IncidentPart, Scope } from './incident.ts';
import { type BudgetCost, spentMore } from './slo/cost.ts';
import { type EpochMs, minuteMs } from './time.ts';

/** How the life of an incident moved; each is told in its own way. */
export type News =
  | 'opened'
  | 'reopened'
  /** Back once more within a short time: its root says so, and nobody is called again. */
  | 'flapped'
  | 'alert-joined'
  | 'severity-raised'
  | 'page-joined'
  | 'resolved'
  | 'unreported'
  | 'heard';

/** The quiet time within which a subject that fires again comes back into its old root. */
export const reopenWithinMs = 30 * minuteMs;

/** Returns that are each told; of one that goes on flapping only the first within the quiet time is. */
export const toldReturns = 3;

const isFlapping = ({ reopened, returnToldAtMs }: Incident, atMs: EpochMs): boolean =>
  reopened >= toldReturns && returnToldAtMs != null && atMs - returnToldAtMs < reopenWithinMs;

/** Whether an incident came back with these news, told or not. */
export const isBack = (news: readonly News[]): boolean => news.includes('reopened') || news.includes('flapped');

/**
 * An alert that fires on although its incident ended longer ago than anything comes back into: one that nobody reported while it was
 * silenced in Alertmanager, as a rule. It opens a new incident, or joins the one that is open now, like an alert never heard.
 */
export const isOutlived = ({ closedAtMs }: Incident, { status }: Alert, receivedAtMs: EpochMs): boolean =>
  status === 'firing' && closedAtMs !== null && receivedAtMs - closedAtMs > reopenWithinMs;

/** A firing alert of an episode that was resolved this recently is a late duplicate of an HA twin (peers × 15 s and a margin). */
const lateDuplicateMs = 2 * minuteMs;

/** Identity of what an incident is about. A plain alert is known by its group, so that two alerts of one group share a root. */
export const subjectKey = (subject: Subject, alert: Alert, groupKey: string): string => {
  const edge = edgeOf(subject);
  if (edge !== null) return `edge:${edgeKey(edge)}`;
  const name = labelOf(alert.labels, 'alertname') ?? '';
  if (subject.kind === 'workload' || subject.kind === 'node') {
    return `${subject.kind}:${JSON.stringify([subject.workload.namespace, subject.workload.workload ?? subject.workload.service, name])}`;
  }
  if (subject.kind === 'control-plane') return `control-plane:${subject.component}`;
  return `${subject.kind}:${JSON.stringify([groupKey, name])}`;
};

/** The loudest of what fires: of its own alerts, and of the incidents that it speaks for. */
export const severityOfAlerts = (alerts: readonly IncidentAlert[], parts: readonly IncidentPart[] = []): Severity =>
  [...alerts.filter(({ state }) => state === 'firing'), ...parts.filter(({ isFiring }) => isFiring)].reduce<Severity>(
    (loud, { severity }) => (severityRank[severity] > severityRank[loud] ? severity : loud),
    'none',
  );

const sameEpisode = (known: IncidentAlert, alert: Alert): boolean =>
  known.fingerprint === alert.fingerprint && known.startsAtMs === alert.startsAtMs;

const remembered = (alert: Alert, atMs: EpochMs, isTold: boolean): IncidentAlert => ({
  fingerprint: alert.fingerprint,
  startsAtMs: alert.startsAtMs,
  name: labelOf(alert.labels, 'alertname') ?? 'unnamed',
  severity: severityOf(alert.labels),
  state: alert.status,
  lastHeardAtMs: atMs,
  missingSinceMs: null,
  isTold,
});

/** What a new incident starts from. */
type Opening = Scope & {
  readonly id: string;
  readonly key: string;
  readonly subject: Subject;
  readonly title: string;
  readonly channel: string;
};

const maxLabels = 40;
const maxValue = 400;

/** Enough of an alert to speak about it later; a hostile one must not fill the store. */
const trimmed = (alert: Alert): Alert => {
  const short = (labels: Alert['labels']) =>
    labelsOf(
      Object.entries(labels)
        .slice(0, maxLabels)
        .map(([name, value]) => [name.slice(0, maxValue), value.slice(0, maxValue)]),
    );
  return {
    ...alert,
    labels: short(alert.labels),
    annotations: short(alert.annotations),
    generatorUrl: alert.generatorUrl.slice(0, 16_384),
  };
};

/** The incident as its first alerts open it; `lead` speaks for it. */
export const open = (opening: Opening, lead: Alert, alerts: readonly Alert[], atMs: EpochMs): Incident => {
  const firing = alerts.filter((alert) => alert.status === 'firing').map((alert) => remembered(alert, atMs, true));
  return {
    id: opening.id,
    workspace: opening.workspace,
    cluster: opening.cluster,
    key: opening.key,
    edge: edgeOf(opening.subject),
    title: opening.title,
    state: 'open',
    severity: severityOfAlerts(firing),
    alerts: firing,
    openedAtMs: firing.reduce((earliest, alert) => Math.min(earliest, alert.startsAtMs), atMs),
    revision: 0,
    lastHeardAtMs: atMs,
    closedAtMs: null,
    reopened: 0,
    returnToldAtMs: null,
    channel: opening.channel,
    channelId: null,
    rootTs: null,
    peak: { errorRatio: null, failedPerMinute: null, latencyP99Seconds: null },
    failedRequests: 0,
    measuredAtMs: null,
    lead: trimmed(lead),
    acknowledged: null,
    silences: [],
    lastRoot: null,
    lastVerdict: null,
    lastHeader: null,
  };
};

const isLateDuplicate = (known: IncidentAlert, alert: Alert, atMs: EpochMs): boolean =>
  known.state === 'resolved' && alert.status === 'firing' && atMs - known.lastHeardAtMs < lateDuplicateMs;

/** The alerts after a delivery: episodes heard again keep their place, new ones are added. Resolved alerts never heard firing are left out. */
const merge = (alerts: readonly IncidentAlert[], heard: readonly Alert[], atMs: EpochMs): readonly IncidentAlert[] => {
  const kept = alerts.map((known) => {
    const alert = heard.find((candidate) => sameEpisode(known, candidate));
    if (!alert || isLateDuplicate(known, alert, atMs)) return known;
    return { ...known, state: alert.status, lastHeardAtMs: atMs, missingSinceMs: null };
  });
  const added = heard.filter((alert) => alert.status === 'firing' && !alerts.some((known) => sameEpisode(known, alert)));
  // One that fires again has not joined: that it is back is told by the incident's return.
  const isKnown = ({ fingerprint }: Alert): boolean => alerts.some((known) => known.fingerprint === fingerprint);
  return [...kept, ...added.map((alert) => remembered(alert, atMs, isKnown(alert)))];
};

/** How many alerts an incident is about: one that went and came back is one. */
export const alertsOf = ({ alerts }: Pick<Incident, 'alerts'>): number =>
  new Set(alerts.map(({ fingerprint }) => fingerprint)).size;

const firingCount = (alerts: readonly IncidentAlert[]): number => alerts.filter((alert) => alert.state === 'firing').length;

/**
 * An incident hears a delivery. State-based, so a repeated delivery is no news. `mayClose` is false for a truncated body: its missing
 * alerts may still fire (Alertmanager computes `status` after truncation).
 */
export const hear = (
  incident: Incident,
  heard: readonly Alert[],
  atMs: EpochMs,
  mayClose: boolean,
): { readonly incident: Incident; readonly news: readonly News[] } => {
  const alerts = merge(incident.alerts, heard, atMs);
  const isFiring = firingCount(alerts) > 0;
  const wasOpen = incident.state === 'open';
  const joined = alerts.slice(incident.alerts.length);
  const severity = isFiring ? severityOfAlerts(alerts, incident.parts) : incident.severity;
  const closes = wasOpen && !isFiring && mayClose;
  const reopens = !wasOpen && isFiring;
  const raised = wasOpen && severityRank[severity] > severityRank[incident.severity];
  const pageJoined = wasOpen && !raised && joined.some((alert) => alert.severity === 'page');
  const news: readonly News[] = [
    ...(reopens ? [isFlapping(incident, atMs) ? ('flapped' as const) : ('reopened' as const)] : []),
    ...(closes ? (['resolved'] as const) : []),
    ...(raised ? (['severity-raised'] as const) : []),
    ...(pageJoined ? (['page-joined'] as const) : []),
    ...(joined.length > 0 ? (['alert-joined'] as const) : []),
  ];
  const moved = news.length > 0 || firingCount(alerts) !== firingCount(incident.alerts);
  return {
    incident: {
      ...incident,
      alerts,
      severity,
      state: closes ? 'resolved' : reopens ? 'open' : incident.state,
      closedAtMs: closes ? atMs : reopens ? null : incident.closedAtMs,
      reopened: incident.reopened + (reopens ? 1 : 0),
      returnToldAtMs: news.includes('reopened') ? atMs : (incident.returnToldAtMs ?? null),
      // Who looked after it the last time may be asleep now.
      acknowledged: reopens ? null : (incident.acknowledged ?? null),
      lastHeardAtMs: atMs,
      revision: incident.revision + (moved ? 1 : 0),
    },
    news: news.length > 0 || !moved ? news : ['heard'],
  };
};

/** Figures of a reading, kept for the resolution card: the worst, and about how many requests failed since the last one. */
export const measured = (
  incident: Incident,
  seen: {
    readonly errorRatio: number | null;
    readonly failedPerMinute: number | null;
    readonly latencyP99Seconds: number | null;
    readonly costs: readonly BudgetCost[];
  },
  atMs: EpochMs,
): Incident => {
  const worst = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.max(a, b));
  const minutes = Math.max(0, atMs - (incident.measuredAtMs ?? incident.openedAtMs)) / minuteMs;
  const { peak } = incident;
  const counted = Math.min(minutes, 60);
  const budgets = spentMore(incident.budgets ?? [], seen.costs, counted, atMs);
  return {
    ...incident,
    ...(budgets.length === 0 ? {} : { budgets }),
    measuredAtMs: atMs,
    failedRequests: incident.failedRequests + (seen.failedPerMinute ?? 0) * counted,
    peak: {
      errorRatio: worst(peak.errorRatio, seen.errorRatio),
      failedPerMinute: worst(peak.failedPerMinute, seen.failedPerMinute),
      latencyP99Seconds: worst(peak.latencyP99Seconds, seen.latencyP99Seconds),
    },
  };
};
