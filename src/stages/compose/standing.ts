import type { Deed, IncidentSilence } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import { count, counted } from '../../domain/words.ts';
import { actions, type Button, context, header } from './blocks.ts';
import { dateToken } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, raw, untrusted } from './mrkdwn.ts';
import { personTag } from './people.ts';
import { type IncidentButton, type Setting, type Standing, stateSign } from './setting.ts';

/** How a root stands is told in two of its blocks, so that both can be told anew while no source answers. */
export const aboutId = 'about';
const actionsId = 'actions';

const acknowledgedText = ({ by, atMs }: Deed, zone: string): Mrkdwn =>
  mrkdwn`👀 *Acknowledged* by ${raw(personTag(by))} at ${raw(dateToken(atMs, zone))}`;

const silencedText = ({ by, endsAtMs, comment }: IncidentSilence, zone: string): Mrkdwn =>
  mrkdwn`🔕 *Silenced* until ${raw(dateToken(endsAtMs, zone))} by ${raw(personTag(by))}: ${comment.slice(0, 120)}`;

const shownCallers = 8;

const callersText = (callers: readonly string[]): Mrkdwn => {
  const names = joined(
    callers.slice(0, shownCallers).map((name) => untrusted(name, 80)),
    ', ',
  );
  const more = callers.length - shownCallers;
  return more > 0 ? mrkdwn`*Callers:* ${raw(names)} and ${count(more)} more` : mrkdwn`*Callers:* ${raw(names)}`;
};

/** All callers where it is about many, who looks after it, and what is silenced until when; null where there is nothing of it. */
const deedsText = ({ acknowledged, silences, callers }: Standing, zone: string): Mrkdwn | null =>
  acknowledged === null && silences.length === 0 && callers.length === 0
    ? null
    : joined([
        callers.length === 0 ? null : callersText(callers),
        acknowledged === null ? null : acknowledgedText(acknowledged, zone),
        ...silences.slice(-3).map((silence) => silencedText(silence, zone)),
      ]);

/** What the root says below its header: the facts, and below them who has done what. */
export const aboutBlock = (facts: Mrkdwn, standing: Standing, { timeZone }: Setting): Block => {
  const deeds = deedsText(standing, timeZone);
  return { ...context(facts, ...(deeds === null ? [] : [deeds])), block_id: aboutId };
};

const buttonOf = (kind: IncidentButton, value: string, standing: Standing): readonly Button[] => {
  if (kind === 'acknowledge')
    return standing.acknowledged === null
      ? [
          {
            text: 'Acknowledge',
            action: 'acknowledge',
            value,
            style: 'primary',
            label: 'Acknowledge: you look after this incident',
          },
        ]
      : [{ text: 'Unacknowledge', action: 'unacknowledge', value }];
  if (kind === 'silence')
    return [
      { text: 'Silence…', action: 'silence', value },
      ...(standing.silences.length === 0 ? [] : [{ text: 'Unsilence', action: 'unsilence', value }]),
    ];
  if (kind === 'drill') return [{ text: 'Drill down…', action: 'drill', value }];
  return kind === 'refresh' ? [{ text: 'Refresh', action: 'refresh', value, label: 'Refresh: read the figures again' }] : [];
};

/** What can be done about an open incident; none for a question, once it is over, or where nothing listens. */
export const actionsBlock = (standing: Standing, { buttons }: Setting): readonly Block[] => {
  const { incidentId, state } = standing;
  if (incidentId === null || state !== 'firing' || buttons.length === 0) return [];
  return [
    actions(
      actionsId,
      buttons.flatMap((kind) => buttonOf(kind, incidentId, standing)),
    ),
  ];
};

/** The sign of a severity, at the beginning of a header. */
const sign = /^[🔴🟠🔵⚪](?= )/u;

/** A header with the severity and the number of callers as they are now: first the sign, then the number. */
export const recounted = (text: string, { callers, severity }: Pick<Standing, 'callers' | 'severity'>): string => {
  const signed = severity === null ? text : text.replace(sign, stateSign[severity]);
  return callers.length === 0 ? signed : signed.replace(/^(\S+ )[\d,]+ callers? →/, `$1${counted(callers.length, 'caller')} →`);
};

/** The facts below it, which begin with the severity. */
const refacted = (facts: string, { severity }: Standing): Mrkdwn =>
  (severity === null ? facts : facts.replace(/^\*(page|warning|info|none)\*/, `*${severity}*`)) as Mrkdwn;

const recountedHeader = (block: Block, standing: Standing): Block => {
  const { text = '' } = (block['text'] ?? {}) as { readonly text?: string };
  return header(recounted(text, standing));
};

/** The same root with how the incident stands now: what was measured is left as it was. */
export const restood = (message: Message, standing: Standing, setting: Setting): Message => ({
  text: recounted(message.text, standing),
  blocks: message.blocks.flatMap((block): readonly Block[] => {
    if (block.type === 'header') return [recountedHeader(block, standing)];
    if (block['block_id'] === actionsId) return actionsBlock(standing, setting);
    if (block['block_id'] !== aboutId) return [block];
    const [facts] = (block['elements'] ?? []) as readonly { readonly text?: string }[];
    return [aboutBlock(refacted(facts?.text ?? '', standing), standing, setting)];
  }),
});
