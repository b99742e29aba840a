import type { Alert } from '../domain/alert.ts';
import type { Edge } from '../domain/edge.ts';
import { hear } from '../domain/episode.ts';
import type { Incident, Scope } from '../domain/incident.ts';
import { callerOf, joinedBy } from '../domain/storm.ts';
import { minuteMs } from '../domain/time.ts';
import { editMessage, newsMessages, restoodIncident } from '../stages/compose/outgoing.ts';
import type { EpisodeWorld } from './world.ts';

/** Alerts that are about one caller of the callee. */
type Part = { readonly alerts: readonly Alert[]; readonly edge: Edge };

/** Each alert with the caller that it is about, so that the thread can tell them apart. */
const withCaller = (alerts: Incident['alerts'], parts: readonly Part[]): Incident['alerts'] => {
  const callers = new Map(
    parts.flatMap(({ alerts: mine, edge }) => mine.map(({ fingerprint }) => [fingerprint, callerOf(edge)])),
  );
  return alerts.map((alert) => {
    const caller = callers.get(alert.fingerprint);
    return caller === undefined ? alert : { ...alert, caller };
  });
};

/** Further callers of a callee that an open incident is about: counted and named in its message, and nothing is asked. */
export const joinStorm = async (
  world: EpisodeWorld,
  { scope, key, mayClose }: { readonly scope: Scope; readonly key: string; readonly mayClose: boolean },
  parts: readonly Part[],
): Promise<boolean> => {
  const alerts = parts.flatMap((part) => part.alerts);
  const atMs = world.clock.nowMs();
  const joined = await world.store.change(scope, key, atMs, (current) => {
    if (current === null || current.edge === null) return null;
    const { incident, news } = hear(current, alerts, atMs, mayClose);
    const setting = world.settingOf(current.edge, scope.cluster, scope.workspace);
    const known: Incident = {
      ...joinedBy(
        incident,
        parts.map(({ edge }) => callerOf(edge)),
      ),
      alerts: withCaller(incident.alerts, parts),
      revision: current.revision + 1,
    };
    // Whoever was called for the storm is not called once more for each of its callers.
    const told = news.filter((item) => item !== 'page-joined');
    const stood = restoodIncident(known, setting);
    const { mention } = world.routeOf(known.lead, known.edge, known.severity, known.workspace);
    return {
      incident: stood ?? known,
      messages: [...newsMessages(known, told, mention, atMs, setting), ...(stood === null ? [] : [editMessage(stood)])],
      jobs: [{ job: { kind: 'fold', incidentId: known.id }, atMs: atMs + minuteMs }],
    };
  });
  world.wakeSender();
  return joined !== null;
};
