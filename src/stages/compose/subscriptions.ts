import { nextSlot } from '../../domain/digest-schedule.ts';
import { type DigestChoice, type DigestSubscription, isSameChannel } from '../../domain/digest-subscription.ts';
import { clockOf, weekdayName } from '../../domain/digest-words.ts';
import type { Message } from '../../domain/message.ts';
import type { Slo } from '../../domain/slo.ts';
import type { EpochMs } from '../../domain/time.ts';
import { counted } from '../../domain/words.ts';
import { context, section } from './blocks.ts';
import { dayAndTime } from './dates.ts';
import { joined, type Mrkdwn, mrkdwn, ours, raw } from './mrkdwn.ts';
import { channelTag, personTag } from './people.ts';

const namesTold = 6;
const subscriptionsTold = 20;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, namesTold).join(', ')}${names.length > namesTold ? ` and ${names.length - namesTold} more` : ''}`;

/** "of the objectives of this channel", "of the objectives of shop", "of payments-*, cart-latency" */
const choiceText = (choice: DigestChoice, where: string): string =>
  choice.kind === 'own'
    ? `of the objectives of ${where}`
    : choice.kind === 'owner'
      ? `of the objectives of ${choice.owner}`
      : `of ${listed(choice.names)}`;

/** "every day at 09:00 Europe/Berlin", "every Monday at 09:00 Europe/Berlin" */
const rhythmText = ({ rhythm, weekday, minuteOfDay, zone }: DigestSubscription): string =>
  `every ${rhythm === 'daily' ? 'day' : weekdayName(weekday)} at ${clockOf(minuteOfDay)} ${zone}`;

const nextMs = (subscription: DigestSubscription, nowMs: EpochMs): EpochMs =>
  nextSlot(subscription, Math.max(nowMs, subscription.sinceMs)).atMs;

/** "Mon 30 Nov 09:00 Europe/Berlin" */
const nextText = (subscription: DigestSubscription, nowMs: EpochMs): string =>
  `${dayAndTime(nextMs(subscription, nowMs), subscription.zone)} ${subscription.zone}`;

const whose = ({ by }: DigestSubscription): Mrkdwn =>
  by === null ? ours('configured') : mrkdwn`asked for by ${raw(personTag(by))}`;

/** What a channel is told where somebody asked for a digest: who, when it comes, what it holds. */
export const subscribedMessage = (
  subscription: DigestSubscription & { readonly by: string },
  slos: readonly Slo[],
  replaced: DigestSubscription | null,
  nowMs: EpochMs,
): Message => {
  const { by, rhythm, choice } = subscription;
  const before =
    replaced === null ? null : mrkdwn`It takes the place of the one ${rhythmText(replaced)}, ${raw(whose(replaced))}.`;
  const text = joined([
    mrkdwn`🗓️ ${raw(personTag(by))} asked for a *${rhythm} digest* ${choiceText(choice, 'this channel')}, ${rhythmText(subscription)}. The next one comes ${nextText(subscription, nowMs)}.`,
    mrkdwn`It holds ${counted(slos.length, 'objective')}: ${listed(slos.map(({ name }) => name))}.`,
    before,
  ]);
  const hint = mrkdwn`“/mesh digest” shows it now, to you alone; “/mesh digest unsubscribe ${rhythm}” ends it.`;
  return { text, blocks: [section(text), context(hint)] };
};

/** What a channel is told where somebody ended a digest. `instead`: the configured one that comes from now on. */
export const unsubscribedMessage = (
  ended: DigestSubscription,
  by: string,
  instead: DigestSubscription | null,
  nowMs: EpochMs,
): Message => {
  const text = joined([
    mrkdwn`🗓️ ${raw(personTag(by))} ended the *${ended.rhythm} digest* of this channel (${rhythmText(ended)}, ${raw(whose(ended))}).`,
    instead === null
      ? null
      : mrkdwn`The one of CONFIG_FILE comes again, ${rhythmText(instead)}; the next one ${nextText(instead, nowMs)}.`,
  ]);
  return { text, blocks: [section(text)] };
};

type Here = Pick<DigestSubscription, 'channel' | 'channelName'>;

const lineOf = (subscription: DigestSubscription, here: Here | null, nowMs: EpochMs): Mrkdwn => {
  const isHere = here !== null && isSameChannel(subscription, here);
  const place = joined([channelTag(subscription.channel), isHere ? ours('(here)') : null], ' ');
  return mrkdwn`•  ${raw(place)}: ${subscription.rhythm} ${choiceText(subscription.choice, 'the channel')}, next ${nextText(subscription, nowMs)}, ${raw(whose(subscription))}`;
};

/** Digests by when they come next, one a line. */
export const subscriptionLines = (
  subscriptions: readonly DigestSubscription[],
  here: Here | null,
  nowMs: EpochMs,
  most = subscriptionsTold,
): readonly Mrkdwn[] => {
  const sorted = subscriptions
    .map((subscription) => ({ subscription, dueMs: nextMs(subscription, nowMs) }))
    .sort((a, b) => a.dueMs - b.dueMs);
  const more = sorted.length - most;
  return [
    ...sorted.slice(0, most).map(({ subscription }) => lineOf(subscription, here, nowMs)),
    ...(more > 0 ? [mrkdwn`and ${counted(more, 'more digest')}`] : []),
  ];
};

/** `/mesh digest list` */
export const subscriptionsMessage = (
  subscriptions: readonly DigestSubscription[],
  here: Here | null,
  nowMs: EpochMs,
): Message => {
  const text =
    subscriptions.length === 0
      ? ours('No channel gets a digest. “/mesh digest subscribe” sends one here every morning.')
      : joined([mrkdwn`*${counted(subscriptions.length, 'digest')}*`, ...subscriptionLines(subscriptions, here, nowMs)]);
  return { text, blocks: [section(text)] };
};

/** What a preview is one of. */
export const previewNote = (subscription: DigestSubscription, isSubscribed: boolean, nowMs: EpochMs): Mrkdwn =>
  isSubscribed
    ? mrkdwn`A preview, seen only by you: the ${subscription.rhythm} digest ${choiceText(subscription.choice, 'this channel')}, which comes next ${nextText(subscription, nowMs)}.`
    : ours('A preview, seen only by you: no such digest comes here yet. “/mesh digest subscribe” sends one every morning.');

/** The same in small print below a message. */
export const withNote = ({ text, blocks }: Message, ...notes: readonly Mrkdwn[]): Message => ({
  text,
  blocks: [...blocks, context(...notes)],
});
