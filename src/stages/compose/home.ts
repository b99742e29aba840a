import { isFloodKey } from '../../domain/flood.ts';
import type { View } from '../../domain/gesture.ts';
import type { Incident, IncidentSilence } from '../../domain/incident.ts';
import type { Block, Message } from '../../domain/message.ts';
import { type EpochMs, hourMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { actions, type Button, context, header, section } from './blocks.ts';
import { clockText, dateToken, span } from './dates.ts';
import { byWeight, openText } from './incidents.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { personTag } from './people.ts';
import type { IncidentButton } from './setting.ts';
import { buttonsFor } from './standing.ts';

/** Of at most 100 blocks of a Home, three an incident. */
const most = 15;
/** A silence that ends within this is about to let its alerts through. */
const soonMs = hourMs;

/** What the Home shows, for one person. */
type HomeContent = {
  readonly incidents: readonly Incident[];
  /** Where the root of an incident stands; null where it is not known. */
  readonly linkOf: (incident: Incident) => string | null;
  readonly buttons: readonly IncidentButton[];
  readonly atMs: EpochMs;
  readonly zone: string;
  /** What came of a click here; null where none was. */
  readonly told: Message | null;
  /** Why the list may be incomplete; null where it is not. */
  readonly gap: string | null;
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

const incidentBlocks = (incident: Incident, { linkOf, buttons, atMs, zone }: HomeContent): readonly Block[] => {
  const shown = buttonsOf(incident, buttonsFor(isFloodKey(incident.key), buttons));
  return [
    { type: 'divider' },
    section(openText(incident, linkOf(incident), atMs, zone)),
    ...(shown.length === 0 ? [] : [actions(`home:${incident.id}`, shown)]),
  ];
};

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

/** The app's Home: what is open, the loudest and newest first, and silences about to end. */
export const homeView = (content: HomeContent): View => {
  const { incidents, atMs, zone, gap, told } = content;
  const sorted = [...incidents].sort(byWeight);
  const head = incidents.length === 0 ? 'No incident is open' : counted(incidents.length, 'open incident');
  const more = sorted.length - most;
  return {
    type: 'home',
    blocks: [
      header(gap === null || incidents.length > 0 ? head : 'Open incidents are not known'),
      context(mrkdwn`as of ${clockText(atMs, zone)}`, ...(gap === null ? [] : [mrkdwn`${gap}`])),
      ...(told === null ? [] : told.blocks),
      actions('home', [{ text: 'Refresh', action: 'home-refresh', value: 'home' }]),
      ...endingSoon(content),
      ...sorted.slice(0, most).flatMap((incident) => incidentBlocks(incident, content)),
      ...(more > 0 ? [context(mrkdwn`${counted(more, 'more incident')}: “/mesh incidents” in a channel`)] : []),
      { type: 'divider' },
      context(ours('`/mesh help` in any channel says what can be asked.')),
    ],
  };
};
