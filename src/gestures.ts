import type { FormProblems, Gesture, Person, Screen } from './domain/gesture.ts';
import type { Incident } from './domain/incident.ts';
import type { Message } from './domain/message.ts';
import { isOfDigests, readQuestion } from './domain/question-text.ts';
import { gather } from './gather.ts';
import { answerQuestion, drillDown, fourSignals, shareAnswer } from './gestures/answers.ts';
import { digestByWords } from './gestures/digests.ts';
import { inHome, leadHome, showAll, showHome } from './gestures/home.ts';
import {
  acknowledgeIncident,
  incidentById,
  incidentByWords,
  judgeIncident,
  refreshIncident,
  unacknowledgeIncident,
} from './gestures/incidents.ts';
import { endSilences } from './gestures/silence-acts.ts';
import { openSilenceForm, previewSilence, silenceByWords, submitSilence } from './gestures/silences.ts';
import type { GestureWorld } from './gestures/world.ts';
import { plainAnswer } from './stages/compose/answers.ts';
import { askAction } from './stages/compose/drill.ts';

type Of<Kind extends Gesture['kind']> = Extract<Gesture, { readonly kind: Kind }>;
type OnIncident = (world: GestureWorld, person: Person, incident: Incident) => Promise<Message>;

/** What buttons do to the incident that their value names; the person is told what came of it. */
const deeds: Readonly<Record<string, OnIncident>> = {
  acknowledge: acknowledgeIncident,
  unacknowledge: unacknowledgeIncident,
  refresh: (world, _, incident) => refreshIncident(world, incident),
  unsilence: endSilences,
  'right-edge': (world, person, incident) => judgeIncident(world, person, incident, true),
  'wrong-edge': (world, person, incident) => judgeIncident(world, person, incident, false),
};

/** Does it, and tells whoever did it. */
const doDeed = async (world: GestureWorld, deed: OnIncident, { person, value }: Of<'click'>, screen: Screen) => {
  const found = await incidentById(world, value);
  return screen.say('told' in found ? found.told : await deed(world, person, found.incident));
};

/** Buttons below messages whose value is the incident, beside those that do something to it. */
const looking: ReadonlySet<string> = new Set(['home', 'silence', 'drill', 'four-signals']);

const anotherRelease = plainAnswer(['This is of another release of Edgewise; “/mesh help” says what can be asked.']);

const clicked = async (world: GestureWorld, click: Of<'click'>, screen: Screen): Promise<void> => {
  const { action, value, person, form, messageTs } = click;
  const deed = Object.hasOwn(deeds, action) ? deeds[action] : undefined;
  if (messageTs !== null && (deed !== undefined || looking.has(action))) world.homes.lookAt(person.userId, value);
  const there = messageTs === null && form === null ? inHome(world, person, screen, value) : screen;
  if (deed !== undefined) return doDeed(world, deed, click, there);
  if (form !== null) return form.callback === 'silence' ? previewSilence(world, person, form, screen) : undefined;
  if (action === 'home') return leadHome(world, person, screen);
  if (action === 'home-refresh') return showHome(world, person, screen);
  if (action === 'home-all') return showAll(world, person, screen);
  if (action === 'silence') return openSilenceForm(world, person, value, there);
  if (action === 'drill') return drillDown(world, value, screen);
  if (action === 'four-signals') return fourSignals(world, value, person, screen);
  if (action === 'share') return shareAnswer(world, value, person, screen);
  if (askAction.test(action)) return answerQuestion(world, value, person, screen);
  // A button of a newer or older release: said, since a click without an answer looks broken.
  return screen.say(anotherRelease);
};

const commanded = async (world: GestureWorld, { text, person }: Of<'command'>, screen: Screen): Promise<void> => {
  const question = readQuestion(text);
  if (isOfDigests(question)) return digestByWords(world, person, question, screen);
  if (question.kind === 'silence') return silenceByWords(world, person, question, screen);
  if (question.kind !== 'ack' && question.kind !== 'unack' && question.kind !== 'unsilence')
    return answerQuestion(world, text, person, screen);
  const found = await incidentByWords(world, question, person);
  if ('told' in found) return screen.say(found.told);
  const deed = { ack: acknowledgeIncident, unack: unacknowledgeIncident, unsilence: endSilences }[question.kind];
  return screen.say(await deed(world, person, found.incident));
};

/** The incident whose message, or whose thread, a shortcut was chosen in. */
const incidentAt = async (world: GestureWorld, { person, messageTs, threadTs }: Of<'shortcut'>) => {
  const open = await gather('open incidents', 'the store', 5000, world.openIncidents);
  if (!open.ok) return { told: plainAnswer([`Nothing was done: the store ${open.gap.detail}.`]) };
  const incident = open.value.find(
    ({ channelId, rootTs }) => channelId === person.channelId && rootTs !== null && rootTs === (threadTs ?? messageTs),
  );
  return incident === undefined ? { told: plainAnswer(['This message speaks of no open incident.']) } : { incident };
};

const shortcut = async (world: GestureWorld, chosen: Of<'shortcut'>, screen: Screen): Promise<void> => {
  const found = await incidentAt(world, chosen);
  if ('told' in found) return screen.say(found.told);
  if (chosen.callback === 'mesh_drill') return drillDown(world, found.incident.id, screen);
  if (chosen.callback !== 'mesh_ack') return screen.say(anotherRelease);
  return screen.say(await acknowledgeIncident(world, chosen.person, found.incident));
};

/** The fourth walk: what a person does in Slack, from the gesture to what it changes and whom it is told. Never throws for a person's words. */
export const onGesture =
  (world: GestureWorld) =>
  async (gesture: Gesture, screen: Screen): Promise<FormProblems> => {
    if (gesture.kind === 'submit') return gesture.callback === 'silence' ? submitSilence(world, gesture) : null;
    if (gesture.kind === 'command') await commanded(world, gesture, screen);
    else if (gesture.kind === 'click') await clicked(world, gesture, screen);
    else if (gesture.kind === 'home') await showHome(world, gesture.person, screen);
    else await shortcut(world, gesture, screen);
    return null;
  };
