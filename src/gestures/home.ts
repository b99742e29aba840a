import type { Gap } from '../domain/gathered.ts';
import type { Person, Screen } from '../domain/gesture.ts';
import type { Incident } from '../domain/incident.ts';
import type { Message } from '../domain/message.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { unknownIncident } from '../stages/compose/deeds.ts';
import { homeView } from '../stages/compose/home.ts';
import { noObjectives, type ObjectivesNow, objectivesNow, objectivesState } from './home-objectives.ts';
import type { ShownHome, Told } from './homes.ts';
import { keptFrom } from './permission.ts';
import type { GestureWorld } from './world.ts';

const storeMs = 5000;

/** What is open, and how objectives stand; a gap where the store does not say. */
type Open = { readonly incidents: readonly Incident[]; readonly gap: Gap | null; readonly objectives: ObjectivesNow };

const openNow = async (world: GestureWorld): Promise<Open> => {
  const [open, objectives] = await Promise.all([
    gather('open incidents', 'the store', storeMs, world.openIncidents),
    objectivesNow(world),
  ]);
  return open.ok ? { incidents: open.value, gap: null, objectives } : { incidents: [], gap: open.gap, objectives };
};

/** The incident that a person came from, over or not; null where there is none, or the store does not say. Gone: no longer known. */
const frontFor = async (world: GestureWorld, { userId }: Person, { incidents, gap }: Open): Promise<Incident | 'gone' | null> => {
  const id = world.homes.inFront(userId);
  if (id === null || gap !== null) return null;
  const open = incidents.find((incident) => incident.id === id);
  if (open !== undefined) return open;
  const found = await gather('the incident', 'the store', storeMs, () => world.store.incident(id));
  if (!found.ok) return null;
  // Of another workspace in the same database it is as if there were none.
  if (found.value?.workspace === world.workspace) return found.value;
  world.homes.lookAway(userId);
  return 'gone';
};

/** What a change of makes the Home another one; the clock alone does not. */
const stateOf = (incidents: readonly Incident[], objectives: ObjectivesNow): string =>
  JSON.stringify([
    incidents.map(({ id, state, revision, rootTs }) => [id, state, revision, rootTs]),
    objectivesState(objectives),
  ]);

const homeFor = async (world: GestureWorld, person: Person, open: Open, told: Told | null): Promise<ShownHome> => {
  const kept = keptFrom(world, person);
  const front = kept === null ? await frontFor(world, person, open) : null;
  const setting = world.settingOf(null, world.clusters[0]?.name ?? '');
  const incidents = kept === null ? open.incidents : [];
  const objectives = kept === null ? open.objectives : noObjectives;
  const shown = front === 'gone' || front === null ? null : front;
  const view = homeView({
    incidents,
    front: shown,
    linkOf: world.linkOf,
    buttons: setting.buttons,
    atMs: world.clock.nowMs(),
    zone: setting.timeZone,
    told: told ?? (front === 'gone' ? { message: unknownIncident(), incidentId: '' } : null),
    // A store that is away is said once.
    objectives: {
      ...objectives,
      gap:
        objectives.gap === null || open.gap !== null
          ? null
          : `Objectives and digests are not known: the store ${objectives.gap.detail}.`,
    },
    gap: kept ?? (open.gap === null ? null : `The store ${open.gap.detail}.`),
  });
  return { view, state: stateOf(shown === null ? incidents : [shown, ...incidents], objectives) };
};

/** Shows what is open in the Home of whoever opened it, the incident that they came from first; `told`: what came of a click there. */
export const showHome = (world: GestureWorld, person: Person, screen: Screen, told: Told | null = null): Promise<void> =>
  world.homes.show(person, screen, told, async () => homeFor(world, person, await openNow(world), told));

/** A click in the Home: what came of it is told there, at the place of the incident, and the list stays. */
export const inHome = (world: GestureWorld, person: Person, screen: Screen, incidentId: string): Screen => ({
  ...screen,
  say: (message: Message) => showHome(world, person, screen, { message, incidentId }),
});

/** "Open in Home": Slack's client goes there by itself, and finds this incident first. */
export const leadHome = (world: GestureWorld, person: Person, screen: Screen): Promise<void> =>
  person.isStranger
    ? screen.say(plainAnswer([keptFrom(world, person) ?? 'The Home is for people of this workspace.']))
    : showHome(world, person, screen);

/** "All incidents": none of them is in front any more. */
export const showAll = (world: GestureWorld, person: Person, screen: Screen): Promise<void> => {
  world.homes.lookAway(person.userId);
  return showHome(world, person, screen);
};

/** Shows the Home anew to those who have it open, where something has changed; one after the other, so that it is in nobody's way. */
export const renewHomes = async (world: GestureWorld): Promise<void> => {
  const readers = world.homes.readers();
  if (readers.length === 0) return;
  const open = await openNow(world);
  // While the store is away, what stood there is more than nothing.
  if (open.gap !== null || open.objectives.gap !== null) return;
  for (const person of readers)
    await world.homes
      .renew(person.userId, (told) => homeFor(world, person, open, told))
      .catch((error: unknown) => world.log('warn', 'a Home could not be shown anew', { error }));
};

/** An open Home lags behind by this much at most; Slack takes 100 a minute of an app (views.publish, Tier 4). */
const renewEveryMs = 15_000;

/** Keeps the Homes that are open up to date until it is stopped. */
export const keepHomes = (world: GestureWorld) => {
  const ending = new AbortController();
  const keep = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await world.clock.sleep(renewEveryMs, ending.signal);
      if (!ending.signal.aborted) await renewHomes(world);
    }
  };
  const kept = keep();
  return {
    stop: async (): Promise<void> => {
      ending.abort();
      await kept;
    },
  };
};
