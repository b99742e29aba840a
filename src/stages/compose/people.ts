import type { Allowed } from '../../domain/roles.ts';
import { joined, type Mrkdwn, mrkdwn, ours } from './mrkdwn.ts';

/** Only the exact form of an id becomes a tag (docs.slack.dev, "Formatting message text"); anything else is text like any other. */
const tag = (id: string, pattern: RegExp, sign: string): Mrkdwn =>
  pattern.test(id) ? (`<${sign}${id}>` as Mrkdwn) : mrkdwn`${id}`;

/** A person by Slack user id, as Slack shows people. */
export const personTag = (userId: string): Mrkdwn => tag(userId, /^[UW][A-Z0-9]+$/, '@');

/** A channel by its id, as Slack shows it to those who may see it; by its name where that is all that is known. */
export const channelTag = (channel: string): Mrkdwn =>
  /^[CG][A-Z0-9]{6,}$/.test(channel) ? tag(channel, /^[CG][A-Z0-9]+$/, '#') : mrkdwn`#${channel.replace(/^#/, '')}`;

const mostNamed = 5;

const some = (ids: readonly string[], shown: (id: string) => Mrkdwn): Mrkdwn =>
  joined([...ids.slice(0, mostNamed).map(shown), ids.length > mostNamed ? mrkdwn`${ids.length - mostNamed} more` : null], ', ');

/** Whom a role names, as Slack shows them; null where it names everybody or nobody. For answers to one person: elsewhere groups would be notified. */
export const allowedText = (allowed: Allowed): Mrkdwn | null => {
  if (allowed === 'everyone') return null;
  const { users, groups, channels } = allowed;
  const parts = [
    users.length === 0 ? null : some(users, personTag),
    groups.length === 0 ? null : joined([ours('members of'), some(groups, (id) => tag(id, /^S[A-Z0-9]+$/, '!subteam^'))], ' '),
    channels.length === 0
      ? null
      : joined([ours('whoever asks in'), some(channels, (id) => tag(id, /^[CG][A-Z0-9]+$/, '#'))], ' '),
  ];
  return joined(parts, '; ') || null;
};
