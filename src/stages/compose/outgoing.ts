import { alertsOf, type News } from '../../domain/episode.ts';
import { edgesOf } from '../../domain/flood.ts';
import type { Incident, IncidentAlert, OutboxMessage, OutboxPurpose } from '../../domain/incident.ts';
import type { Message, Picture } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import { callersOf } from '../../domain/storm.ts';
import { floodCall, floodRoot } from './flood.ts';
import { withHome } from './home-button.ts';
import { untrusted } from './mrkdwn.ts';
import { root } from './root.ts';
import type { Setting, Standing } from './setting.ts';
import { recounted, restood } from './standing.ts';
import { closedRoot, escalation, folded, resolutionCard } from './thread.ts';

const outgoing = (incident: Incident, purpose: OutboxPurpose, name: string, message: Message): OutboxMessage => ({
  key: `${incident.id}:${name}`,
  rootId: incident.id,
  purpose,
  message,
  broadcast: purpose === 'escalation',
  picture: null,
});

/** How the incident stands, for its root. */
export const standingOf = (incident: Incident): Standing => ({
  state: incident.state === 'open' ? 'firing' : incident.state,
  alertCount: alertsOf(incident),
  reopened: incident.reopened,
  openedAtMs: incident.openedAtMs,
  closedAtMs: incident.closedAtMs,
  incidentId: incident.id,
  severity: incident.severity,
  callers: callersOf(incident),
  edges: edgesOf(incident),
  partOf: incident.partOf ?? null,
  acknowledged: incident.acknowledged ?? null,
  silences: incident.silences ?? [],
});

/** An incident with its root as it is told now. */
type Rooted = Incident & { readonly lastRoot: Message };

/** The incident with the root that a report makes of it. */
export const rooted = (incident: Incident, report: Report, setting: Setting): Rooted => ({
  ...incident,
  lastRoot: root(report, setting, standingOf(incident)),
});

/** The first message of an incident. With a picture it may stand inline where a picture channel is configured. */
export const rootMessage = (incident: Rooted, picture: Picture | null): OutboxMessage => ({
  ...outgoing(incident, 'root', 'root', incident.lastRoot),
  picture: picture === null ? null : { name: picture.name, png: picture.png, altText: picture.altText },
});

/** The root, told anew. Edits notify nobody; the newest one wins. */
export const editMessage = (incident: Rooted): OutboxMessage =>
  outgoing(incident, incident.state === 'open' ? 'edit' : 'resolution', `edit:${incident.revision}`, incident.lastRoot);

/** The incident with its last root as it stands after somebody did something; null where no root is known, as of an older release. */
export const restoodIncident = (incident: Incident, setting: Setting): Rooted | null => {
  const { lastRoot, lastHeader } = incident;
  const standing = standingOf(incident);
  if (standing.edges !== null) {
    const { head, message } = floodRoot(incident, standing.edges, standing, setting);
    return { ...incident, lastRoot: message, lastHeader: head };
  }
  if (lastRoot == null) return null;
  return {
    ...incident,
    lastRoot: restood(lastRoot, standing, setting),
    // Lists of incidents show it: the number of callers is one, wherever it is read.
    lastHeader: lastHeader === null ? null : recounted(lastHeader, standing),
  };
};

/** The root of an incident that ended; composed from what the incident remembers, so that it works while every source is down. */
export const closedMessage = (incident: Incident, note: string | null, atMs: number, setting: Setting): OutboxMessage =>
  outgoing(incident, 'resolution', `closed-root:${incident.revision}`, closedRoot(incident, note, atMs, setting));

/** What is told in the thread about the news: broadcasts once per escalation, and the card that closes, with the figures `after`. */
export const newsMessages = (
  incident: Incident,
  news: readonly News[],
  mention: string | null,
  atMs: number,
  setting: Setting,
  after: Report | null = null,
): readonly OutboxMessage[] =>
  news.flatMap((item) => {
    if (item === 'severity-raised' || item === 'reopened' || item === 'page-joined') {
      return [
        outgoing(
          incident,
          'escalation',
          `${item}:${incident.severity}:${incident.reopened}:${incident.alerts.length}`,
          withHome(escalation(item, incident, mention), incident.id, setting),
        ),
      ];
    }
    if (item === 'resolved' || item === 'unreported')
      return [outgoing(incident, 'thread', `closed:${incident.reopened}`, resolutionCard(incident, atMs, setting, after))];
    return [];
  });

/** Calls people for page-severity alerts that have no message of their own; null where there are none. */
export const callMessage = (incident: Incident, alerts: readonly IncidentAlert[]): OutboxMessage | null =>
  alerts.length === 0
    ? null
    : outgoing(incident, 'escalation', `call:${incident.reopened}:${incident.calledAtMs}`, floodCall(incident, alerts));

/** The alerts that joined since the last time, batched; null when all have been told. */
export const foldMessage = (incident: Incident, zone: string): OutboxMessage | null => {
  const untold = incident.alerts.filter((alert) => !alert.isTold);
  if (untold.length === 0) return null;
  return outgoing(
    incident,
    'thread',
    `fold:${incident.alerts.length - untold.length}:${incident.alerts.length}`,
    folded(untold, zone),
  );
};

/** A picture for the thread; its text is its alt text, so a screen reader and a failed upload both have the numbers. */
export const pictureMessage = (incident: Incident, picture: Picture): OutboxMessage => ({
  ...outgoing(incident, 'picture', `picture:${picture.name}:${incident.reopened}`, {
    text: untrusted(picture.altText, 1000) || '–',
    blocks: [],
  }),
  picture: { name: picture.name, png: picture.png, altText: picture.altText },
});

/** A line for the thread about what somebody did; `name` tells it from others of the same incident. */
export const noteMessage = (incident: Incident, name: string, message: Message): OutboxMessage =>
  outgoing(incident, 'thread', name, message);
