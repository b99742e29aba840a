import type { Alert } from '../domain/alert.ts';
import type { Edge } from '../domain/edge.ts';
import { hear } from '../domain/episode.ts';
import type { Scope } from '../domain/incident.ts';
import { stormTitle, withCallers } from '../domain/storm.ts';
import { minuteMs } from '../domain/time.ts';
import { editMessage, newsMessages, restoodIncident } from '../stages/compose/outgoing.ts';
import type { EpisodeWorld } from './world.ts';

/** Further callers of a callee that an open incident is about: counted and named in its message, and nothing is asked. */
export const joinStorm = async (
  world: EpisodeWorld,
  { scope, key, mayClose }: { readonly scope: Scope; readonly key: string; readonly mayClose: boolean },
  alerts: readonly Alert[],
  edges: readonly Edge[],
): Promise<boolean> => {
  const atMs = world.clock.nowMs();
  const joined = await world.store.change(scope, key, atMs, (current) => {
    if (current === null || current.edge === null) return null;
    const { incident, news } = hear(current, alerts, atMs, mayClose);
    const callers = withCallers(incident.callers ?? [], edges);
    const setting = world.settingOf(current.edge, scope.cluster);
    const known = { ...incident, callers, title: stormTitle(current.edge, callers), revision: current.revision + 1 };
    const stood = restoodIncident(known, setting);
    const { mention } = world.routeOf(known.lead, known.edge, known.severity);
    return {
      incident: stood ?? known,
      messages: [...newsMessages(known, news, mention, atMs, setting), ...(stood === null ? [] : [editMessage(stood)])],
      jobs: [{ job: { kind: 'fold', incidentId: known.id }, atMs: atMs + minuteMs }],
    };
  });
  world.wakeSender();
  return joined !== null;
};
