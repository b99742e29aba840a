import { subscriptionsIn } from '../digests/world.ts';
import { isTold } from '../domain/digest.ts';
import { nextSlot } from '../domain/digest-schedule.ts';
import { type DigestSubscription, isSameChannel, slosFor, subscriptionKey } from '../domain/digest-subscription.ts';
import type { Gap } from '../domain/gathered.ts';
import type { Person, Screen } from '../domain/gesture.ts';
import type { Message } from '../domain/message.ts';
import type { DigestQuestion } from '../domain/question-text.ts';
import { namesNear } from '../domain/slo/sought.ts';
import type { Slo } from '../domain/slo.ts';
import type { EpochMs } from '../domain/time.ts';
import { gather } from '../gather.ts';
import { plainAnswer } from '../stages/compose/answers.ts';
import { subscribedMessage, subscriptionsMessage, unsubscribedMessage } from '../stages/compose/subscriptions.ts';
import { previewDigest } from './digest-preview.ts';
import { type Came, keptFrom, permitted } from './permission.ts';
import type { GestureWorld } from './world.ts';

type Of<Kind extends DigestQuestion['kind']> = Extract<DigestQuestion, { readonly kind: Kind }>;
type Channel = Pick<DigestSubscription, 'channel' | 'channelName'>;

const storeMs = 5000;
const slackMs = 3000;

const came = (outcome: Came['outcome'], detail: string): Came => ({ message: plainAnswer([detail]), outcome, detail });

/** Of what was sent to the store and not answered nobody knows. */
const notStored = (verb: string, { reason, detail }: Gap): Came =>
  came('failed', `${reason === 'timeout' ? 'Perhaps not' : 'Not'} ${verb}: the store ${detail}.`);

/** Why nobody can subscribe here; else the channel by its id and name. */
const channelFor = async (world: GestureWorld, { channelId }: Person): Promise<Channel | Came> => {
  if (channelId === null || channelId.startsWith('D'))
    return came(
      'refused',
      'Not subscribed: a digest is told to a channel, and this is none. “/mesh digest” shows it to you here.',
    );
  const found = await gather('this channel', 'Slack', slackMs, (ask) => world.nameOfChannel(channelId, ask));
  if (!found.ok) return came('failed', `Not subscribed: Slack did not tell what this channel is (it ${found.gap.detail}).`);
  if (found.value === null)
    return came(
      'refused',
      'Not subscribed: Edgewise is not in this channel, and could tell it nothing. Invite it, and ask again.',
    );
  if (world.showsStrangers) return { channel: channelId, channelName: found.value.name };
  const shared = await gather('who reads along', 'Slack', slackMs, () => world.isSharedOutside(channelId));
  if (!shared.ok) return came('failed', `Not subscribed: Slack did not tell who reads along here (it ${shared.gap.detail}).`);
  return shared.value
    ? came('refused', 'Not subscribed: people of another organisation read along here, and figures are kept from them.')
    : { channel: channelId, channelName: found.value.name };
};

/** Those of files, and those that rules record as far as they were read; a store that does not answer leaves the files. */
const knownSlos = async ({ objectives, store }: GestureWorld): Promise<readonly Slo[]> => {
  const defined = objectives?.slos ?? [];
  const read = await gather('objectives', 'the store', storeMs, () => store.standings.all());
  const recorded = (read.ok ? read.value : []).map(({ slo }) => slo);
  return [...defined, ...recorded.filter(({ name }) => !defined.some((slo) => slo.name === name))];
};

const nothingMeant = ({ choice }: DigestSubscription, slos: readonly Slo[]): string => {
  if (slos.length === 0)
    return 'Not subscribed: no objective is known yet. Files of them are named in SLO_FILES; those that rules record are read every hour, and by “/mesh slo”.';
  if (choice.kind === 'own')
    return 'Not subscribed: no objective names this channel, and all name another one. Name objectives, or an owner.';
  if (choice.kind === 'owner') {
    const owners = [...new Set(slos.flatMap(({ owner }) => owner ?? []))];
    const known = owners.length === 0 ? 'No objective names one.' : `There are: ${owners.slice(0, 10).join(', ')}.`;
    return `Not subscribed: no objective is owned by “${choice.owner}”. ${known}`;
  }
  const near = [...new Set(choice.names.flatMap((name) => namesNear(slos, name.replaceAll('*', ''))))].slice(0, 3);
  const meant = near.length === 0 ? '“/mesh slo” lists them' : `did you mean ${near.join(', ')}?`;
  return `Not subscribed: no objective is called “${choice.names.join(' ')}”; ${meant}`;
};

/** What an audit says of it. */
const wordsOf = ({ rhythm, weekday, minuteOfDay, zone, choice }: DigestSubscription): string =>
  JSON.stringify({ rhythm, ...(rhythm === 'weekly' ? { weekday } : {}), minuteOfDay, zone, choice });

/** From now on; where today's has been told already, from after it: a channel gets one a date, whatever its time was before. */
const sinceOf = async (
  { store, workspace }: GestureWorld,
  schedule: Omit<DigestSubscription, 'sinceMs' | 'by'>,
  nowMs: EpochMs,
): Promise<EpochMs> => {
  const last = await gather('the digests', 'the store', storeMs, () => store.digests.last(workspace, subscriptionKey(schedule)));
  const { date, atMs } = nextSlot(schedule, nowMs);
  return last.ok && isTold(last.value, date) ? atMs : nowMs;
};

