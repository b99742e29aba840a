// The page shows what the workspace holds, again at every change.
import { element, pressable } from './dom.js';
import { setKnown } from './mentions.js';
import { listOf } from './messages.js';

const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
let state = null;
let channelId = null;
let threadTs = wanted.get('thread');

const openThread = (ts) => {
  threadTs = ts;
  render();
};

const titleOf = (channel) => {
  if (!channel) return '';
  if (channel.directWith) return state.users.find(({ isBot }) => isBot)?.name ?? '';
  return `${channel.isPrivate ? '🔒' : '#'} ${channel.name}`;
};

const channelItem = (channel) => {
  const button = pressable('', () => {
    channelId = channel.id;
    threadTs = null;
    render();
  }, titleOf(channel));
  button.setAttribute('aria-current', String(channel.id === channelId));
  return element('li', '', button);
};

/** Replaces the children, and stays at the end when the reader was there. */
const fill = (container, nodes) => {
  const atEnd = container.scrollHeight - container.scrollTop - container.clientHeight < 120;
  container.replaceChildren(...nodes);
  if (atEnd) container.scrollTop = container.scrollHeight;
};

function render() {
  if (!state) return;
  setKnown(state);
  channelId ??= state.channels.find(({ name, id }) => name === wanted.get('channel') || id === wanted.get('channel'))?.id ?? state.channels[0]?.id;
  const channel = state.channels.find(({ id }) => id === channelId);
  const isHere = (message) => message.channel === channelId;
  $('title').textContent = titleOf(channel);
  $('channels').replaceChildren(...state.channels.filter(({ directWith }) => !directWith).map(channelItem));
  $('directs').replaceChildren(...state.channels.filter(({ directWith }) => directWith).map(channelItem));
  $('input').placeholder = `Message ${titleOf(channel)}, or a command such as /mesh help`;
  const shown = state.messages.filter((message) => isHere(message) && (message.threadTs === null || message.isBroadcast));
  const inThread = threadTs === null ? [] : state.messages.filter((message) => isHere(message) && (message.ts === threadTs || message.threadTs === threadTs));
  $('thread').hidden = inThread.length === 0;
  const nothing = [element('p', 'empty', 'Nothing here yet. When something breaks, Edgewise will say it here.')];
  fill($('messages'), shown.length > 0 ? listOf(shown, state, { isThread: false, openThread }) : nothing);
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
    await fetch('/say', { method: 'POST', body: JSON.stringify({ text, channel: channelId, thread: thread() }) });
  };
};
typing('composer', 'input', () => null);
typing('reply', 'reply-input', () => threadTs);

new EventSource('/events').onmessage = ({ data }) => {
  state = JSON.parse(data);
  render();
};
