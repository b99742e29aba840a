import { silenced, unsilenced } from '../domain/deeds.ts';
import type { FormProblems, Gesture, Person, Screen } from '../domain/gesture.ts';
import type { Incident, IncidentSilence } from '../domain/incident.ts';
import type { Message } from '../domain/message.ts';
import type { Question } from '../domain/question-text.ts';
import { type NewSilence, silenceProblems } from '../domain/silence.ts';
import { doTo } from '../episodes/deeds.ts';
import { gather } from '../gather.ts';
import type { SilencesSource } from '../ports.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { overAnswer } from '../stages/compose/deeds.ts';
import { noteMessage } from '../stages/compose/outgoing.ts';
import { silencedNote, silenceEndedNote } from '../stages/compose/silence.ts';
import { filledSilence, silenceFormProblems } from '../stages/compose/silence-values.ts';
import { incidentById, incidentByWords } from './incidents.ts';
import { type Came, mayOpen, permitted } from './permission.ts';
import { formOf, hiddenIn, proposedSilence, type Scene, sceneOf } from './silence-scene.ts';
import type { GestureWorld } from './world.ts';

/** Slack waits 3 s for what comes of a form. */
const writeMs = 2000;

type Form = Extract<Gesture, { readonly kind: 'submit' }>;

/** Why no silence can be made at all; null where one can. */
const closedBecause = async (world: GestureWorld, person: Person, incident: Incident): Promise<Message | null> => {
  if (incident.state !== 'open') return overAnswer(incident, world.settingOf(incident.edge, incident.cluster).timeZone);
  const why = await mayOpen(world, 'silence', person);
  if (why !== null) return plainAnswer([why]);
  if (!world.silenceLimits.isAllowed)
    return plainAnswer(['Silencing from Slack is off here; whoever runs Edgewise turns it on with SILENCES=on.']);
  return world.silencesOf(incident.cluster) === null
    ? plainAnswer([`No Alertmanager is configured for ${incident.cluster}: ALERTMANAGER_URL, or alertmanager of the cluster.`])
    : null;
};

/** What the form begins with, where the limit allows. */
const usualMs = 3_600_000;

const openForm = async (world: GestureWorld, person: Person, incident: Incident, screen: Screen): Promise<void> => {
  const closed = await closedBecause(world, person, incident);
  if (closed !== null) return screen.say(closed);
  const scene = await sceneOf(world, incident);
  const firstMs = Math.min(usualMs, world.silenceLimits.mostSeconds * 1000);
  await screen.open(formOf(world, scene, proposedSilence(world, scene, person, '', firstMs), person.channelId));
};

/** "Silence…": the form, with what it would hide right now. */
export const openSilenceForm = async (world: GestureWorld, person: Person, incidentId: string, screen: Screen): Promise<void> => {
  const found = await incidentById(world, incidentId);
  return 'told' in found ? screen.say(found.told) : openForm(world, person, found.incident, screen);
};

/** What the form was opened with: it comes back as we made it, signed by Slack. */
const openedWith = (context: string): { readonly incident: string; readonly channel: string | null } => {
  try {
    const { incident, channel } = JSON.parse(context) as { readonly incident?: unknown; readonly channel?: unknown };
    return { incident: typeof incident === 'string' ? incident : '', channel: typeof channel === 'string' ? channel : null };
  } catch {
    return { incident: '', channel: null };
  }
};

/** Something in the form was changed: it shows what that would hide. */
export const previewSilence = async (
  world: GestureWorld,
  person: Person,
  { context, values }: Pick<Form, 'context' | 'values'>,
  screen: Screen,
): Promise<void> => {
  const { incident, channel } = openedWith(context);
  const found = await incidentById(world, incident);
  if ('told' in found) return;
  const scene = await sceneOf(world, found.incident);
  const { wanted } = filledSilence(values, scene.offered, { userId: person.userId, nowMs: world.clock.nowMs() });
  await screen.update(null, formOf(world, scene, wanted, channel));
};

/** Makes the silence in Alertmanager, then says so at the incident: a root that speaks of a silence that is none would be worse than none. */
const make = async (
  world: GestureWorld,
  person: Person,
  source: SilencesSource,
  scene: Scene,
  wanted: NewSilence,
): Promise<Came> => {
  const made = await gather('the silence', source.name, writeMs, (ask) => source.create(wanted, ask));
  if (!made.ok) {
    const detail = `${source.name} ${made.gap.detail}`;
    return { message: plainAnswer([`Not silenced: ${detail}.`]), outcome: 'failed', detail };
  }
  const { incident, timeZone } = scene;
  const { startsAtMs, endsAtMs, comment } = wanted;
  const silence: IncidentSilence = { by: person.userId, atMs: startsAtMs, id: made.value, endsAtMs, comment };
  const note = silencedNote(person.userId, wanted, hiddenIn(scene, wanted), timeZone);
  await doTo(
    world,
    incident.id,
    (one) => silenced(one, silence),
    (one) => ({
      messages: [noteMessage(one, `silenced:${silence.id}`, note)],
      jobs: [{ job: { kind: 'silence-end', incidentId: one.id }, atMs: endsAtMs + 1000 }],
    }),
  );
  const detail = wanted.matchers.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ');
  return { message: note, outcome: 'done', detail: `${made.value}: ${detail}, until ${new Date(endsAtMs).toISOString()}` };
};

