import type { FloodEdge } from '../../domain/flood.ts';
import type { Deed, IncidentSilence, PartOf } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import { type Many, stillOf } from '../../domain/storm.ts';
import { count } from '../../domain/words.ts';
import { actions, type Button, context, header } from './blocks.ts';
import { dateToken } from './dates.ts';
import { homeButtons } from './home-button.ts';
import { linkText, ownLink } from './links.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw, untrusted } from './mrkdwn.ts';
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

const listed = (names: readonly Mrkdwn[], shown: number): Mrkdwn => {
  const more = names.length - shown;
  const first = joined(names.slice(0, shown), ', ');
  return more > 0 ? mrkdwn`${raw(first)} and ${count(more)} more` : first;
};

/** "Callers: cart, web"; "Callers: 7 of 11 still affected: cart, web …" where some are well again. */
const callersText = (callers: Many): Mrkdwn => {
  const names = callers.affected.map((name) => untrusted(name, 80));
  const affected = raw(listed(names, shownCallers));
  if (callers.affected.length === callers.all.length) return mrkdwn`*Callers:* ${affected}`;
  const still = mrkdwn`*Callers:* ${stillOf(callers)} still affected`;
  return names.length === 0 ? still : mrkdwn`${raw(still)}: ${affected}`;
};

const shownEdges = 12;

/** What fires, the worst first: a line for each severity, since a phone shows four words of one. */
const edgesText = (edges: readonly FloodEdge[]): Mrkdwn => {
  const firing = edges.filter(({ isFiring }) => isFiring);
  const shown = firing.slice(0, shownEdges);
  const more = firing.length - shown.length;
  const lines = [...new Set(shown.map(({ severity }) => severity))].map((severity) => {
    const names = shown.filter((edge) => edge.severity === severity).map(({ title }) => untrusted(title, 120));
    return mrkdwn`_${severity}_ ${raw(joined(names, ', '))}`;
  });
  if (lines.length === 0) return ours('*Edges:* none in trouble any more');
  return joined([ours('*Edges:*'), ...lines, more > 0 ? mrkdwn`and ${count(more)} more` : null]);
};

/** Which incident speaks for it, with a link to its message where that is known; Slack's own addresses only. */
const partText = ({ title, link }: PartOf): Mrkdwn => {
  const found = link === null ? null : ownLink(title, link);
  return found === null
    ? mrkdwn`*Part of:* ${title}, which is told there`
    : mrkdwn`*Part of:* ${raw(linkText(found, 200))}, which is told there`;
};

/** Whom it is about where it is about many, what it is part of, who looks after it, what is silenced until when; null where there is nothing of it. */
const deedsText = ({ acknowledged, silences, callers, edges, partOf }: Standing, zone: string): Mrkdwn | null => {
  const lines = [
    callers === null ? null : callersText(callers),
    edges === null ? null : edgesText(edges),
    partOf === null ? null : partText(partOf),
    acknowledged === null ? null : acknowledgedText(acknowledged, zone),
    ...silences.slice(-3).map((silence) => silencedText(silence, zone)),
  ].filter((line) => line !== null);
  return lines.length === 0 ? null : joined(lines);
};

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

/** Of many edges at once nothing is measured, and a silence would hide them all: somebody looks after them, or nobody. */
export const buttonsFor = (isOfChannel: boolean, buttons: readonly IncidentButton[]): readonly IncidentButton[] =>
  isOfChannel ? buttons.filter((kind) => kind === 'acknowledge') : buttons;

/** What can be done about an open incident; none for a question, once it is over, or where nothing listens. */
export const actionsBlock = (standing: Standing, setting: Pick<Setting, 'buttons' | 'homeUrl'>): readonly Block[] => {
  const { incidentId, state } = standing;
  if (incidentId === null || state !== 'firing' || setting.buttons.length === 0) return [];
  const shown = buttonsFor(standing.edges !== null, setting.buttons).flatMap((kind) => buttonOf(kind, incidentId, standing));
  return [actions(actionsId, [...shown, ...homeButtons(incidentId, setting)])];
};

/** The sign of a severity, at the beginning of a header. */
const sign = /^[🔴🟠🔵⚪](?= )/u;

/** A header with the severity and the number of callers as they are now: first the sign, then the number. */
export const recounted = (text: string, { callers, severity }: Pick<Standing, 'callers' | 'severity'>): string => {
  const signed = severity === null ? text : text.replace(sign, stateSign[severity]);
  if (callers === null) return signed;
  const noun = callers.all.length === 1 ? 'caller' : 'callers';
  return signed.replace(/^(\S+ )(?:[\d,]+ of )?[\d,]+ callers? →/, `$1${stillOf(callers)} ${noun} →`);
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
