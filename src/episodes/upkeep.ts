import { age, type Listed } from '../domain/episode-end.ts';
import type { OutboxMessage } from '../domain/incident.ts';
import { follow } from '../follow-trace.ts';
import { gather } from '../gather.ts';
import { locate } from '../locate.ts';
import { closedMessage, editMessage, foldMessage, newsMessages, rooted } from '../stages/compose/outgoing.ts';
import { measure } from '../triage.ts';
import { noteTriage, reportOf, sendPicture, withReport } from './tell.ts';
import { drawTrace, lookAgainLater } from './trace.ts';
import { type EpisodeWorld, groupedBy } from './world.ts';

/** Reads the figures of an open incident again, and the worst request, and edits its root; null where it is open no more. */
const readAgain = async (world: EpisodeWorld, incidentId: string) => {
  const incident = await world.store.incident(incidentId);
  if (incident === null || incident.state !== 'open') return null;
  const cluster = world.clusterOf(incident.cluster);
  const atMs = world.clock.nowMs();
  const alerts = [{ ...incident.lead, status: 'firing' as const }];
  const measured = await measure(cluster, await locate(cluster, incident.lead, atMs), alerts, atMs);
  const evidence = await follow(cluster, measured);
  world.onGaps(evidence.gaps);
  const report = reportOf(evidence);
  const setting = world.settingOf(incident.edge, incident.cluster, incident.workspace);
  await world.store.change(incident, incident.key, 0, (current) => {
    if (current === null || current.id !== incident.id || current.state !== 'open') return null;
    const next = rooted({ ...withReport(current, report), revision: current.revision + 1 }, report, setting);
    return { incident: next, messages: [editMessage(next)], jobs: [] };
  });
  world.wakeSender();
  noteTriage(world, incident, report, atMs);
  return { incident, report };
};

/** Reads the figures of an open incident again and edits its root. */
export const refresh = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  await readAgain(world, incidentId);
};

/** Looks again for a trace that had not arrived: into the root, and drawn into the thread once it is there. */
export const followAgain = async (world: EpisodeWorld, incidentId: string, attempt: number): Promise<void> => {
  const again = await readAgain(world, incidentId);
  if (again === null) return;
  await sendPicture(world, again.incident, again.incident, await drawTrace(world, again.report));
  await lookAgainLater(world, incidentId, again.report, attempt + 1);
};

/** Tells the thread of the alerts that joined since the last time. */
export const fold = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const incident = await world.store.incident(incidentId);
  if (incident === null) return;
  const zone = world.settingOf(incident.edge, incident.cluster, incident.workspace).timeZone;
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
        const setting = world.settingOf(next.edge, next.cluster, next.workspace);
        return {
          incident: next,
          messages:
            news === null ? [] : [closedMessage(next, note, atMs, setting), ...newsMessages(next, [news], null, atMs, setting)],
          jobs: [],
        };
      });
    }
  }
  world.wakeSender();
};
