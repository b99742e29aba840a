import type { Incident, IncidentAlert } from '../../domain/incident.ts';
import type { Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { context, header, section } from './blocks.ts';
import { dateToken, span } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw, untrusted } from './mrkdwn.ts';
import { type Setting, stateSign } from './setting.ts';

const mention = /^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>$/;

/** A mention from configuration, only in the exact form of an id; everything else is dropped. */
export const mentionText = (configured: string | null): Mrkdwn | null =>
  configured !== null && mention.test(configured) ? (configured as Mrkdwn) : null;

const message = (text: Mrkdwn): Message => ({ text, blocks: [section(text)] });

/** Alerts that joined the incident, batched; nothing broadcasts. */
export const folded = (alerts: readonly IncidentAlert[], zone: string): Message => {
  const lines = alerts.slice(0, 10).map(({ name, severity, state, startsAtMs }) => {
    const since = raw(dateToken(startsAtMs, zone));
    return state === 'firing'
      ? mrkdwn`•  *${name}* (${severity}) firing since ${since}`
      : mrkdwn`•  *${name}* (${severity}) had fired since ${since}, now ${state}`;
  });
  const more = alerts.length - lines.length;
  return message(joined([ours('Also about this:'), ...lines, more > 0 ? mrkdwn`and ${more} more` : null]));
};

/** A raised severity, a reopening or a page that joins: broadcast once, with the configured mention (design promise 2). */
export const escalation = (
  why: 'severity-raised' | 'reopened' | 'page-joined',
  incident: Incident,
  configured: string | null,
): Message => {
  const sentence: Readonly<Record<typeof why, Mrkdwn>> = {
    'severity-raised': mrkdwn`*${incident.title}* is now *${incident.severity}*`,
    reopened: mrkdwn`*${incident.title}* is back`,
    'page-joined': mrkdwn`*${incident.title}*: a page-severity alert joined`,
  };
  return message(joined([mentionText(configured), sentence[why]], ' '));
};

const percent = (ratio: number): string => `${(ratio * 100).toPrecision(2).replace(/\.0$/, '')} %`;

/** Duration, peak, failed requests, what was said to be wrong. */
export const resolutionCard = (incident: Incident, atMs: EpochMs, zone: string): Message => {
  const { peak } = incident;
  const ended = incident.state === 'unreported' ? 'No longer reported' : 'Resolved';
  return message(
    joined([
      mrkdwn`*${ended}* at ${raw(dateToken(atMs, zone))} after ${span(atMs - incident.openedAtMs)}`,
      peak.errorRatio === null || peak.errorRatio <= 0 ? null : mrkdwn`Peak ${percent(peak.errorRatio)} failing`,
      incident.failedRequests > 0 ? mrkdwn`About ${Math.round(incident.failedRequests)} failed requests in all` : null,
      incident.lastVerdict === null ? null : mrkdwn`Last verdict: ${incident.lastVerdict}`,
      incident.alerts.length > 1 ? mrkdwn`${incident.alerts.length} alerts were folded into this incident` : null,
    ]),
  );
};

/** The root of an ended incident: what it was, how long, and the last verdict. */
export const closedRoot = (incident: Incident, note: string | null, atMs: EpochMs, { timeZone }: Setting): Message => {
  const isResolved = incident.state === 'resolved';
  const head = `${isResolved ? stateSign.resolved : stateSign.unreported} ${isResolved ? 'Resolved' : 'No longer reported'}: ${incident.title}`;
  const facts = joined(
    [
      mrkdwn`${incident.lead.labels['alertname'] ?? 'alert'}${incident.alerts.length > 1 ? ` (+${incident.alerts.length - 1} more)` : ''}`,
      mrkdwn`${incident.cluster}`,
      mrkdwn`${raw(dateToken(incident.openedAtMs, timeZone))}–${raw(dateToken(atMs, timeZone))} (${span(atMs - incident.openedAtMs)})`,
      incident.reopened > 0 ? mrkdwn`came back ${incident.reopened}×` : null,
    ],
    '  ·  ',
  );
  const said = joined([
    note === null ? null : mrkdwn`*${note}*`,
    incident.lastVerdict === null ? null : mrkdwn`It was: ${incident.lastVerdict}`,
  ]);
  return {
    text: joined([untrusted(head, 150), said]).slice(0, 300),
    blocks: [header(head), context(facts), ...(said === '' ? [] : [section(said)])],
  };
};
