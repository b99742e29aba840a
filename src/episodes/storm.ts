import type { Alert } from '../domain/alert.ts';
import type { Edge } from '../domain/edge.ts';
import { hear } from '../domain/episode.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import { callerOf, isStormKey, retitled } from '../domain/storm.ts';
import { minuteMs } from '../domain/time.ts';
import { newsMessages } from '../stages/compose/outgoing.ts';
import { spread } from './parts.ts';
import { ownNews, retold } from './retold.ts';
import type { EpisodeWorld } from './world.ts';

/** Alerts that are about one caller of the callee. */
export type Part = { readonly alerts: readonly Alert[]; readonly edge: Edge };

/** Each alert with the caller that it is about, so that callers can be counted and the thread can tell them apart. */
export const withCallers = (alerts: Incident['alerts'], parts: readonly Part[]): Incident['alerts'] => {
  const callers = new Map(
    parts.flatMap(({ alerts: mine, edge }) => mine.map(({ fingerprint }) => [fingerprint, callerOf(edge)])),
  );
  return alerts.map((alert) => {
    const caller = callers.get(alert.fingerprint);
    return caller === undefined ? alert : { ...alert, caller };
  });
};

/**
 * Further alerts of an open incident about many callers, or of one that such an incident speaks for: counted and named in its message, and
 * nothing is asked.
 */
export const joinUnasked = async (
  world: EpisodeWorld,
  { scope, key, mayClose }: { readonly scope: Scope; readonly key: string; readonly mayClose: boolean },
  parts: readonly Part[],
): Promise<boolean> => {
  const alerts = parts.flatMap((part) => part.alerts);
  const atMs = world.clock.nowMs();
  const joined = await world.store.change(scope, key, atMs, (current) => {
    if (current === null || current.edge === null) return null;
    const isStorm = isStormKey(key);
    if (!isStorm && current.partOf == null) return null;
    const { incident, news } = hear(current, alerts, atMs, mayClose);
    const known = isStorm ? retitled({ ...incident, alerts: withCallers(incident.alerts, parts) }) : incident;
    // Whoever was called for the storm is not called once more for each of its callers.
    const told = ownNews(known, news).filter((item) => item !== 'page-joined');
    const { mention } = world.routeOf(known.lead, known.edge, known.severity, known.workspace);
    const messages = newsMessages(known, told, mention, atMs, world.settingOf(current.edge, scope.cluster, scope.workspace));
    return retold(world, known, messages, atMs, [{ job: { kind: 'fold', incidentId: known.id }, atMs: atMs + minuteMs }]);
  });
  if (joined !== null) await spread(world, joined);
  world.wakeSender();
  return joined !== null;
};
