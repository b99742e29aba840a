import type { News } from '../domain/episode.ts';
import { isFloodKey } from '../domain/flood.ts';
import type { Incident, OutboxMessage } from '../domain/incident.ts';
import { isStormKey, retelling } from '../domain/storm.ts';
import { type EpochMs, minuteMs } from '../domain/time.ts';
import type { Decision, Job } from '../ports.ts';
import { editMessage, restoodIncident } from '../stages/compose/outgoing.ts';
import type { EpisodeWorld } from './world.ts';

const refreshMinutes = [2, 5, 15, 30, 60] as const;

/** When the figures are read again. */
export const refreshJobs = (incident: Incident, atMs: EpochMs): Decision['jobs'] =>
  refreshMinutes.map((minute) => ({
    job: { kind: 'refresh', incidentId: incident.id, minute } satisfies Job,
    atMs: atMs + minute * minuteMs,
  }));

/** About many: its root counts them, and is told anew when one comes or goes. */
export const isAboutMany = ({ key }: Incident): boolean => isStormKey(key) || isFloodKey(key);

/** Whom nobody is called for: what another incident speaks for, and what is of a channel, which calls by alert. */
const calling: readonly News[] = ['severity-raised', 'page-joined', 'reopened'];

/** The news that an incident tells itself. */
export const ownNews = ({ key, partOf }: Incident, news: readonly News[]): readonly News[] => {
  if (partOf != null) return news.filter((item) => !calling.includes(item));
  return isFloodKey(key) ? news.filter((item) => item !== 'severity-raised' && item !== 'page-joined') : news;
};

/** An incident that stands otherwise than it did: its root told anew now, or at the end of the minute where its budget of edits is spent. */
export const retold = (
  world: EpisodeWorld,
  incident: Incident,
  messages: readonly OutboxMessage[],
  atMs: EpochMs,
  jobs: Decision['jobs'] = [],
): Decision => {
  const spent = retelling({ ...incident, revision: incident.revision + 1 }, atMs);
  const stood = restoodIncident(spent.incident, world.settingOf(incident.edge, incident.cluster, incident.workspace));
  const later = (spent.incident.retold?.sinceMs ?? atMs) + minuteMs;
  return {
    incident: stood ?? spent.incident,
    messages: [...messages, ...(stood !== null && spent.isNow ? [editMessage(stood)] : [])],
    jobs: spent.isNow ? jobs : [...jobs, { job: { kind: 'fold', incidentId: incident.id }, atMs: later }],
  };
};
