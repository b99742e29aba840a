import type { DigestSubscription } from '../../domain/digest-subscription.ts';
import { isFloodKey } from '../../domain/flood.ts';
import type { View } from '../../domain/gesture.ts';
import type { Incident, IncidentSilence } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import type { KnownStanding } from '../../domain/slo/known.ts';
import { type EpochMs, hourMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { actions, type Button, context, header, section } from './blocks.ts';
import { clockText, dateToken, span } from './dates.ts';
import { digestBlocks, objectiveBlocks } from './home-objectives.ts';
import { byWeight, linked, openText } from './incidents.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { personTag } from './people.ts';
import type { IncidentButton } from './setting.ts';
import { buttonsFor } from './standing.ts';
import { endedHead, endedLines } from './thread.ts';

/** Of at most 100 blocks of a Home, three an incident. */
const most = 15;
/** A silence that ends within this is about to let its alerts through. */
const soonMs = hourMs;

/** What the Home shows, for one person. */
type HomeContent = {
  readonly incidents: readonly Incident[];
  /** The one that the person came from, over or not: it stands first. */
  readonly front: Incident | null;
  /** Where the root of an incident stands; null where it is not known. */
  readonly linkOf: (incident: Incident) => string | null;
  readonly buttons: readonly IncidentButton[];
  readonly atMs: EpochMs;
  readonly zone: string;
  /** What came of a click here, and of which incident; null where none was. */
  readonly told: { readonly message: Message; readonly incidentId: string } | null;
  /** Why the list may be incomplete; null where it is not. */
  readonly gap: string | null;
  /** How objectives stood, and who is told of them; in place of both, why that is not known. */
  readonly objectives: {
    readonly standings: readonly KnownStanding[];
    readonly digests: readonly DigestSubscription[];
    readonly gap: string | null;
  };
};

const buttonsOf = ({ id, acknowledged, silences = [] }: Incident, buttons: readonly IncidentButton[]): readonly Button[] => [
  ...(buttons.includes('acknowledge')
    ? [
        acknowledged == null
          ? ({ text: 'Acknowledge', action: 'acknowledge', value: id, style: 'primary' } as const)
          : { text: 'Unacknowledge', action: 'unacknowledge', value: id },
      ]
    : []),
  ...(buttons.includes('silence') ? [{ text: 'Silence…', action: 'silence', value: id }] : []),
  ...(buttons.includes('silence') && silences.length > 0 ? [{ text: 'Unsilence', action: 'unsilence', value: id }] : []),
  ...(buttons.includes('drill') ? [{ text: 'Drill down…', action: 'drill', value: id }] : []),
];

/** What came of a click stands below what it was about. */
const toldOf = ({ id }: Incident, { told }: HomeContent): readonly Block[] =>
  told?.incidentId === id ? told.message.blocks : [];

const incidentBlocks = (incident: Incident, content: HomeContent): readonly Block[] => {
  const { linkOf, buttons, atMs, zone } = content;
  const shown = buttonsOf(incident, buttonsFor(isFloodKey(incident.key), buttons));
  return [
    section(openText(incident, linkOf(incident), atMs, zone)),
    ...toldOf(incident, content),
    ...(shown.length === 0 ? [] : [actions(`home:${incident.id}`, shown)]),
  ];
};

/** An incident that is over: how it ended, and who had looked after it. */
const endedBlocks = (incident: Incident, content: HomeContent): readonly Block[] => {
  const { linkOf, zone, atMs } = content;
  const { acknowledged, closedAtMs } = incident;
  return [
    section(
      joined([
        linked(endedHead(incident), linkOf(incident)),
        ...endedLines(incident, closedAtMs ?? atMs, zone),
        acknowledged == null
          ? ours('Nobody had acknowledged it')
          : mrkdwn`*Acknowledged* by ${raw(personTag(acknowledged.by))} at ${raw(dateToken(acknowledged.atMs, zone))}`,
      ]),
    ),
    ...toldOf(incident, content),
  ];
};

/** The incident that the person came from. */
const frontBlocks = (front: Incident | null, content: HomeContent): readonly Block[] =>
  front === null
    ? []
    : [
        { type: 'divider' },
        context(ours('📌 *The incident you came from*')),
        ...(front.state === 'open' ? incidentBlocks(front, content) : endedBlocks(front, content)),
      ];

type Ending = { readonly title: string; readonly silence: IncidentSilence };

const endingText = ({ title, silence: { endsAtMs, by, comment } }: Ending, atMs: EpochMs, zone: string): Mrkdwn =>
  mrkdwn`•  *${title}* until ${raw(dateToken(endsAtMs, zone))} (in ${span(endsAtMs - atMs)}), by ${raw(personTag(by))}: ${comment.slice(0, 120)}`;

/** Silences that were made here and end within the hour: what they hide comes back then. */
const endingSoon = ({ incidents, atMs, zone }: HomeContent): readonly Block[] => {
  const soon = incidents
    .flatMap(({ title, silences = [] }) => silences.map((silence): Ending => ({ title, silence })))
    .filter(({ silence: { endsAtMs } }) => endsAtMs > atMs && endsAtMs - atMs <= soonMs)
    .sort((a, b) => a.silence.endsAtMs - b.silence.endsAtMs)
    .slice(0, 10);
  if (soon.length === 0) return [];
  const lines = soon.map((ending) => endingText(ending, atMs, zone));
  return [{ type: 'divider' }, section(joined([ours('*Silences about to end*'), ...lines]))];
};

/** The app's Home: the incident that the person came from, what is open, the loudest and newest first, and silences about to end. */
export const homeView = (content: HomeContent): View => {
  const { incidents, front, atMs, zone, gap, told, objectives } = content;
  const sorted = incidents.filter(({ id }) => id !== front?.id).sort(byWeight);
  const listed = sorted.slice(0, most);
  const head = incidents.length === 0 ? 'No incident is open' : counted(incidents.length, 'open incident');
  const more = sorted.length - most;
  const isPlaced = told !== null && [front, ...listed].some((incident) => incident?.id === told.incidentId);
  return {
    type: 'home',
    blocks: [
      header(gap === null || incidents.length > 0 ? head : 'Open incidents are not known'),
      context(mrkdwn`as of ${clockText(atMs, zone)}`, ...(gap === null ? [] : [mrkdwn`${gap}`])),
      ...(told === null || isPlaced ? [] : told.message.blocks),
      actions('home', [
        { text: 'Refresh', action: 'home-refresh', value: 'home' },
        ...(front === null ? [] : [{ text: 'All incidents', action: 'home-all', value: 'home' }]),
      ]),
      ...frontBlocks(front, content),
      ...endingSoon(content),
      ...listed.flatMap((incident): readonly Block[] => [{ type: 'divider' }, ...incidentBlocks(incident, content)]),
      ...(more > 0 ? [context(mrkdwn`${counted(more, 'more incident')}: “/mesh incidents” in a channel`)] : []),
      ...objectiveBlocks(objectives.standings, zone),
      ...digestBlocks(objectives.digests, atMs),
      ...(objectives.gap === null ? [] : [{ type: 'divider' }, context(mrkdwn`${objectives.gap}`)]),
      { type: 'divider' },
      context(ours('`/mesh help` in any channel says what can be asked.')),
    ],
  };
};
