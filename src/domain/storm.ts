import { severityRank } from './alert.ts';
import { calleeKey, calleeName, callerName, type Edge, edgeOf, isNowhere, type Subject } from './edge.ts';
import { severityOfAlerts } from './episode.ts';
import type { Incident, IncidentPart } from './incident.ts';
import { type EpochMs, minuteMs } from './time.ts';
import { count, counted } from './words.ts';

/** So many callers of one callee are one trouble, its own: more messages than these tell nobody anything new. */
const leastCallers = 3;
/** Incidents that began so shortly before belong to it. */
const withinMs = 10 * minuteMs;

/** An incident about all callers of one callee is known by this. */
const stormKeyOf = (edge: Edge): string => `callee:${calleeKey(edge)}`;
export const isStormKey = (key: string): boolean => key.startsWith('callee:');

/** Of how many an incident is, and which of them are in trouble still; in the order in which they came. */
export type Many = { readonly all: readonly string[]; readonly affected: readonly string[] };

/** "11 callers → payments" */
export const stormTitle = (edge: Edge, callers: readonly string[]): string =>
  `${counted(callers.length, 'caller')} → ${calleeName(edge)}`;

/** "7 of 11", where some are well again; "11". */
export const stillOf = ({ all, affected }: Many): string =>
  affected.length === all.length ? count(all.length) : `${count(affected.length)} of ${count(all.length)}`;

/** "7 of 11 callers → payments", where some are well again. */
export const stormHead = (edge: Edge, callers: Many): string =>
  `${stillOf(callers)} ${callers.all.length === 1 ? 'caller' : 'callers'} → ${calleeName(edge)}`;

/** Names in Kubernetes are no longer (kubernetes.io, "Object Names and IDs"); a hostile label must not fill the store. */
const longestName = 253;

/** A caller as it is counted and named: where it does not live with its callee, with its namespace, since another may have the same name. */
export const callerOf = (edge: Edge): string => {
  const { namespace } = edge.source;
  const name = callerName(edge);
  return (namespace === null || namespace === edge.destination.namespace ? name : `${namespace}/${name}`).slice(0, longestName);
};

/**
 * The callers that an incident is about, by its alerts and by the incidents that it speaks for; null where it is about one edge. Who has
 * nothing that fires any more is well again.
 */
export const callersOf = ({ key, alerts, parts = [] }: Pick<Incident, 'key' | 'alerts' | 'parts'>): Many | null => {
  if (!isStormKey(key)) return null;
  const named = [
    ...parts.map(({ caller, isFiring }) => ({ caller, isFiring })),
    ...alerts.flatMap(({ caller, state }) => (caller === undefined ? [] : [{ caller, isFiring: state === 'firing' }])),
  ];
  const firing = new Set(named.filter(({ isFiring }) => isFiring).map(({ caller }) => caller));
  const all = [...new Set(named.map(({ caller }) => caller))];
  return { all, affected: all.filter((caller) => firing.has(caller)) };
};

/** An incident about many, titled by all the callers that it has had; any other as it is. */
export const retitled = (incident: Incident): Incident => {
  const callers = callersOf(incident);
  return callers === null || incident.edge === null ? incident : { ...incident, title: stormTitle(incident.edge, callers.all) };
};

const isRecent = ({ openedAtMs }: Incident, atMs: EpochMs): boolean => atMs - openedAtMs <= withinMs;

/** How an incident is counted by the one that speaks for it. */
export const partFrom = ({ id, key, edge, severity, state }: Incident & { readonly edge: Edge }): IncidentPart => ({
  incidentId: id,
  key,
  caller: callerOf(edge),
  severity,
  isFiring: state === 'open',
});

/** Open incidents about one caller each that began shortly before all callers of this callee became one incident. */
export const partsAmong = (open: readonly Incident[], callee: Edge, atMs: EpochMs): readonly IncidentPart[] =>
  open.flatMap((incident) => {
    const { edge, key } = incident;
    const isPart = edge !== null && !isStormKey(key) && isRecent(incident, atMs) && stormKeyOf(edge) === stormKeyOf(callee);
    return isPart ? [partFrom({ ...incident, edge })] : [];
  });

/** An incident about many with what is known of these parts now; `isRaised`: they are louder than it was. */
export const withParts = (
  storm: Incident,
  told: readonly IncidentPart[],
): { readonly incident: Incident; readonly isRaised: boolean } => {
  const news = new Map(told.map((part) => [part.incidentId, part]));
  const known = storm.parts ?? [];
  const parts = [...known.map((part) => news.get(part.incidentId) ?? part)];
  for (const part of told) if (!known.some(({ incidentId }) => incidentId === part.incidentId)) parts.push(part);
  const isFiring = storm.alerts.some(({ state }) => state === 'firing');
  const severity = isFiring ? severityOfAlerts(storm.alerts, parts) : storm.severity;
  const isRaised = storm.state === 'open' && severityRank[severity] > severityRank[storm.severity];
  return { incident: retitled({ ...storm, parts, severity }), isRaised };
};

/**
 * Which incident fresh alerts about a subject belong to, where their callee is in trouble with many: at least three callers of it within ten
 * minutes, by what is open and what has just come, or an open incident that is about all of them already. Null: the subject's own.
 * What is given is of one workspace and cluster.
 */
export const stormsAmong = (
  open: readonly Incident[],
  fresh: readonly Subject[],
  atMs: EpochMs,
): ((subject: Subject) => string | null) => {
  const callers = new Map<string, Set<string>>();
  const note = (edge: Edge | null): void => {
    if (edge === null || isNowhere(edge)) return;
    const key = stormKeyOf(edge);
    callers.set(key, (callers.get(key) ?? new Set()).add(callerOf(edge)));
  };
  for (const incident of open) if (isRecent(incident, atMs)) note(incident.edge);
  for (const subject of fresh) note(edgeOf(subject));
  const known = new Set(open.map(({ key }) => key));
  return (subject) => {
    const edge = edgeOf(subject);
    if (edge === null || isNowhere(edge)) return null;
    const key = stormKeyOf(edge);
    return known.has(key) || (callers.get(key)?.size ?? 0) >= leastCallers ? key : null;
  };
};

/** So often in a minute a root is told anew for those who come and go; what is more waits for the minute's end. */
const mostRetold = 10;

/** Whether the root may be told anew now, and the incident that has spent it; what was told already costs nothing. */
export const retelling = (incident: Incident, atMs: EpochMs): { readonly incident: Incident; readonly isNow: boolean } => {
  const { retold, revision } = incident;
  if (retold?.revision === revision) return { incident, isNow: false };
  if (retold === undefined || atMs - retold.sinceMs >= minuteMs)
    return { incident: { ...incident, retold: { sinceMs: atMs, times: 1, revision } }, isNow: true };
  if (retold.times >= mostRetold) return { incident, isNow: false };
  return { incident: { ...incident, retold: { ...retold, times: retold.times + 1, revision } }, isNow: true };
};
