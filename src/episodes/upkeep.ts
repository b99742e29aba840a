import { age, type Listed } from '../domain/episode-end.ts';
import { calling, isFloodKey } from '../domain/flood.ts';
import type { Incident } from '../domain/incident.ts';
import { retelling } from '../domain/storm.ts';
import { follow } from '../follow-trace.ts';
import { gather } from '../gather.ts';
import {
  callMessage,
  closedMessage,
  editMessage,
  foldMessage,
  newsMessages,
  restoodIncident,
  rooted,
} from '../stages/compose/outgoing.ts';
import { standingsKnown, withBudgets } from './budgets.ts';
import { measureIncident } from './figures.ts';
import { adopt, linkUp, speakerOf, spread, standAs } from './parts.ts';
import { isAboutMany } from './retold.ts';
import { noteTriage, reportOf, sendPicture, withReport } from './tell.ts';
import { drawTrace, lookAgainLater } from './trace.ts';
import { type EpisodeWorld, groupedBy } from './world.ts';

/** Who wants the figures again: people see them at once; by time alone what is told elsewhere costs no edits. */
type Wanted = 'by time' | 'by people';

/**
 * Whether an incident is measured for itself: not what a channel tells together, and not what an open storm speaks for, which only says
 * where that stands.
 */
const isMeasured = async (world: EpisodeWorld, incident: Incident, wanted: Wanted): Promise<boolean> => {
  if (isFloodKey(incident.key)) return false;
  const speaker = await speakerOf(world, incident);
  if (speaker === null && incident.partOf != null) await standAs(world, incident, () => null);
  if (speaker !== null) await linkUp(world, incident, speaker);
  return speaker === null || wanted === 'by people';
};

/** Reads the figures of an open incident again, and the worst request, and edits its root; null where it is not open, or not measured. */
const readAgain = async (world: EpisodeWorld, incidentId: string, wanted: Wanted) => {
  const incident = await world.store.incident(incidentId);
  if (incident === null || incident.state !== 'open' || !(await isMeasured(world, incident, wanted))) return null;
  await adopt(world, incident);
  const cluster = world.clusterOf(incident.cluster);
  const atMs = world.clock.nowMs();
  const alerts = [{ ...incident.lead, status: 'firing' as const }];
  const [measuredNow, standings] = await Promise.all([measureIncident(cluster, incident, alerts, atMs), standingsKnown(world)]);
  const evidence = await follow(cluster, withBudgets(measuredNow, standings));
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
export const refresh = async (world: EpisodeWorld, incidentId: string, wanted: Wanted = 'by time'): Promise<void> => {
  await readAgain(world, incidentId, wanted);
};

/** Looks again for a trace that had not arrived: into the root, and drawn into the thread once it is there. */
export const followAgain = async (world: EpisodeWorld, incidentId: string, attempt: number): Promise<void> => {
  const again = await readAgain(world, incidentId, 'by time');
  if (again === null) return;
  await sendPicture(world, again.incident, again.incident, await drawTrace(world, again.report));
  await lookAgainLater(world, incidentId, again.report, attempt + 1);
};

/** Tells the thread of the alerts that joined since the last time, calls for those that nobody was called for, and the root what it had no edit left for. */
export const fold = async (world: EpisodeWorld, incidentId: string): Promise<void> => {
  const incident = await world.store.incident(incidentId);
  if (incident === null) return;
  const atMs = world.clock.nowMs();
  const setting = world.settingOf(incident.edge, incident.cluster, incident.workspace);
  await world.store.change(incident, incident.key, 0, (current) => {
    if (current === null || current.id !== incident.id) return null;
    const called = isFloodKey(current.key) ? calling(current, atMs) : { incident: current, alerts: [] };
    const folded = foldMessage(called.incident, setting.timeZone);
    const again = retelling(called.incident, atMs);
    const isRetold = again.isNow && isAboutMany(current) && current.state === 'open';
    const stood = isRetold ? restoodIncident(again.incident, setting) : null;
    const messages = [callMessage(called.incident, called.alerts), folded, stood === null ? null : editMessage(stood)];
    const next = stood ?? called.incident;
    return {
      incident: folded === null ? next : { ...next, alerts: next.alerts.map((alert) => ({ ...alert, isTold: true })) },
      messages: messages.filter((message) => message !== null),
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
      let isOver = false;
      const aged = await world.store.change(incident, incident.key, 0, (current) => {
        if (current === null || current.id !== incident.id) return null;
        const { incident: next, news, note } = age(current, listed, atMs);
        const setting = world.settingOf(next.edge, next.cluster, next.workspace);
        isOver = news !== null;
        return {
          incident: next,
          messages:
            news === null ? [] : [closedMessage(next, note, atMs, setting), ...newsMessages(next, [news], null, atMs, setting)],
          jobs: [],
        };
      });
      if (aged !== null && isOver) await spread(world, aged);
    }
  }
  world.wakeSender();
};
