import { alertsOf, toldReturns } from '../../domain/episode.ts';
import type { Incident, IncidentAlert } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { Report } from '../../domain/report.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted, percent, seconds } from '../../domain/words.ts';
import { actions, context, header, section, shortened } from './blocks.ts';
import { spentLines } from './budget-lines.ts';
import { dateToken, span } from './dates.ts';
import { homeButtons, withHome } from './home-button.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw, untrusted } from './mrkdwn.ts';
import { type Paragraph, type Setting, stateSign } from './setting.ts';

const mention = /^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel)>$/;

/** A mention from configuration, only in the exact form of an id; everything else is dropped. */
export const mentionText = (configured: string | null): Mrkdwn | null =>
  configured !== null && mention.test(configured) ? (configured as Mrkdwn) : null;

const message = (text: Mrkdwn): Message => ({ text, blocks: [section(text)] });

/** Alerts that joined the incident, batched; nothing broadcasts. */
export const folded = (alerts: readonly IncidentAlert[], zone: string): Message => {
  const lines = alerts.slice(0, 10).map(({ name, severity, state, startsAtMs, caller, about }) => {
    const since = raw(dateToken(startsAtMs, zone));
    const of = caller ?? about?.title;
    const which = raw(of === undefined ? mrkdwn`*${name}*` : mrkdwn`*${name}* of ${of}`);
    return state === 'firing'
      ? mrkdwn`•  ${which} (${severity}) firing since ${since}`
      : mrkdwn`•  ${which} (${severity}) had fired since ${since}, now ${state}`;
  });
  const more = alerts.length - lines.length;
  return message(joined([ours('Also about this:'), ...lines, more > 0 ? mrkdwn`and ${more} more` : null]));
};

/** A raised severity, a reopening or a page that joins: broadcast once, with the configured mention. It stands alone in the channel, so it says why. */
export const escalation = (
  why: 'severity-raised' | 'reopened' | 'page-joined',
  incident: Incident,
  configured: string | null,
): Message => {
  const loudest = incident.alerts.filter(({ state, severity }) => state === 'firing' && severity === incident.severity).at(-1);
  const by = loudest === undefined ? ours('') : mrkdwn`: ${loudest.name}`;
  const sentence: Readonly<Record<typeof why, Mrkdwn>> = {
    'severity-raised': mrkdwn`*${incident.title}* is now *${incident.severity}*${raw(by)}`,
    reopened: mrkdwn`*${incident.title}* is back, *${incident.severity}*${raw(by)}`,
    'page-joined': mrkdwn`*${incident.title}*: another page-severity alert joined${raw(by)}`,
  };
  return message(
    joined([
      joined([mentionText(configured), sentence[why]], ' '),
      why === 'reopened' && incident.reopened === toldReturns
        ? mrkdwn`It is flapping: back ${toldReturns}× by now. Further returns only edit its message, for half an hour at a time.`
        : null,
      incident.lastVerdict === null ? null : mrkdwn`${why === 'reopened' ? 'Last time' : 'Verdict'}: ${incident.lastVerdict}`,
    ]),
  );
};

/** Of its peak: from here on a figure counts as unchanged. */
const stillShare = 0.9;

const signalNames = { errors: 'errors', latency: 'latency' } as const;

