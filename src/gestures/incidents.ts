import { acknowledge, type Done, unacknowledge } from '../domain/deeds.ts';
import { isFloodKey } from '../domain/flood.ts';
import type { Person } from '../domain/gesture.ts';
import type { Incident } from '../domain/incident.ts';
import { incidentMeant } from '../domain/incident-meant.ts';
import type { Message } from '../domain/message.ts';
import type { ActQuestion } from '../domain/question-text.ts';
import { toStranger } from '../domain/roles.ts';
import { doTo } from '../episodes/deeds.ts';
import { refresh } from '../episodes/upkeep.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import {
  acknowledgedAnswer,
  feedbackAnswer,
  notForMany,
  overAnswer,
  refreshedAnswer,
  unacknowledgedAnswer,
  unknownIncident,
  whichIncident,
} from '../stages/compose/deeds.ts';
import { audit, type Came, permitted } from './permission.ts';
import type { GestureWorld } from './world.ts';

const storeMs = 5000;

/** An incident by its id; a message in its place where the store does not know it, or does not answer. */
export const incidentById = async (world: GestureWorld, id: string): Promise<{ incident: Incident } | { told: Message }> => {
  const found = await gather('the incident', 'the store', storeMs, () => world.store.incident(id));
  if (!found.ok) return { told: plainAnswer([`Nothing was done: the store ${found.gap.detail}.`]) };
  // Of another workspace in the same database it is as if there were none.
  return found.value?.workspace === world.workspace ? { incident: found.value } : { told: unknownIncident() };
};

/** The open incident that words mean. */
export const incidentByWords = async (
  world: GestureWorld,
  { kind, what, options }: ActQuestion,
  { channelId }: Person,
): Promise<{ incident: Incident } | { told: Message }> => {
  const open = await gather('open incidents', 'the store', storeMs, world.openIncidents);
  if (!open.ok) return { told: plainAnswer([`Nothing was done: the store ${open.gap.detail}.`]) };
  const there = open.value.filter(({ cluster }) => options.cluster === null || cluster === options.cluster);
  const meant = incidentMeant(there, what, channelId);
  return 'one' in meant ? { incident: meant.one } : { told: whichIncident(meant.several, kind, world.clock.nowMs()) };
};

const zoneOf = (world: GestureWorld, { edge, cluster }: Incident): string => world.settingOf(edge, cluster).timeZone;

type Answering = (done: Done, zone: string) => Message;

/** A change of the incident itself, and what it was told as. */
const change = async (
  world: GestureWorld,
  incident: Incident,
  decide: (incident: Incident) => Done,
  answerOf: Answering,
): Promise<Came> => {
  const done = await gather('the incident', 'the store', storeMs, () => doTo(world, incident.id, decide));
  if (!done.ok) {
    const detail = `the store ${done.gap.detail}`;
    // Who did not answer in time may have done it after all.
    const what = done.gap.reason === 'timeout' ? 'Nobody knows whether that was done' : 'Nothing was done';
    return { message: plainAnswer([`${what}: ${detail}.`]), outcome: 'failed', detail };
  }
  if (done.value === null) return { message: unknownIncident(), outcome: 'failed', detail: 'no such incident' };
  const message = answerOf(done.value, zoneOf(world, done.value.incident));
  return done.value.kind === 'done'
    ? { message, outcome: 'done', detail: incident.title }
    : { message, outcome: 'failed', detail: done.value.kind === 'over' ? 'it was over' : 'it was so already' };
};

/** Somebody looks after an incident. */
export const acknowledgeIncident = (world: GestureWorld, person: Person, incident: Incident): Promise<Message> =>
  permitted(world, 'acknowledge', 'acknowledge', { person, incident }, () =>
    change(world, incident, (one) => acknowledge(one, { by: person.userId, atMs: world.clock.nowMs() }), acknowledgedAnswer),
  );

/** Takes an acknowledgement back, whoever gave it. */
export const unacknowledgeIncident = (world: GestureWorld, person: Person, incident: Incident): Promise<Message> =>
  permitted(world, 'acknowledge', 'unacknowledge', { person, incident }, () =>
    change(world, incident, unacknowledge, unacknowledgedAnswer),
  );

/** No scrape is younger than this in most installations: who clicks again and again costs nothing, and sees the same. */
const freshMs = 10_000;

/** Reads the figures again. Looking needs no right. */
export const refreshIncident = async (world: GestureWorld, incident: Incident): Promise<Message> => {
  const zone = zoneOf(world, incident);
  if (incident.state !== 'open') return overAnswer(incident, zone);
  if (isFloodKey(incident.key)) return notForMany(incident, 'read again');
  const { measuredAtMs } = incident;
  if (measuredAtMs !== null && Math.abs(world.clock.nowMs() - measuredAtMs) < freshMs)
    return refreshedAnswer(incident, measuredAtMs, zone);
  const { reading } = world;
  const now = reading.get(incident.id) ?? refresh(world, incident.id, 'by people').finally(() => reading.delete(incident.id));
  reading.set(incident.id, now);
  const read = await gather('the figures', 'Edgewise', 30_000, () => now);
  return read.ok
    ? refreshedAnswer(incident, world.clock.nowMs(), zone)
    : plainAnswer([`The figures could not be read again: ${read.gap.detail}.`]);
};

/** Whether the right edge was named: kept with the audit, where `edgewise feedback` counts it. Strangers may not judge. */
export const judgeIncident = async (
  world: GestureWorld,
  person: Person,
  incident: Incident,
  isRight: boolean,
): Promise<Message> => {
  const action = isRight ? 'right edge' : 'wrong edge';
  if (isFloodKey(incident.key)) return notForMany(incident, 'judged');
  if (person.isStranger) {
    const detail = toStranger(person, 'Only people of this organisation can say so.');
    await audit(world, person, incident, { action, outcome: 'refused', detail });
    return plainAnswer([detail]);
  }
  const problem = await audit(world, person, incident, { action, outcome: 'done', detail: incident.title });
  return problem === null ? feedbackAnswer(isRight) : plainAnswer([`Not noted: the store ${problem}.`]);
};