const subscribe = async (world: GestureWorld, person: Person, asked: Of<'digest-subscribe'>): Promise<Came> => {
  const place = await channelFor(world, person);
  if ('outcome' in place) return place;
  const nowMs = world.clock.nowMs();
  const { timeZone } = world.settingOf(null, world.clusters[0]?.name ?? '');
  const { kind: _, zone, ...wish } = asked;
  const schedule = { ...wish, ...place, zone: zone ?? timeZone };
  const wanted = { ...schedule, sinceMs: await sinceOf(world, schedule, nowMs), by: person.userId };
  const known = await knownSlos(world);
  const slos = slosFor(wanted, known);
  if (slos.length === 0) return came('failed', nothingMeant(wanted, known));
  const before = await gather('the digests', 'the store', storeMs, () => subscriptionsIn(world, world.workspace));
  if (!before.ok) return came('failed', `Not subscribed: the store ${before.gap.detail}.`);
  const kept = await gather('the digest', 'the store', storeMs, () => world.store.digests.subscribe(world.workspace, wanted));
  if (!kept.ok) return notStored('subscribed', kept.gap);
  const replaced = before.value.find((one) => one.rhythm === wanted.rhythm && isSameChannel(one, wanted)) ?? null;
  return { message: subscribedMessage(wanted, slos, replaced, nowMs), outcome: 'done', detail: wordsOf(wanted) };
};

/** Which of those of this channel is meant; in words, why none is. */
const meantOf = (here: readonly DigestSubscription[], { rhythm }: Of<'digest-unsubscribe'>): DigestSubscription | string => {
  const chosen = here.filter((one) => rhythm === null || one.rhythm === rhythm);
  const [first, second] = chosen.some(({ by }) => by !== null) ? chosen.filter(({ by }) => by !== null) : chosen;
  if (first === undefined) return `No ${rhythm === null ? '' : `${rhythm} `}digest comes to this channel.`;
  if (second !== undefined) return 'Which one? Write “/mesh digest unsubscribe daily” or “/mesh digest unsubscribe weekly”.';
  return first.by === null
    ? `The ${first.rhythm} digest of this channel stands in the configuration (digests in CONFIG_FILE): whoever runs Edgewise ends it there.`
    : first;
};

const unsubscribe = async (world: GestureWorld, person: Person, asked: Of<'digest-unsubscribe'>): Promise<Came> => {
  const { workspace, clock, store } = world;
  const place = await placeOf(world, person);
  const all = await gather('the digests', 'the store', storeMs, () => subscriptionsIn(world, workspace));
  if (!all.ok) return came('failed', `Not ended: the store ${all.gap.detail}.`);
  const meant = meantOf(
    all.value.filter((one) => isSameChannel(one, place)),
    asked,
  );
  if (typeof meant === 'string') return came('failed', meant);
  const ended = await gather('the digest', 'the store', storeMs, () =>
    store.digests.unsubscribe(workspace, subscriptionKey(meant)),
  );
  if (!ended.ok) return notStored('ended', ended.gap);
  if (!ended.value) return came('failed', 'It was ended already.');
  const instead = world.configured(workspace).find((one) => one.rhythm === meant.rhythm && isSameChannel(one, meant)) ?? null;
  return {
    message: unsubscribedMessage(meant, person.userId, instead, clock.nowMs()),
    outcome: 'done',
    detail: wordsOf(meant),
  };
};

/** The conversation, with its name as far as Slack tells it. */
const placeOf = async (world: GestureWorld, { channelId }: Person): Promise<Channel> => {
  if (channelId === null) return { channel: '', channelName: null };
  const found = await gather('this channel', 'Slack', slackMs, (ask) => world.nameOfChannel(channelId, ask));
  return { channel: channelId, channelName: found.ok ? (found.value?.name ?? null) : null };
};

/** What was changed is told to everybody in the channel: others read it every morning, and should know who did it. */
const change = async (
  world: GestureWorld,
  person: Person,
  name: string,
  screen: Screen,
  run: () => Promise<Came>,
): Promise<void> => {
  let isDone = false;
  const message = await permitted(world, 'digest', name, { person, incident: null }, async () => {
    const ended = await run();
    isDone = ended.outcome === 'done';
    return ended;
  });
  if (!isDone) return screen.say(message);
  const told = await gather('the channel', 'Slack', slackMs, () => screen.say(message, true));
  if (told.ok) return;
  await screen.say(message);
  await screen.say(plainAnswer([`The channel does not know of it: Slack ${told.gap.detail}.`]));
};

const list = async (world: GestureWorld, person: Person): Promise<Message> => {
  const kept = keptFrom(world, person);
  if (kept !== null) return plainAnswer([kept]);
  const all = await gather('the digests', 'the store', storeMs, () => subscriptionsIn(world, world.workspace));
  if (!all.ok) return plainAnswer([`The digests are not known: the store ${all.gap.detail}.`]);
  return subscriptionsMessage(all.value, await placeOf(world, person), world.clock.nowMs());
};

/** `/mesh digest …`: the digest of the channel as it would be now, and who gets one. */
export const digestByWords = async (
  world: GestureWorld,
  person: Person,
  question: DigestQuestion,
  screen: Screen,
): Promise<void> => {
  if (question.kind === 'digest-list') return screen.say(await list(world, person));
  if (question.kind === 'digest-subscribe')
    return change(world, person, 'digest subscribe', screen, () => subscribe(world, person, question));
  if (question.kind === 'digest-unsubscribe')
    return change(world, person, 'digest unsubscribe', screen, () => unsubscribe(world, person, question));
  const place = await placeOf(world, person);
  return previewDigest(world, person, place, question.rhythm, screen);
};
