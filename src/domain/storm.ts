import { calleeKey, calleeName, callerName, type Edge, edgeOf, isNowhere, type Subject } from './edge.ts';
import type { Incident } from './incident.ts';
import { type EpochMs, minuteMs } from './time.ts';
import { counted } from './words.ts';

/** So many callers of one callee are one trouble, its own: more messages than these tell nobody anything new. */
const leastCallers = 3;
/** Incidents that began so shortly before belong to it. */
const withinMs = 10 * minuteMs;

/** An incident about all callers of one callee is known by this. */
const stormKeyOf = (edge: Edge): string => `callee:${calleeKey(edge)}`;
export const isStormKey = (key: string): boolean => key.startsWith('callee:');

/** "11 callers → payments" */
export const stormTitle = (edge: Edge, callers: readonly string[]): string =>
  `${counted(callers.length, 'caller')} → ${calleeName(edge)}`;

/** Names in Kubernetes are no longer (kubernetes.io, "Object Names and IDs"); a hostile label must not fill the store. */
const longestName = 253;

/** A caller as it is counted and named: where it does not live with its callee, with its namespace, since another may have the same name. */
export const callerOf = (edge: Edge): string => {
  const { namespace } = edge.source;
  const name = callerName(edge);
  return (namespace === null || namespace === edge.destination.namespace ? name : `${namespace}/${name}`).slice(0, longestName);
};

/** The callers that an incident is about, and further ones: in the order in which they came. */
const withCallers = (known: readonly string[], more: readonly string[]): readonly string[] => [...new Set([...known, ...more])];

/** An incident that is about many, with further callers in its title; any other as it is. */
export const joinedBy = (incident: Incident, more: readonly string[]): Incident => {
  const { edge, callers = [] } = incident;
  if (edge === null || !isStormKey(incident.key) || more.length === 0) return incident;
  const all = withCallers(callers, more);
  return { ...incident, callers: all, title: stormTitle(edge, all) };
};

const isRecent = ({ openedAtMs }: Incident, atMs: EpochMs): boolean => atMs - openedAtMs <= withinMs;

/** The callers that a storm begins with: those whose own incidents made it one, then those that have just come. */
export const callersAmong = (open: readonly Incident[], fresh: readonly Edge[], atMs: EpochMs): readonly string[] => {
  const callees = new Set(fresh.map(stormKeyOf));
  const before = open.flatMap((incident) => {
    const isPart = incident.edge !== null && isRecent(incident, atMs) && callees.has(stormKeyOf(incident.edge));
    return isPart && incident.edge !== null && !isStormKey(incident.key) ? [incident.edge] : [];
  });
  return withCallers([], [...before, ...fresh].map(callerOf));
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
  const count = (edge: Edge | null): void => {
    if (edge === null || isNowhere(edge)) return;
    const key = stormKeyOf(edge);
    callers.set(key, (callers.get(key) ?? new Set()).add(callerOf(edge)));
  };
  for (const incident of open) if (isRecent(incident, atMs)) count(incident.edge);
  for (const subject of fresh) count(edgeOf(subject));
  const known = new Set(open.map(({ key }) => key));
  return (subject) => {
    const edge = edgeOf(subject);
    if (edge === null || isNowhere(edge)) return null;
    const key = stormKeyOf(edge);
    return known.has(key) || (callers.get(key)?.size ?? 0) >= leastCallers ? key : null;
  };
};
