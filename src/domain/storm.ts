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

/** The callers that an incident is about, and those of further edges: in the order in which they came. */
export const withCallers = (known: readonly string[], edges: readonly Edge[]): readonly string[] => [
  ...new Set([...known, ...edges.map(callerName)]),
];

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
    callers.set(key, (callers.get(key) ?? new Set()).add(callerName(edge)));
  };
  for (const { edge, openedAtMs } of open) if (atMs - openedAtMs <= withinMs) count(edge);
  for (const subject of fresh) count(edgeOf(subject));
  const known = new Set(open.map(({ key }) => key));
  return (subject) => {
    const edge = edgeOf(subject);
    if (edge === null || isNowhere(edge)) return null;
    const key = stormKeyOf(edge);
    return known.has(key) || (callers.get(key)?.size ?? 0) >= leastCallers ? key : null;
  };
};
