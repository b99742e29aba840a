import { calleeName, callerName } from './edge.ts';
import { edgesOf, type FloodEdge } from './flood.ts';
import type { Incident } from './incident.ts';
import { callersOf } from './storm.ts';

/** Which open incident a person means, or those that it may be. */
type Meant = { readonly one: Incident } | { readonly several: readonly Incident[] };

const leastOfId = 6;

const namesOf = (what: string): readonly string[] =>
  what
    .toLowerCase()
    .split(/\s+|→|->|=>/)
    .filter((word) => word !== '' && word !== 'to');

/** "payments", "shop/payments" and "payments.shop" are one name of a workload in shop. */
const isNamed = (word: string, name: string, namespace: string | null): boolean => {
  const full = name.toLowerCase();
  const place = namespace?.toLowerCase() ?? '';
  return word === full || word === `${place}/${full}` || word === `${full}.${place}`;
};

/** One of what a channel tells together: by its title as it stands there, or by one end of it. */
const isAmong = (edges: readonly FloodEdge[], what: string): boolean =>
  edges.some(({ title, isFiring }) => {
    const named = namesOf(title);
    return isFiring && (namesOf(what).join(' ') === named.join(' ') || named.includes(what.toLowerCase()));
  });

const isAbout = (incident: Incident, what: string): boolean => {
  const { id, edge, title } = incident;
  const callers = callersOf(incident)?.all ?? [];
  const words = namesOf(what);
  if (what.length >= leastOfId && id.startsWith(what.toLowerCase())) return true;
  if (title.toLowerCase() === what.toLowerCase()) return true;
  const edges = edgesOf(incident);
  if (edges !== null) return isAmong(edges, what);
  if (edge === null) return false;
  const [first = '', second] = words;
  const isCallee = (word: string): boolean => isNamed(word, calleeName(edge), edge.destination.namespace);
  const isCaller = (word: string): boolean =>
    isNamed(word, callerName(edge), edge.source.namespace) ||
    callers.some((caller) => isNamed(word, caller, caller.includes('/') ? null : edge.destination.namespace));
  if (words.length === 2) return isCaller(first) && isCallee(second ?? '');
  return words.length === 1 && (isCallee(first) || isCaller(first));
};

/**
 * Which open incident is meant: by its id or its beginning, by its edge or one end of it; without words the only one of the conversation,
 * else the only one there is.
 */
export const incidentMeant = (open: readonly Incident[], what: string | null, channelId: string | null): Meant => {
  const told = what?.trim() ?? '';
  const here = open.filter((incident) => channelId !== null && incident.channelId === channelId);
  const found = told === '' ? (here.length > 0 ? here : open) : open.filter((incident) => isAbout(incident, told));
  // What stands beside the incident that speaks for it is meant by its own name.
  const named = found.filter(({ title }) => namesOf(title).join(' ') === namesOf(told).join(' '));
  const [one, ...others] = named.length === 1 ? named : found;
  return one !== undefined && others.length === 0 ? { one } : { several: found };
};
