import { readFor } from '../digests/tell.ts';
import { subscriptionsIn } from '../digests/world.ts';
import { isQuiet } from '../domain/digest.ts';
import { type DigestSubscription, isSameChannel } from '../domain/digest-subscription.ts';
import { usualMinuteOfDay, usualWeekday } from '../domain/digest-words.ts';
import type { Person, Screen } from '../domain/gesture.ts';
import type { DigestRhythm } from '../domain/question-text.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { previewNote, withNote } from '../stages/compose/subscriptions.ts';
import { showPicture, withShare } from './answers.ts';
import { keptFrom } from './permission.ts';
import type { GestureWorld } from './world.ts';

type Channel = Pick<DigestSubscription, 'channel' | 'channelName'>;

const storeMs = 5000;
/** As long as a channel's own is waited for: of a month that was never read, the first takes minutes. */
const readMs = 320_000;

/** What a channel would get that nobody has subscribed. */
const usualFor = (world: GestureWorld, place: Channel, rhythm: DigestRhythm): DigestSubscription => {
  const { timeZone: zone } = world.settingOf(null, world.clusters[0]?.name ?? '');
  const when = { rhythm, weekday: usualWeekday, minuteOfDay: usualMinuteOfDay, zone };
  return { ...when, ...place, choice: { kind: 'own' }, sinceMs: world.clock.nowMs(), by: null };
};

/** What the channel gets, or would get: the daily one where both come and neither is said. */
const wantedFor = async (world: GestureWorld, place: Channel, rhythm: DigestRhythm | null) => {
  const all = await gather('the digests', 'the store', storeMs, () => subscriptionsIn(world, world.workspace));
  if (!all.ok) return { wanted: usualFor(world, place, rhythm ?? 'daily'), isSubscribed: false, gap: all.gap };
  const here = all.value.filter((one) => isSameChannel(one, place) && (rhythm === null || one.rhythm === rhythm));
  const found = here.find((one) => one.rhythm === 'daily') ?? here[0];
  return { wanted: found ?? usualFor(world, place, rhythm ?? 'daily'), isSubscribed: found !== undefined, gap: null };
};

/** `/mesh digest`: what the channel would be told now, to the one who asked alone. */
export const previewDigest = async (
  world: GestureWorld,
  person: Person,
  place: Channel,
  rhythm: DigestRhythm | null,
  screen: Screen,
): Promise<void> => {
  const kept = keptFrom(world, person);
  if (kept !== null) return screen.say(plainAnswer([kept]));
  const { objectives } = world;
  if (objectives === undefined) return screen.say(plainAnswer(['No objectives are read here.']));
  const nowMs = world.clock.nowMs();
  const { wanted, isSubscribed, gap } = await wantedFor(world, place, rhythm);
  if (gap !== null) return screen.say(plainAnswer([`No digest: the store ${gap.detail}.`]));
  const read = await gather('the digest', 'Edgewise', readMs, () =>
    readFor({ ...world, objectives }, world.workspace, wanted, nowMs),
  );
  if (!read.ok) return screen.say(plainAnswer([`No digest: ${read.gap.detail}.`]));
  const { digest, message, thread, picture } = read.value;
  const note = previewNote(wanted, isSubscribed, nowMs);
  if (digest.lines.length === 0) return screen.say(withNote(message, note));
  const answer = { by: person.userId, asked: '/mesh digest', message, picture };
  await screen.say(withNote(withShare(world, answer, null, person), note));
  if (!isQuiet(digest)) await screen.say(thread);
  await showPicture(world, person, picture, screen);
};
