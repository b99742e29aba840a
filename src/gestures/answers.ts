import { ask } from '../ask.ts';
import type { Reply } from '../asking.ts';
import { calledByAll } from '../domain/edge.ts';
import { isFloodKey } from '../domain/flood.ts';
import type { Person, Screen } from '../domain/gesture.ts';
import type { Message, Picture } from '../domain/message.ts';
import { toStranger } from '../domain/roles.ts';
import { isStormKey } from '../domain/storm.ts';
import { reportOf } from '../episodes/tell.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { notForMany } from '../stages/compose/deeds.ts';
import { drillMessage, drillNothing, pictureNote, shareable, sharedBy } from '../stages/compose/drill.ts';
import { column } from '../stages/draw/column.ts';
import { askedFor, measure } from '../triage.ts';
import { incidentById } from './incidents.ts';
import { audit, keptFrom } from './permission.ts';
import type { GestureWorld, KeptAnswer } from './world.ts';

const pictureMs = 20_000;
const shareMs = 20_000;

/** The picture of an answer goes to whoever asked: a file that nobody shared is seen by nobody. Text never waits for it. */
export const showPicture = async (
  world: GestureWorld,
  person: Person,
  drawing: Promise<Picture | null>,
  screen: Screen,
): Promise<void> => {
  const picture = await drawing;
  if (picture === null) return;
  const shown = await gather('the picture', 'Slack', pictureMs, (patience) => world.showTo(person.userId, picture, patience));
  await screen.say(shown.ok ? pictureNote(shown.value) : plainAnswer([`No picture: Slack ${shown.gap.detail}.`]));
};

const noted = (world: GestureWorld, { ending, evidence }: Reply, startedMs: number): void => {
  const measured = evidence === null ? {} : { cluster: evidence.cluster, atMs: evidence.atMs };
  world.log('info', 'a question was answered', { ending, ...measured, ms: Math.round(world.clock.nowMs() - startedMs) });
};

/** With a button to share it, where whoever asked may and there is somebody to share it with. `words` ask it anew; null where none do. */
export const withShare = (
  world: GestureWorld,
  answer: KeptAnswer,
  words: string | null,
  { isStranger, channelId }: Person,
): Message => (isStranger || channelId === null ? answer.message : shareable(answer.message, world.answers.keep(answer), words));

/** Answers a question to the one who asked, with a button to share it. */
export const answerQuestion = async (world: GestureWorld, words: string, person: Person, screen: Screen): Promise<void> => {
  const kept = keptFrom(world, person);
  if (kept !== null) return screen.say(plainAnswer([kept]));
  const startedMs = world.clock.nowMs();
  const reply = await ask(world, words);
  noted(world, reply, startedMs);
  const { message, picture, ending } = reply;
  const answer = { by: person.userId, asked: `/mesh ${words}`, message, picture };
  await screen.say(ending === 'answered' ? withShare(world, answer, words, person) : message);
  await showPicture(world, person, picture, screen);
};

/** What "Drill down…" of an incident offers. */
export const drillDown = async (world: GestureWorld, incidentId: string, screen: Screen): Promise<void> => {
  const found = await incidentById(world, incidentId);
  if ('told' in found) return screen.say(found.told);
  const { edge, title, cluster, key } = found.incident;
  if (isFloodKey(key)) return screen.say(notForMany(found.incident, 'looked into'));
  return screen.say(edge === null ? drillNothing(title) : drillMessage(edge, title, cluster, incidentId, isStormKey(key)));
};

const drawMs = 10_000;

