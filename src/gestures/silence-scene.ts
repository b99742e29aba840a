import type { Person, View } from '../domain/gesture.ts';
import type { Incident } from '../domain/incident.ts';
import {
  type Hidden,
  hiddenBy,
  type LivingAlert,
  type NewSilence,
  type ProposedMatcher,
  proposedMatchers,
  silenceProblems,
} from '../domain/silence.ts';
import { gather } from '../gather.ts';
import { silenceForm } from '../stages/compose/silence.ts';
import type { GestureWorld } from './world.ts';

/** Slack takes a modal within 3 s of the click: Alertmanager may take so much of them. */
const lookMs = 1500;

/** What is known of the alerts that a silence would be about. */
export type Scene = {
  readonly incident: Incident;
  readonly living: readonly LivingAlert[] | null;
  readonly offered: readonly ProposedMatcher[];
  readonly timeZone: string;
};

/** What lives in Alertmanager now; null where it does not say. */
const livingIn = async (world: GestureWorld, cluster: string): Promise<readonly LivingAlert[] | null> => {
  const source = world.alertsOf(cluster);
  if (source === null) return null;
  const answer = await gather('alerts that fire now', source.name, lookMs, (ask) => source.active(ask));
  return answer.ok
    ? answer.value.map(({ fingerprint, labels, silencedBy }) => ({ fingerprint, labels, isSilenced: silencedBy.length > 0 }))
    : null;
};

/** Fingerprints of the incident's alerts that fire. */
const ownOf = ({ alerts }: Incident): readonly string[] =>
  alerts.filter(({ state }) => state === 'firing').map(({ fingerprint }) => fingerprint);

/** Asks Alertmanager what lives, and proposes what the incident's own alerts share; of one whose alerts it does not list, its first alert's labels. */
export const sceneOf = async (world: GestureWorld, incident: Incident): Promise<Scene> => {
  const living = await livingIn(world, incident.cluster);
  const own = living?.filter(({ fingerprint }) => ownOf(incident).includes(fingerprint)) ?? [];
  return {
    incident,
    living,
    offered: proposedMatchers(own.length > 0 ? own : [incident.lead], incident.edge),
    timeZone: world.settingOf(incident.edge, incident.cluster).timeZone,
  };
};

/** What a silence would hide now; null where nobody knows. */
export const hiddenIn = ({ living }: Scene, { matchers }: NewSilence): Hidden | null =>
  living === null ? null : hiddenBy(matchers, living);

/** The form as it is to be shown for what is wanted so far. */
export const formOf = (world: GestureWorld, scene: Scene, wanted: NewSilence, channelId: string | null): View =>
  silenceForm({
    title: scene.incident.title,
    cluster: scene.incident.cluster,
    offered: scene.offered,
    mostSeconds: world.silenceLimits.mostSeconds,
    // A modal stands in no conversation: who may because of where they asked, asked there.
    context: JSON.stringify({ incident: scene.incident.id, channel: channelId }),
    preview: {
      wanted,
      problems: silenceProblems(wanted, world.silenceLimits),
      hidden: hiddenIn(scene, wanted),
      own: ownOf(scene.incident),
      timeZone: scene.timeZone,
    },
  });

/** A silence of the labels that are proposed. */
export const proposedSilence = (
  world: GestureWorld,
  { offered }: Scene,
  person: Person,
  comment: string,
  lengthMs: number,
): NewSilence => {
  const atMs = world.clock.nowMs();
  return {
    matchers: offered.filter(({ isChosen }) => isChosen).map(({ name, value }) => ({ name, value })),
    startsAtMs: atMs,
    endsAtMs: atMs + lengthMs,
    createdBy: `slack:${person.userId}`,
    comment,
  };
};
