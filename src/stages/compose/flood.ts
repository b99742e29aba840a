import { type FloodEdge, floodHead } from '../../domain/flood.ts';
import type { Incident, IncidentAlert } from '../../domain/incident.ts';
import type { Message } from '../../domain/message.ts';
import { counted } from '../../domain/words.ts';
import { header, section, shortened } from './blocks.ts';
import { dateToken } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw, untrusted } from './mrkdwn.ts';
import { type Setting, type Standing, stateSign } from './setting.ts';
import { aboutBlock, actionsBlock } from './standing.ts';
import { mentionText } from './thread.ts';

const why = ours(
  'So many new messages at once would hide each other, so these edges share this one. They are not measured: “/mesh why checkout → payments” looks at one, “/mesh top” at the worst.',
);

const headOf = (edges: readonly FloodEdge[], { severity }: Incident): string => `${stateSign[severity]} ${floodHead(edges)}`;

/** The first line of an incident that holds what a channel got beyond its budget, and its message: composed from its alerts alone. */
export const floodRoot = (
  incident: Incident,
  edges: readonly FloodEdge[],
  standing: Standing,
  setting: Setting,
): { readonly head: string; readonly message: Message } => {
  const head = headOf(edges, incident);
  const facts = joined(
    [
      mrkdwn`*${incident.severity}*`,
      mrkdwn`${counted(incident.alerts.length, 'alert')}`,
      mrkdwn`${incident.cluster}`,
      mrkdwn`since ${raw(dateToken(incident.openedAtMs, setting.timeZone))}`,
      incident.reopened > 0 ? mrkdwn`came back ${incident.reopened}×` : null,
    ],
    '  ·  ',
  );
  return {
    head,
    message: {
      text: shortened(joined([untrusted(head, 150), why]), 300),
      blocks: [header(head), aboutBlock(facts, standing, setting), section(why), ...actionsBlock(standing, setting)],
    },
  };
};

const shownAlerts = 5;

/** Page-severity alerts beyond the budget: broadcast, with whoever is configured for them. It stands alone in the channel. */
export const floodCall = ({ title }: Incident, alerts: readonly IncidentAlert[]): Message => {
  const mentions = [...new Set(alerts.map(({ mention = null }) => mentionText(mention)))].filter((text) => text !== null);
  const lines = alerts
    .slice(0, shownAlerts)
    .map(({ name, about }): Mrkdwn => mrkdwn`•  *${name.slice(0, 120)}* of ${(about?.title ?? 'something').slice(0, 120)}`);
  const more = alerts.length - lines.length;
  const text = joined([
    joined([...mentions, mrkdwn`*${counted(alerts.length, 'page-severity alert')}* among *${title}*`], ' '),
    ...lines,
    more > 0 ? mrkdwn`and ${more} more` : null,
  ]);
  return { text, blocks: [section(text)] };
};
