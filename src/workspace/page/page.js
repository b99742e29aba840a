// The page shows what the workspace holds. Nothing from outside ever becomes HTML: every text is a text node.
const $ = (id) => document.getElementById(id);
const wanted = new URLSearchParams(location.search);
let state = null;
let channelId = null;
let threadTs = wanted.get('thread');

const element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const unescaped = (text) => text.replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity]);
const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

/** `<…>` of mrkdwn: dates, mentions, links; only http(s) ever becomes a link. */
const angle = (inside) => {
  const date = /^!date\^(\d+)\^([^|^]*)(?:\^[^|]*)?\|(.*)$/.exec(inside);
  if (date) return document.createTextNode(date[2].replace(/\{time(_secs)?\}/g, time(Number(date[1]))));
  const [target, label] = inside.split('|');
  if (/^https?:\/\//.test(target)) {
    const link = element('a', '', unescaped(label ?? target));
    link.href = unescaped(target);
    link.rel = 'noreferrer noopener';
    link.target = '_blank';
    return link;
  }
  const name = target.startsWith('#') ? `#${state.channels.find(({ id }) => id === target.slice(1))?.name ?? target.slice(1)}` : `@${state.users.find(({ id }) => id === target.slice(1))?.name ?? target.replace(/^[!@](subteam\^)?/, '')}`;
  return element('span', 'mention', name);
};

const marks = [
  [/```\n?([\s\S]+?)\n?```/, (text) => element('pre', '', unescaped(text))],
  [/`([^`\n]+)`/, (text) => element('code', '', unescaped(text))],
  [/<([^>\n]+)>/, angle],
  [/(?<![\w*])\*([^*\n]+)\*(?![\w*])/, (text) => element('strong', '', ...mrkdwn(text))],
  [/(?<![\w_])_([^_\n]+)_(?![\w_])/, (text) => element('em', '', ...mrkdwn(text))],
  [/(?<![\w~])~([^~\n]+)~(?![\w~])/, (text) => element('s', '', ...mrkdwn(text))],
];

function mrkdwn(text) {
  const nodes = [];
  let rest = text;
  while (rest !== '') {
    let best = null;
    for (const [pattern, make] of marks) {
      const found = pattern.exec(rest);
      if (found && (best === null || found.index < best.found.index)) best = { found, make };
    }
    if (best === null) {
      nodes.push(document.createTextNode(unescaped(rest)));
      break;
    }
    if (best.found.index > 0) nodes.push(document.createTextNode(unescaped(rest.slice(0, best.found.index))));
    nodes.push(best.make(best.found[1]));
    rest = rest.slice(best.found.index + best.found[0].length);
  }
  return nodes;
}

const textObject = (object) => (object?.type === 'mrkdwn' ? mrkdwn(object.text) : [document.createTextNode(object?.text ?? '')]);

const image = (block, message) => {
  const id = block.slack_file?.id;
  if (message.brokenImages.includes(id)) return element('div', 'block broken', '🖼 This image could not be shown');
  const picture = element('img', '');
  picture.src = `/file/${encodeURIComponent(id)}`;
  picture.alt = block.alt_text;
  return element('div', 'block', picture);
};

/** Nobody hears a click here; what a person would see is shown. */
const button = (part) => {
  const made = element('button', 'action', part.text?.text ?? part.type);
  made.type = 'button';
  made.disabled = true;
  return made;
};

const table = (block) => {
  const settings = block.column_settings ?? [];
  const rows = block.rows.map((row) => element('tr', '', ...row.map((cell, index) => element('td', settings[index]?.align === 'right' ? 'right' : '', cell.text ?? ''))));
  return element('div', 'block table', element('table', '', element('tbody', '', ...rows)));
};

const blockNode = (block, message) => {
  if (block.type === 'header') return element('div', 'block header', block.text.text);
  if (block.type === 'section') return element('div', 'block', ...(block.text ? textObject(block.text) : []), ...(block.fields ?? []).map((field) => element('div', '', ...textObject(field))));
  if (block.type === 'context') return element('div', 'block context', ...block.elements.flatMap((part, index) => [...(index ? [' '] : []), ...(part.type === 'image' ? [image(part, message)] : textObject(part))]));
  if (block.type === 'actions') return element('div', 'block', ...block.elements.map(button));
  if (block.type === 'divider') return element('div', 'block divider');
  if (block.type === 'image') return image(block, message);
  if (block.type === 'table') return table(block);
  return element('div', 'block context', `(a ${block.type} block)`);
};

const fileNode = (id) => {
  const file = state.files.find((known) => known.id === id);
  const picture = element('img', '');
  picture.src = `/file/${encodeURIComponent(id)}`;
  picture.alt = file?.title ?? id;
  return element('div', 'file', element('div', 'name', file?.title ?? ''), picture);
};

const messageNode = (message, withReplies) => {
  const user = state.users.find(({ id }) => id === message.user);
  const isBot = user?.isBot ?? true;
  const node = element('article', `message${message.ephemeralFor ? ' only-you' : ''}`, element('div', `avatar${isBot ? '' : ' person'}`, isBot ? 'E' : '🙂'));
  node.dataset.ts = message.ts;
  node.dataset.testid = 'message';
  const body = element('div', '');
  const line = element('div', '', element('span', 'who', user?.name ?? 'Slackbot'), ...(isBot ? [element('span', 'app', 'APP')] : []), element('span', 'when', time(Number(message.ts))), ...(message.isEdited ? [element('span', 'note', '(edited)')] : []));
  if (message.isBroadcast) line.append(element('span', 'note', 'replied to a thread'));
  if (message.ephemeralFor) body.append(element('div', 'note', 'Only visible to you'));
  body.append(line, ...(message.blocks.length > 0 ? message.blocks.map((block) => blockNode(block, message)) : message.text ? [element('div', 'block', ...mrkdwn(message.text))] : []), ...message.files.map(fileNode));
  const replies = state.messages.filter((other) => other.channel === message.channel && other.threadTs === message.ts);
  if (withReplies && replies.length > 0) {
    const button = element('button', 'replies', `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'} ›`);
    button.dataset.testid = 'open-thread';
    button.onclick = () => {
      threadTs = message.ts;
      render();
    };
    body.append(button);
  }
  node.append(body);
  return node;
};

