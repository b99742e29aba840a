import { severityRank } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section } from './blocks.ts';
import { dateToken, span } from './dates.ts';
import { linkText, ownLink } from './links.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { personTag } from './people.ts';
import { stateSign } from './setting.ts';

/** Incidents for one screen of a phone. */
const most = 15;

/** The loudest first, then the newest. */
export const byWeight = (a: Incident, b: Incident): number =>
  severityRank[b.severity] - severityRank[a.severity] || b.openedAtMs - a.openedAtMs || (a.id < b.id ? -1 : 1);

const headOf = ({ lastHeader, severity, title }: Incident): string => lastHeader ?? `${stateSign[severity]} ${title}`;

/** Slack's own address of a message; nothing else is linked. */
export const linked = (head: string, address: string | null): Mrkdwn => {
  const link = address === null ? null : ownLink(head, address);
  return link === null ? mrkdwn`*${head}*` : mrkdwn`*${raw(linkText(link, 200))}*`;
};

const factsOf = (incident: Incident, atMs: EpochMs, zone: string): Mrkdwn => {
  const { severity, cluster, openedAtMs, alerts, reopened, channel, acknowledged, silences = [], partOf } = incident;
  const firing = alerts.filter(({ state }) => state === 'firing').length;
  const told =
    firing === alerts.length ? counted(firing, 'alert') : `${firing} of ${counted(alerts.length, 'alert')} still firing`;
  return joined(
    [
      mrkdwn`${severity}`,
      mrkdwn`${cluster}`,
      mrkdwn`since ${raw(dateToken(openedAtMs, zone))} (${span(atMs - openedAtMs)})`,
      mrkdwn`${told}`,
      partOf == null ? null : mrkdwn`part of ${partOf.title}`,
      reopened > 0 ? mrkdwn`came back ${counted(reopened, 'time')}` : null,
      acknowledged == null ? null : mrkdwn`acknowledged by ${raw(personTag(acknowledged.by))}`,
      silences.length === 0
        ? null
        : mrkdwn`silenced until ${raw(dateToken(Math.max(...silences.map(({ endsAtMs }) => endsAtMs)), zone))}`,
      mrkdwn`in ${channel}`,
    ],
    ' · ',
  );
};

/** An open incident in three lines; its head leads to its message where that is known. */
export const openText = (incident: Incident, link: string | null, atMs: EpochMs, zone: string): Mrkdwn =>
  joined([
    linked(headOf(incident), link),
    incident.lastVerdict === null ? null : mrkdwn`${incident.lastVerdict}`,
    factsOf(incident, atMs, zone),
  ]);

/** `/mesh incidents`: what is open, the loudest and newest first. `where`: the cluster that was asked about, null for all. */
export const incidentsMessage = (incidents: readonly Incident[], where: string | null, atMs: EpochMs, zone: string): Message => {
  const sorted = [...incidents].sort(byWeight);
  const place = where === null ? null : mrkdwn`in ${where}`;
  const title = joined(
    [sorted.length === 0 ? ours('No incident is open') : mrkdwn`${counted(sorted.length, 'open incident')}`, place],
    ' ',
  );
  const more = sorted.length - most;
  return {
    text: joined([title, ...sorted.slice(0, 3).map((incident) => mrkdwn`${headOf(incident)}`)]),
    blocks: [
      section(mrkdwn`*${raw(title)}*`),
      ...sorted.slice(0, most).map((incident) => section(openText(incident, null, atMs, zone))),
      ...(more > 0 ? [context(mrkdwn`${counted(more, 'more incident')}`)] : []),
    ],
  };
};
