import { ask } from '../ask.ts';
import type { Reply } from '../asking.ts';
import type { Person, Screen } from '../domain/gesture.ts';
import type { Picture } from '../domain/message.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { drillMessage, drillNothing, pictureNote, shareable, sharedBy } from '../stages/compose/drill.ts';
import { incidentById } from './incidents.ts';
import type { GestureWorld, KeptAnswer } from './world.ts';

const pictureMs = 20_000;

/** The picture of an answer goes to whoever asked: a file that nobody shared is seen by nobody. Text never waits for it. */
const showPicture = async (world: GestureWorld, person: Person, picture: Picture | null, screen: Screen): Promise<void> => {
  if (picture === null) return;
  const shown = await gather('the picture', 'Slack', pictureMs, (patience) => world.showTo(person.userId, picture, patience));
  await screen.say(shown.ok ? pictureNote(shown.value) : plainAnswer([`No picture: Slack ${shown.gap.detail}.`]));
};

const noted = (world: GestureWorld, { ending, evidence }: Reply, startedMs: number): void => {
  const measured = evidence === null ? {} : { cluster: evidence.cluster, atMs: evidence.atMs };
  world.log('info', 'a question was answered', { ending, ...measured, ms: Math.round(world.clock.nowMs() - startedMs) });
};

/** Answers a question to the one who asked, with a button to share it. */
export const answerQuestion = async (world: GestureWorld, words: string, person: Person, screen: Screen): Promise<void> => {
  const startedMs = world.clock.nowMs();
  const reply = await ask(world, words);
  noted(world, reply, startedMs);
  const { message, picture, ending } = reply;
  if (ending !== 'answered' || person.isStranger || person.channelId === null) await screen.say(message);
  else await screen.say(shareable(message, world.answers.keep({ words, message, picture }), words));
  await showPicture(world, person, picture, screen);
};

/** What "Drill down…" of an incident offers. */
export const drillDown = async (world: GestureWorld, incidentId: string, screen: Screen): Promise<void> => {
  const found = await incidentById(world, incidentId);
  if ('told' in found) return screen.say(found.told);
  const { edge, title, cluster } = found.incident;
  return screen.say(edge === null ? drillNothing(title) : drillMessage(edge, title, cluster));
};

const sharedOf = (value: string): { readonly key: string; readonly words: string } | null => {
  try {
    const { key, words } = JSON.parse(value) as { readonly key?: unknown; readonly words?: unknown };
    return typeof key === 'string' && typeof words === 'string' ? { key, words } : null;
  } catch {
    return null;
  }
};

/** What was seen, or the same question asked again where that is no longer known. */
const toShare = async (world: GestureWorld, key: string, words: string): Promise<KeptAnswer> => {
  const kept = world.answers.get(key);
  if (kept !== null) return kept;
  const { message, picture } = await ask(world, words);
  return { words, message, picture };
};

/** Shows an answer to everybody in the conversation; its picture too. */
export const shareAnswer = async (world: GestureWorld, value: string, person: Person, screen: Screen): Promise<void> => {
  const wanted = sharedOf(value);
  if (wanted === null) return;
  if (person.isStranger) return screen.say(plainAnswer(['Only people of this workspace can share answers.']));
  const { message, picture, words } = await toShare(world, wanted.key, wanted.words);
  await screen.say(sharedBy(message, person.userId, words), true);
  const { channelId } = person;
  if (picture === null || channelId === null) return;
  const shown = await gather('the picture', 'Slack', pictureMs, (patience) => world.shareIn(channelId, picture, patience));
  if (!shown.ok) await screen.say(plainAnswer([`Shared without its picture: Slack ${shown.gap.detail}.`]));
};