/** Replaces the children, and stays at the end when the reader was there. */
const fill = (container, nodes) => {
  const atEnd = container.scrollHeight - container.scrollTop - container.clientHeight < 120;
  container.replaceChildren(...nodes);
  if (atEnd) container.scrollTop = container.scrollHeight;
};

function render() {
  if (!state) return;
  channelId ??= state.channels.find(({ name, id }) => name === wanted.get('channel') || id === wanted.get('channel'))?.id ?? state.channels[0]?.id;
  const channel = state.channels.find(({ id }) => id === channelId);
  $('title').textContent = `# ${channel?.name ?? ''}`;
  $('channels').replaceChildren(...state.channels.map(({ id, name }) => {
    const button = element('button', '', `# ${name}`);
    button.setAttribute('aria-current', String(id === channelId));
    button.onclick = () => {
      channelId = id;
      threadTs = null;
      render();
    };
    return element('li', '', button);
  }));
  const shown = state.messages.filter((message) => message.channel === channelId && (message.threadTs === null || message.isBroadcast));
  fill($('messages'), shown.length > 0 ? shown.map((message) => messageNode(message, true)) : [element('p', 'empty', 'Nothing here yet. When something breaks, Edgewise will say it here.')]);
  const inThread = state.messages.filter((message) => message.channel === channelId && threadTs !== null && (message.ts === threadTs || message.threadTs === threadTs));
  $('thread').hidden = inThread.length === 0;
  fill($('replies'), inThread.map((message) => messageNode(message, false)));
}

$('close-thread').onclick = () => {
  threadTs = null;
  render();
};

$('composer').onsubmit = async (event) => {
  event.preventDefault();
  const text = $('input').value.trim();
  if (text === '') return;
  $('input').value = '';
  await fetch('/command', { method: 'POST', body: JSON.stringify({ text, channel: channelId }) });
};

new EventSource('/events').onmessage = ({ data }) => {
  state = JSON.parse(data);
  render();
};
