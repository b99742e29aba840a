// The page shows what the workspace holds, again at every change.
import { contentOfView } from './blocks.js';
import { element, pressable, setApp } from './dom.js';
import { act, eventsAddress, say, setYou } from './gestures.js';
import { setKnown } from './mentions.js';
import { listOf } from './messages.js';
import { showModals } from './modal.js';

const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
let state = null;
let channelId = null;
let threadTs = wanted.get('thread');
let isHome = false;
const unfolded = new Set();

const openThread = (ts) => {
  threadTs = ts;
  render();
};

const titleOf = (channel) => {
  if (!channel) return '';
  if (channel.directWith) return state.users.find(({ isBot }) => isBot)?.name ?? '';
  return `${channel.isPrivate ? '🔒' : '#'} ${channel.name}${channel.isShared ? ' · shared' : ''}`;
};

const channelItem = (channel) => {
  const button = pressable('', () => {
    channelId = channel.id;
    threadTs = null;
    isHome = false;
    render();
  }, titleOf(channel));
  if (channel.isShared) button.title = 'Shared with another organisation';
  button.setAttribute('aria-current', String(!isHome && channel.id === channelId));
  return element('li', '', button);
};

const openHome = () => {
  isHome = true;
  threadTs = null;
  render();
  $('messages').scrollTop = 0;
  act({ kind: 'home' });
};

const theBot = () => state.users.find(({ isBot }) => isBot);
/** The Home is for people of the organisation that installed the app. */
const hasHome = () => theBot()?.teamId === state.users.find(({ id }) => id === state.you)?.teamId;
// Who has none is told so by the workspace.
document.addEventListener('go-home', () => (hasHome() ? openHome() : act({ kind: 'home' })));

const homeItems = () => {
  if (!hasHome()) return [];
  const button = pressable('', openHome, '⌂ Home');
  button.setAttribute('aria-current', String(isHome));
  return [element('li', '', button)];
};

/** Who the page is open for; another person is another page. */
const showPeople = () => {
  const options = state.users.filter(({ isBot }) => !isBot).map(({ id, fullName }) => {
    const option = element('option', '', fullName);
    Object.assign(option, { value: id, selected: id === state.you });
    return option;
  });
  if ($('you').children.length === 0) $('you').replaceChildren(...options);
};
$('you').onchange = () => location.assign(`/?${new URLSearchParams({ as: $('you').value, channel: channelId ?? '' })}`);

/** Replaces the children, and stays at the end when the reader was there. */
const fill = (container, nodes, followsEnd = true) => {
  // A menu that is open, or a field that is typed in, would be lost.
  const active = document.activeElement;
  if (container.contains(active) && /^(SELECT|INPUT|TEXTAREA)$/.test(active.tagName)) return void active.addEventListener('blur', render, { once: true });
  const atEnd = followsEnd && container.scrollHeight - container.scrollTop - container.clientHeight < 120;
  container.replaceChildren(...nodes);
  if (atEnd) container.scrollTop = container.scrollHeight;
};

function render() {
  if (!state) return;
  setKnown(state);
  showPeople();
  channelId ??= state.channels.find(({ name, id }) => name === wanted.get('channel') || id === wanted.get('channel'))?.id ?? state.channels[0]?.id;
  const channel = state.channels.find(({ id }) => id === channelId);
  const isHere = (message) => message.channel === channelId;
  $('title').textContent = isHome ? 'Edgewise Home' : titleOf(channel);
  $('composer').hidden = isHome;
  $('apps').replaceChildren(...homeItems());
  $('channels').replaceChildren(...state.channels.filter(({ directWith }) => !directWith).map(channelItem));
  $('directs').replaceChildren(...state.channels.filter(({ directWith }) => directWith).map(channelItem));
  $('input').placeholder = `Message ${titleOf(channel)}, or a command such as /mesh help`;
  const shown = state.messages.filter((message) => isHere(message) && (message.threadTs === null || message.isBroadcast));
  const inThread = threadTs === null ? [] : state.messages.filter((message) => isHere(message) && (message.ts === threadTs || message.threadTs === threadTs));
  $('thread').hidden = inThread.length === 0;
  const nothing = [element('p', 'empty', 'Nothing here yet. When something breaks, Edgewise will say it here.')];
  if (isHome) fill($('messages'), [element('div', 'home', ...(state.home ? contentOfView(state.home, 'home', unfolded) : [element('p', 'empty', 'The app has put nothing here yet.')]))], false);
  else fill($('messages'), shown.length > 0 ? listOf(shown, state, { isThread: false, openThread }) : nothing);
  fill($('replies'), listOf(inThread, state, { isThread: true, openThread }));
}

$('close-thread').onclick = () => openThread(null);

/** Sends what was typed, to the channel or into the thread. */
const typing = (form, input, thread) => {
  $(form).onsubmit = async (event) => {
    event.preventDefault();
    const text = $(input).value.trim();
    if (text === '') return;
    $(input).value = '';
    await say(text, channelId, thread());
  };
};
typing('composer', 'input', () => null);
typing('reply', 'reply-input', () => threadTs);

let last = '';
new EventSource(eventsAddress).onmessage = ({ data }) => {
  if (data === last) return;
  last = data;
  state = JSON.parse(data);
  setYou(state.you);
  setApp(theBot()?.teamId, state.appId);
  showModals(state.modals);
  render();
  if (wanted.has('home') && !isHome) {
    wanted.delete('home');
    openHome();
  }
};