/** What went back to its usual, by the figures at the end; and what was changed while it fired. Null where nothing could be read. */
const changedBack = (incident: Incident, after: Report | null, zone: string): Paragraph => {
  if (after === null || after.evidence.readings.length === 0) return null;
  const { errorRatio, latencyP99Seconds } = incident.peak;
  const lowered = after.diagnosis.signals.flatMap(({ signal, now, usual, value, moved }) => {
    if (signal !== 'errors' && signal !== 'latency') return [];
    const peak = signal === 'errors' ? errorRatio : latencyP99Seconds;
    // What ends as high as it ever was has not come back.
    if (peak === null || (value !== null && value >= peak * stillShare)) return [];
    const most = signal === 'errors' ? percent(peak) : `p99 ${seconds(peak)}`;
    const text = `${signalNames[signal]} ${most} → ${now}${usual === null ? '' : ` (usually ${usual})`}`;
    return [{ text, isBack: moved !== true }];
  });
  const textsOf = (isBack: boolean): string =>
    lowered
      .filter((one) => one.isBack === isBack)
      .map(({ text }) => text)
      .join(', ');
  const [back, falling] = [textsOf(true), textsOf(false)];
  const { changes } = after.evidence;
  const meanwhile = changes.ok ? changes.value.filter(({ atMs }) => atMs !== null && atMs > incident.openedAtMs) : null;
  return joined([
    back === '' ? null : mrkdwn`*What changed back:* ${back}`,
    // The last window reaches back into the incident: lower is not yet well.
    falling === '' ? null : mrkdwn`*Going down:* ${falling}, over a window that reaches into the incident`,
    meanwhile === null
      ? null
      : meanwhile.length === 0
        ? ours('*Changed while it fired:* none found')
        : joined([
            ours('*Changed while it fired*'),
            ...meanwhile.slice(0, 3).map(({ atMs, what }) => mrkdwn`•  ${raw(dateToken(atMs ?? 0, zone))} ${what}`),
          ]),
  ]);
};

/** Whether the right edge was named: the one thing that only people know. */
const feedbackQuestion = (incidentId: string, setting: Setting): Block =>
  actions('feedback', [
    { text: '👍 Right edge', action: 'right-edge', value: incidentId },
    { text: '👎 Wrong edge', action: 'wrong-edge', value: incidentId },
    ...homeButtons(incidentId, setting),
  ]);

/** How it ended: after how long, how bad it was, what was said to be wrong. */
export const endedLines = (incident: Incident, atMs: EpochMs, zone: string): readonly Paragraph[] => {
  const { errorRatio, latencyP99Seconds } = incident.peak;
  const ended = incident.state === 'unreported' ? 'No longer reported' : 'Resolved';
  const peaks = [
    ...(errorRatio !== null && errorRatio > 0 ? [`${percent(errorRatio)} failing`] : []),
    ...(latencyP99Seconds === null ? [] : [`p99 ${seconds(latencyP99Seconds)}`]),
  ];
  return [
    mrkdwn`*${ended}* at ${raw(dateToken(atMs, zone))} after ${span(atMs - incident.openedAtMs)}`,
    peaks.length === 0 ? null : mrkdwn`*Peak:* ${peaks.join(', ')}`,
    incident.failedRequests < 0.5 ? null : mrkdwn`About ${counted(incident.failedRequests, 'failed request')} in all`,
    spentLines(incident.budgets ?? []),
    incident.lastVerdict === null ? null : mrkdwn`*Last verdict:* ${incident.lastVerdict}`,
  ];
};

/** Duration, peak, failed requests, what was said to be wrong, what changed back. */
export const resolutionCard = (incident: Incident, atMs: EpochMs, setting: Setting, after: Report | null = null): Message => {
  const { timeZone: zone, buttons } = setting;
  const card = message(
    joined([
      ...endedLines(incident, atMs, zone),
      changedBack(incident, after, zone),
      alertsOf(incident) > 1 ? mrkdwn`${alertsOf(incident)} alerts were folded into this incident` : null,
    ]),
  );
  return incident.edge !== null && buttons.includes('feedback')
    ? { ...card, blocks: [...card.blocks, feedbackQuestion(incident.id, setting)] }
    : withHome(card, incident.id, setting);
};

/** What an ended incident is called. */
export const endedHead = ({ state, title }: Pick<Incident, 'state' | 'title'>): string =>
  state === 'resolved' ? `${stateSign.resolved} Resolved: ${title}` : `${stateSign.unreported} No longer reported: ${title}`;

/** The root of an ended incident: what it was, how long, and the last verdict. */
export const closedRoot = (incident: Incident, note: string | null, atMs: EpochMs, setting: Setting): Message => {
  const { timeZone } = setting;
  const head = endedHead(incident);
  const name = incident.lead.labels['alertname'] ?? 'alert';
  const facts = joined(
    [
      incident.alerts.length > 1 ? mrkdwn`${name} (+${incident.alerts.length - 1} more)` : mrkdwn`${name}`,
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
  const told = {
    text: shortened(joined([untrusted(head, 150), said]), 300),
    blocks: [header(head), context(facts), ...(said === '' ? [] : [section(said)])],
  };
  return withHome(told, incident.id, setting);
};
