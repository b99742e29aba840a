// A message with its author, its time and its thread, and the list of a channel's or a thread's messages.
import { contentOf } from './blocks.js';
import { ago, day, time, timeWithSeconds } from './dates.js';
import { element, pressable } from './dom.js';
import { act } from './gestures.js';

const together = 300;
const opened = new Set();

const seconds = (message) => Number(message.ts);
const authorOf = (message, state) => state.users.find(({ id }) => id === message.user) ?? { name: 'Slackbot', isBot: true };
const counted = (count) => `${count} ${count === 1 ? 'reply' : 'replies'}`;
export const repliesTo = (message, state) => state.messages.filter((other) => other.channel === message.channel && other.threadTs === message.ts);

const fileNode = (id, state) => {
  const file = state.files.find((known) => known.id === id);
  const picture = element('img', '');
  picture.src = `/file/${encodeURIComponent(id)}`;
  picture.alt = file?.title ?? id;
  return element('div', 'file', element('div', 'name', file?.name ?? id), picture);
};

/** What stands over a message: who alone sees it, and where else it stands. */
const over = (message, state, isThread, openThread) => {
  if (message.ephemeralFor) return [element('div', 'note', '👁 Only visible to you')];
  if (!message.isBroadcast) return [];
  if (isThread) return [];
  const root = state.messages.find((other) => other.channel === message.channel && other.ts === message.threadTs);
  return [element('div', 'note', 'replied to a thread: ', pressable('link', () => openThread(message.threadTs), (root?.text ?? 'a message').split('\n')[0].slice(0, 80)))];
};

let openMenu = null;
/** The menu of a message: the app's shortcuts (docs.slack.dev/interactivity/implementing-shortcuts). What one person alone sees has none. */
const menuOf = (message, state) => {
  if (message.ephemeralFor || state.shortcuts.length === 0) return [];
  const summary = element('summary', 'icon', '⋯');
  summary.setAttribute('aria-label', 'More actions');
  const made = element('details', 'menu', summary);
  const use = ({ callbackId }) => () => {
    made.open = false;
    act({ kind: 'shortcut', channel: message.channel, ts: message.ts, callbackId });
  };
  made.append(element('div', 'entries', ...state.shortcuts.map((shortcut) => pressable('entry', use(shortcut), shortcut.name))));
  made.open = openMenu === message.ts;
  made.ontoggle = () => {
    if (made.open) openMenu = message.ts;
    else if (openMenu === message.ts && made.isConnected) openMenu = null;
  };
  return [made];
};

const avatar = (user) => element('div', `avatar${user.isBot ? '' : ' person'}`, user.name[0].toUpperCase());

/** Of another organisation than the reader. */
const isOther = (user, state) => user.teamId !== undefined && user.teamId !== state.users.find(({ id }) => id === state.you)?.teamId;

const nameLine = (message, user, state) => {
  const when = element('time', 'when', time(seconds(message)));
  when.title = `${day(seconds(message))} at ${timeWithSeconds(seconds(message))}`;
  return element('div', '', element('span', 'who', user.name), ...(user.isBot ? [element('span', 'app', 'APP')] : []), ...(isOther(user, state) ? [element('span', 'app', 'OTHER ORGANISATION')] : []), when);
};

const threadLine = (message, state, openThread) => {
  const replies = repliesTo(message, state);
  const last = replies.at(-1);
  if (last === undefined) return [];
  const made = pressable('replies', () => openThread(message.ts), counted(replies.length), element('span', 'note', `Last reply ${ago(seconds(last))}`));
  made.dataset.testid = 'open-thread';
  return [element('div', '', made)];
};

const messageNode = (message, state, { isThread, openThread, isGoingOn }) => {
  const user = authorOf(message, state);
  const node = element('article', `message${message.ephemeralFor ? ' only-you' : ''}${isGoingOn ? ' going-on' : ''}`);
  node.dataset.ts = message.ts;
  node.dataset.testid = 'message';
  const edited = message.isEdited ? [element('span', 'note edited', '(edited)')] : [];
  const also = isThread && message.isBroadcast ? [element('div', 'note', 'Also sent to the channel')] : [];
  const body = element('div', 'body', ...over(message, state, isThread, openThread), ...(isGoingOn ? [] : [nameLine(message, user, state)]));
  body.append(...contentOf(message, opened), ...edited, ...message.files.map((id) => fileNode(id, state)), ...also);
  if (!isThread) body.append(...threadLine(message, state, openThread));
  const left = isGoingOn ? element('time', 'when', time(seconds(message)).replace(/\s*[AP]M$/i, '')) : avatar(user);
  node.append(left, body, ...menuOf(message, state));
  return node;
};

/** A message goes on where the one before it, by the same author and of the same kind, left off. */
const goesOn = (message, before) =>
  before !== undefined && before.user === message.user && seconds(message) - seconds(before) < together && !message.isBroadcast && message.ephemeralFor === null && before.ephemeralFor === null;

/** All messages in a row, with a line where a day begins and, in a thread, one under its root. */
export const listOf = (messages, state, { isThread, openThread }) =>
  messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const today = day(seconds(message));
    const isNewDay = !isThread && (before === undefined || day(seconds(before)) !== today);
    const underRoot = isThread && index === 1;
    const isGoingOn = !isNewDay && !underRoot && goesOn(message, before);
    return [
      ...(isNewDay ? [element('div', 'rule', element('span', '', today))] : []),
      ...(underRoot ? [element('div', 'rule', element('span', '', counted(messages.length - 1)))] : []),
      messageNode(message, state, { isThread, openThread, isGoingOn }),
    ];
  });
