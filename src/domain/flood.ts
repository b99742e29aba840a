import { type Severity, severityRank } from './alert.ts';
import type { Incident, IncidentAlert } from './incident.ts';
import { minuteMs } from './time.ts';
import { count, counted } from './words.ts';

/** So long a new message counts in its channel's budget. */
export const budgetWindowMs = 10 * minuteMs;

/** An incident that holds what a channel got beyond its budget is known by this. */
export const floodKeyOf = (channel: string): string => `channel:${channel}`;
export const isFloodKey = (key: string): boolean => key.startsWith('channel:');

/** One of the things that such an incident is about. */
export type FloodEdge = {
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  readonly isFiring: boolean;
};

const longestTitle = 253;

/** What an alert is about, short enough for the store. */
export const aboutOf = (key: string, title: string): NonNullable<IncidentAlert['about']> => ({
  key: key.slice(0, 4 * longestTitle),
  title: title.slice(0, longestTitle),
});

const louder = (a: Severity, b: Severity): Severity => (severityRank[b] > severityRank[a] ? b : a);

/** What an incident of a channel is about, by its alerts: what fires first, the worst before all; null where it is of no channel. */
export const edgesOf = ({ key: own, alerts }: Pick<Incident, 'key' | 'alerts'>): readonly FloodEdge[] | null => {
  if (!isFloodKey(own)) return null;
  const found = new Map<string, FloodEdge>();
  for (const { about, severity, state } of alerts) {
    if (about === undefined) continue;
    const known = found.get(about.key) ?? { ...about, severity: 'none', isFiring: false };
    const isFiring = state === 'firing';
    // Of one that is well again the loudest that it was; of one that is not, what fires now.
    const counts = isFiring || !known.isFiring;
    const heard = isFiring && !known.isFiring ? severity : counts ? louder(known.severity, severity) : known.severity;
    found.set(about.key, { ...known, severity: heard, isFiring: known.isFiring || isFiring });
  }
  return [...found.values()].sort(
    (a, b) => Number(b.isFiring) - Number(a.isFiring) || severityRank[b.severity] - severityRank[a.severity],
  );
};

/** "23 more edges in trouble" */
const floodTitle = (edges: readonly FloodEdge[]): string => `${counted(edges.length, 'more edge')} in trouble`;

/** "7 of 23 more edges still in trouble", where some are well again. */
export const floodHead = (edges: readonly FloodEdge[]): string => {
  const firing = edges.filter(({ isFiring }) => isFiring).length;
  return firing === edges.length
    ? floodTitle(edges)
    : `${count(firing)} of ${counted(edges.length, 'more edge')} still in trouble`;
};

/** An incident of a channel titled by all that it has held; any other as it is. */
export const retitledFlood = (incident: Incident): Incident => {
  const edges = edgesOf(incident);
  return edges === null ? incident : { ...incident, title: floodTitle(edges) };
};

/** Whether an open incident of a channel holds something that fires of this subject. */
export const holds = ({ key: own, alerts }: Incident, key: string): boolean =>
  isFloodKey(own) && alerts.some(({ about, state }) => state === 'firing' && about?.key === aboutOf(key, '').key);

/** People are called at most once in this time for what comes beyond the budget; who is called later is called for all of it. */
const calmMs = minuteMs;

/** Alerts for which people are to be called now, and the incident that has called them. */
export const calling = (
  incident: Incident,
  atMs: number,
): { readonly incident: Incident; readonly alerts: readonly IncidentAlert[] } => {
  const untold = incident.alerts.filter(({ severity, state, isTold }) => severity === 'page' && state === 'firing' && !isTold);
  const isCalm = incident.calledAtMs == null || atMs - incident.calledAtMs >= calmMs;
  if (untold.length === 0 || !isCalm) return { incident, alerts: [] };
  const alerts = incident.alerts.map((alert) => (untold.includes(alert) ? { ...alert, isTold: true } : alert));
  return { incident: { ...incident, alerts, calledAtMs: atMs }, alerts: untold };
};