/** The four signals of an incident's edge as they are now, drawn one below the other for the one who asked. */
export const fourSignals = async (world: GestureWorld, incidentId: string, person: Person, screen: Screen): Promise<void> => {
  const kept = keptFrom(world, person);
  if (kept !== null) return screen.say(plainAnswer([kept]));
  const found = await incidentById(world, incidentId);
  if ('told' in found) return screen.say(found.told);
  const { edge, title, cluster, lead, state, key } = found.incident;
  if (isFloodKey(key)) return screen.say(notForMany(found.incident, 'looked into'));
  if (edge === null) return screen.say(drillNothing(title));
  const alerts = state === 'open' ? [{ ...lead, status: 'firing' as const }] : [];
  const evidence = await measure(
    world.clusterOf(cluster),
    askedFor(isStormKey(key) ? calledByAll(edge) : edge),
    alerts,
    world.clock.nowMs(),
  );
  const spec = column(reportOf(evidence), world.settingOf(edge, cluster).timeZone);
  const { charts } = world;
  if (spec === null || charts === null)
    return screen.say(plainAnswer([`No picture of ${title}: ${charts === null ? 'pictures are off' : 'nothing was measured'}.`]));
  const drawn = await gather('the picture', 'pictures', drawMs, () => charts.draw(spec));
  if (!drawn.ok) return screen.say(plainAnswer([`No picture of ${title}: ${drawn.gap.detail}.`]));
  const picture = Promise.resolve(drawn.value);
  const answer = {
    by: person.userId,
    asked: `Four signals of ${title}`,
    message: plainAnswer(spec.altText.split('. ')),
    picture,
  };
  await screen.say(withShare(world, answer, null, person));
  await showPicture(world, person, picture, screen);
};

/** What a button of ours says: a key, and the words where they had room. */
const sharedOf = (value: string): { readonly key: string; readonly words: string | null } => {
  try {
    const { key, words } = JSON.parse(value) as { readonly key?: unknown; readonly words?: unknown };
    return { key: typeof key === 'string' ? key : '', words: typeof words === 'string' ? words : null };
  } catch {
    return { key: '', words: null };
  }
};

const gone = plainAnswer(['Not shared: this answer is no longer known. Ask again, and share the new one.']);

/** What was seen, or the same question asked again where that is no longer known; a message in its place where nothing answers it now. */
const toShare = async (world: GestureWorld, value: string, { userId }: Person): Promise<KeptAnswer | { told: Message }> => {
  const { key, words } = sharedOf(value);
  const kept = world.answers.get(key, userId);
  if (kept !== null) return kept;
  if (words === null) return { told: gone };
  const { message, picture, ending } = await ask(world, words);
  return ending === 'answered' ? { by: userId, asked: `/mesh ${words}`, message, picture } : { told: message };
};

const sharing = 'share';

/** Why nothing may be shared in a conversation: other organisations read along, or nobody knows whether they do. */
const keptBecause = async (world: GestureWorld, { channelId }: Person): Promise<string | null> => {
  if (channelId === null || world.showsStrangers) return null;
  const shared = await gather('who reads along', 'Slack', 3000, () => world.isSharedOutside(channelId));
  if (!shared.ok) return `Not shared: Slack did not tell who reads along here (${shared.gap.detail}).`;
  return shared.value ? 'Not shared: people of another organisation read along here.' : null;
};

/** Shows an answer to everybody in the conversation; its picture too. */
export const shareAnswer = async (world: GestureWorld, value: string, person: Person, screen: Screen): Promise<void> => {
  if (person.isStranger) {
    const detail = toStranger(person, 'Only people of this organisation can share answers.');
    await audit(world, person, null, { action: sharing, outcome: 'refused', detail });
    return screen.say(plainAnswer([detail]));
  }
  const kept = await keptBecause(world, person);
  if (kept !== null) return screen.say(plainAnswer([kept]));
  const found = await toShare(world, value, person);
  if ('told' in found) return screen.say(found.told);
  const { message, asked } = found;
  const told = await gather('the answer', 'Slack', shareMs, () => screen.say(sharedBy(message, person.userId, asked), true));
  const outcome = told.ok ? 'done' : 'failed';
  await audit(world, person, null, { action: sharing, outcome, detail: told.ok ? asked : told.gap.detail });
  if (!told.ok) return screen.say(plainAnswer([`Not shared: Slack ${told.gap.detail}.`]));
  const { channelId } = person;
  const picture = await found.picture;
  if (picture === null || channelId === null) return;
  const shown = await gather('the picture', 'Slack', pictureMs, (patience) => world.shareIn(channelId, picture, patience));
  if (!shown.ok) await screen.say(plainAnswer([`Shared without its picture: Slack ${shown.gap.detail}.`]));
};
