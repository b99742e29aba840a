import { isFloodKey } from '../domain/flood.ts';
import type { FormProblems, Gesture, Person, Screen } from '../domain/gesture.ts';
import type { Incident } from '../domain/incident.ts';
import type { Message } from '../domain/message.ts';
import type { ActQuestion } from '../domain/question-text.ts';
import { type NewSilence, silenceProblems } from '../domain/silence.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { notForMany, overAnswer } from '../stages/compose/deeds.ts';
import { filledSilence, silenceFormProblems } from '../stages/compose/silence-values.ts';
import { spoken } from '../stages/compose/spoken.ts';
import { incidentById, incidentByWords } from './incidents.ts';
import { audit, type Came, mayOpen, permitted } from './permission.ts';
import { makeSilence, noAlertmanager } from './silence-acts.ts';
import { formOf, proposedSilence, type Scene, sceneOf } from './silence-scene.ts';
import type { GestureWorld } from './world.ts';

type Form = Extract<Gesture, { readonly kind: 'submit' }>;

/** Why nobody can silence this; null where somebody can. */
const shutBecause = (world: GestureWorld, incident: Incident): Came | null => {
  const { timeZone } = world.settingOf(incident.edge, incident.cluster);
  if (incident.state !== 'open') return { message: overAnswer(incident, timeZone), outcome: 'failed', detail: 'it was over' };
  if (isFloodKey(incident.key))
    return { message: notForMany(incident, 'silenced'), outcome: 'refused', detail: 'it is about many edges' };
  if (!world.silenceLimits.isAllowed) {
    const detail = 'Silencing from Slack is off here; whoever runs Edgewise turns it on with SILENCES=on.';
    return { message: plainAnswer([detail]), outcome: 'refused', detail };
  }
  return world.silencesOf(incident.cluster) === null ? noAlertmanager(incident.cluster) : null;
};

/** What the form begins with where nothing is said, if the limit allows. */
const usualMs = 3_600_000;

/** What was said already of a silence; null where nothing was. */
type Said = Pick<Extract<ActQuestion, { readonly kind: 'silence' }>, 'seconds' | 'comment'>;
const nothingSaid: Said = { seconds: null, comment: null };

/** Slack takes no modal later than 3 s after the click. */
const openMs = 3000;

const openForm = async (
  world: GestureWorld,
  person: Person,
  incident: Incident,
  { seconds, comment }: Said,
  screen: Screen,
): Promise<void> => {
  const shut = shutBecause(world, incident);
  if (shut !== null) {
    await audit(world, person, incident, { action: 'silence', outcome: shut.outcome, detail: shut.detail });
    return screen.say(shut.message);
  }
  // Side by side: one after the other they would be later than Slack waits.
  const [refused, scene] = await Promise.all([mayOpen(world, 'silence', { person, incident }), sceneOf(world, incident)]);
  if (refused !== null) return screen.say(refused);
  // More than is allowed stands in the form too, which says so: cut in silence, somebody would count on it.
  const firstMs = seconds === null ? Math.min(usualMs, world.silenceLimits.mostSeconds * 1000) : seconds * 1000;
  const form = formOf(world, scene, proposedSilence(world, scene, person, comment ?? '', firstMs), person.channelId);
  const opened = await gather('the form', 'Slack', openMs, () => screen.open(form));
  if (!opened.ok) await screen.say(plainAnswer([`The form did not open: Slack ${opened.gap.detail}. Click once more.`]));
};

/** "Silence…": the form, with what it would hide right now. */
export const openSilenceForm = async (world: GestureWorld, person: Person, incidentId: string, screen: Screen): Promise<void> => {
  const found = await incidentById(world, incidentId);
  return 'told' in found ? screen.say(found.told) : openForm(world, person, found.incident, nothingSaid, screen);
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

/** Makes it where the person may and anybody can, and writes down what came of it. */
const silence = async (
  world: GestureWorld,
  person: Person,
  scene: Scene,
  wanted: NewSilence,
): Promise<{ readonly message: Message; readonly isMade: boolean }> => {
  const { incident } = scene;
  let isMade = false;
  const message = await permitted(world, 'silence', 'silence', { person, incident }, async () => {
    const source = world.silencesOf(incident.cluster);
    const shut = shutBecause(world, incident);
    if (shut !== null || source === null) return shut ?? noAlertmanager(incident.cluster);
    const came = await makeSilence(world, person, source, scene, wanted);
    isMade = came.outcome === 'done';
    return came;
  });
  return { message, isMade };
};

/** Beside a field nothing is formatted. */
const besideField = ({ text }: Message): FormProblems => ({ comment: spoken({ text, blocks: [] }) });

/** The form was sent: what stands in its way is said beside its fields, and nothing typed is lost. */
export const submitSilence = async (world: GestureWorld, { context, values, ...form }: Form): Promise<FormProblems> => {
  const opened = openedWith(context);
  const person = { ...form.person, channelId: form.person.channelId ?? opened.channel };
  const found = await incidentById(world, opened.incident);
  if ('told' in found) return besideField(found.told);
  const scene = await sceneOf(world, found.incident);
  const filled = filledSilence(values, scene.offered, { userId: person.userId, nowMs: world.clock.nowMs() });
  // Where nobody can silence it, that is what is said, whatever stands in the fields.
  const isShut = shutBecause(world, found.incident) !== null;
  const problems = isShut ? null : silenceFormProblems(values, filled, silenceProblems(filled.wanted, world.silenceLimits));
  if (problems !== null) return problems;
  const { message, isMade } = await silence(world, person, scene, filled.wanted);
  return isMade ? null : besideField(message);
};

/** `/mesh silence checkout → payments 2h "deploy"`: at once where length and reason are said, else the form. */
export const silenceByWords = async (
  world: GestureWorld,
  person: Person,
  question: Extract<ActQuestion, { readonly kind: 'silence' }>,
  screen: Screen,
): Promise<void> => {
  const { seconds, comment } = question;
  const found = await incidentByWords(world, question, person);
  if ('told' in found) return screen.say(found.told);
  const { incident } = found;
  if (seconds === null || comment === null) return openForm(world, person, incident, question, screen);
  const scene = await sceneOf(world, incident);
  const wanted = proposedSilence(world, scene, person, comment, seconds * 1000);
  const problems = shutBecause(world, incident) === null ? silenceProblems(wanted, world.silenceLimits) : [];
  if (problems.length > 0) return screen.say(plainAnswer(['Not silenced:', ...problems.map(({ text }) => text)]));
  await screen.say((await silence(world, person, scene, wanted)).message);
};