/** The form was sent: what stands in its way is said beside its fields, and nothing typed is lost. */
export const submitSilence = async (world: GestureWorld, { context, values, ...form }: Form): Promise<FormProblems> => {
  const opened = openedWith(context);
  const person = { ...form.person, channelId: form.person.channelId ?? opened.channel };
  const found = await incidentById(world, opened.incident);
  if ('told' in found) return { comment: found.told.text };
  const { incident } = found;
  const source = world.silencesOf(incident.cluster);
  const closed = await closedBecause(world, person, incident);
  if (closed !== null || source === null) return { comment: closed?.text ?? 'No Alertmanager is configured for this cluster.' };
  const scene = await sceneOf(world, incident);
  const filled = filledSilence(values, scene.offered, { userId: person.userId, nowMs: world.clock.nowMs() });
  const problems = silenceFormProblems(values, filled, silenceProblems(filled.wanted, world.silenceLimits));
  if (problems !== null) return problems;
  let came: Came | null = null;
  const told = await permitted(world, 'silence', 'silence', { person, incident }, async () => {
    came = await make(world, person, source, scene, filled.wanted);
    return came;
  });
  return (came as Came | null)?.outcome === 'done' ? null : { comment: told.text };
};

/** `/mesh silence checkout → payments 2h "deploy"`: at once where length and reason are said, else the form. */
export const silenceByWords = async (
  world: GestureWorld,
  person: Person,
  { what, seconds, comment }: Extract<Question, { readonly kind: 'silence' }>,
  screen: Screen,
): Promise<void> => {
  const found = await incidentByWords(world, what, person, 'silence');
  if ('told' in found) return screen.say(found.told);
  const { incident } = found;
  if (seconds === null || comment === null) return openForm(world, person, incident, screen);
  const closed = await closedBecause(world, person, incident);
  const source = world.silencesOf(incident.cluster);
  if (closed !== null || source === null)
    return screen.say(closed ?? plainAnswer(['No Alertmanager is configured for this cluster.']));
  const scene = await sceneOf(world, incident);
  const wanted = proposedSilence(world, scene, person, comment, seconds * 1000);
  const problems = silenceProblems(wanted, world.silenceLimits);
  if (problems.length > 0) return screen.say(plainAnswer(['Not silenced:', ...problems.map(({ text }) => text)]));
  await screen.say(
    await permitted(world, 'silence', 'silence', { person, incident }, () => make(world, person, source, scene, wanted)),
  );
};

const endAll = async (world: GestureWorld, person: Person, incident: Incident, source: SilencesSource): Promise<Came> => {
  const { silences = [] } = incident;
  if (silences.length === 0)
    return { message: plainAnswer([`${incident.title} has no silence that was made here.`]), outcome: 'failed', detail: 'none' };
  const ended: IncidentSilence[] = [];
  const failed: string[] = [];
  for (const silence of silences) {
    const gone = await gather('the silence', source.name, writeMs, (ask) => source.expire(silence.id, ask));
    if (gone.ok) ended.push(silence);
    else failed.push(gone.gap.detail);
  }
  const deed = { by: person.userId, atMs: world.clock.nowMs() };
  const { timeZone } = world.settingOf(incident.edge, incident.cluster);
  const notes = ended.map((silence) => ({ silence, note: silenceEndedNote(silence, deed, timeZone) }));
  await doTo(
    world,
    incident.id,
    (one) =>
      unsilenced(
        one,
        ended.map(({ id }) => id),
      ),
    (one) => ({ messages: notes.map(({ silence, note }) => noteMessage(one, `unsilenced:${silence.id}`, note)), jobs: [] }),
  );
  const [why] = failed;
  const detail = ended.map(({ id }) => id).join(', ');
  if (why !== undefined)
    return { message: plainAnswer([`Not every silence was ended: ${source.name} ${why}.`]), outcome: 'failed', detail: why };
  return { message: notes[0]?.note ?? plainAnswer(['The silence was ended.']), outcome: 'done', detail };
};

/** Ends the silences that were made here for an incident. */
export const endSilences = (world: GestureWorld, person: Person, incident: Incident): Promise<Message> => {
  const source = world.silencesOf(incident.cluster);
  return permitted(world, 'silence', 'unsilence', { person, incident }, async () =>
    source === null
      ? {
          message: plainAnswer(['No Alertmanager is configured for this cluster.']),
          outcome: 'failed',
          detail: 'no Alertmanager',
        }
      : endAll(world, person, incident, source),
  );
};
