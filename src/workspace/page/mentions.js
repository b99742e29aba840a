// Who and what can be named: people, channels, groups, everybody here.
import { element } from './dom.js';

let known = { users: [], channels: [], groups: [], you: null };

/** The page tells what there is whenever it hears of it. */
export const setKnown = (state) => {
  known = state;
};

const user = (id, label) => {
  const made = element('span', id === known.you ? 'mention you' : 'mention', `@${known.users.find((one) => one.id === id)?.name ?? label ?? id}`);
  made.dataset.user = id;
  return made;
};
const channel = (id, label) => element('span', 'mention', `#${known.channels.find((one) => one.id === id)?.name ?? label ?? id}`);
const everybody = (range) => element('span', 'mention you', `@${range}`);
const group = (id, label) => {
  const one = known.groups.find((other) => other.id === id);
  const isYours = one?.users.includes(known.you) === true;
  return element('span', isYours ? 'mention you' : 'mention', `@${one?.handle ?? label?.replace(/^@/, '') ?? id}`);
};

export const mentions = { user, channel, everybody, group };

/** `@U1`, `#C1`, `!here`, `!subteam^S1` as they stand between angle brackets; null when it is none of them. */
export const mention = (target, label) => {
  const [, kind, id] = /^(@|#|!subteam\^)([A-Z0-9]+)$/.exec(target) ?? [];
  if (kind === '@' && /^[UW]/.test(id)) return user(id, label);
  if (kind === '#' && /^[CGD]/.test(id)) return channel(id, label);
  if (kind === '!subteam^' && id.startsWith('S')) return group(id, label);
  return /^!(here|channel|everyone)$/.test(target) ? everybody(target.slice(1)) : null;
};
