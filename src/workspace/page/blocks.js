// Block Kit (docs.slack.dev/reference/block-kit/blocks): one function a block.
import { element, folded, linkTo, safeAddress } from './dom.js';
import { mrkdwn, textObject } from './mrkdwn.js';
import { richText } from './rich-text.js';

const broken = () => element('div', 'block broken', '🖼 This image could not be shown');

/** The picture of an uploaded file or of an address; null where there is nothing that may be shown. */
const picture = (part, message) => {
  const id = part.slack_file?.id;
  const source = id === undefined ? safeAddress(part.image_url, ['http:', 'https:']) : `/file/${encodeURIComponent(id)}`;
  if (source === null || message.brokenImages.includes(id)) return null;
  const made = element('img', '');
  made.src = source;
  made.alt = part.alt_text ?? '';
  made.referrerPolicy = 'no-referrer';
  return made;
};

const image = (block, message) => {
  const made = picture(block, message);
  if (made === null) return broken();
  return element('div', 'block', ...(block.title ? [element('div', 'caption', ...textObject(block.title))] : []), made);
};

/** Nobody hears a click here: only a button with an address does something; every other part is shown as it would look. */
const control = (part) => {
  const label = textObject(part.text ?? part.placeholder ?? { text: { overflow: '⋯' }[part.type] ?? part.type });
  const style = ['primary', 'danger'].includes(part.style) ? ` ${part.style}` : '';
  if (part.type === 'button' && safeAddress(part.url) !== null) return linkTo(part.url, `action${style}`, ...label);
  const made = element('button', `action${style}`, ...label, ...(/select|picker/.test(part.type) ? [' ▾'] : []));
  made.type = 'button';
  made.disabled = true;
  return made;
};

const accessory = (part, message) => {
  if (part.type !== 'image') return element('div', 'accessory', control(part));
  return element('div', 'accessory', picture(part, message) ?? '🖼');
};

const section = (block, message, key, opened) => {
  const text = block.text ? element('div', 'text', ...textObject(block.text)) : null;
  const fields = block.fields ? element('div', 'fields', ...block.fields.map((field) => element('div', '', ...textObject(field)))) : null;
  const words = [
    ...(text === null ? [] : block.expand === true ? [text] : folded(text, block.text.text.length, key, opened)),
    ...(fields === null ? [] : [fields]),
  ];
  if (!block.accessory) return element('div', 'block', ...words);
  return element('div', 'block with-accessory', element('div', '', ...words), accessory(block.accessory, message));
};

const context = (block, message) =>
  element('div', 'block context', ...block.elements.map((part) => element('span', '', ...(part.type === 'image' ? [picture(part, message) ?? '🖼'] : textObject(part)))));

const cellNodes = (cell) => {
  if (cell?.type === 'rich_text') return richText(cell);
  return [String(cell?.text ?? cell?.value ?? '')];
};

const table = (block) => {
  const settings = block.column_settings ?? [];
  const className = (index) => [['center', 'right'].includes(settings[index]?.align) ? settings[index].align : '', settings[index]?.is_wrapped ? 'wrapped' : ''].join(' ').trim();
  const rows = block.rows.map((row, at) => element('tr', '', ...row.map((cell, index) => element(at === 0 ? 'th' : 'td', className(index), ...cellNodes(cell)))));
  return element('div', 'block table', element('table', '', element('tbody', '', ...rows)));
};

const makers = {
  header: (block) => element('h3', 'block header', ...textObject(block.text)),
  section,
  context,
  divider: () => element('hr', 'block divider'),
  image,
  actions: (block) => element('div', 'block', ...block.elements.map(control)),
  rich_text: (block) => element('div', 'block rich', ...richText(block)),
  table,
};

/** A block that we do not know is named, and takes nothing else with it; so does one that is not as it should be. */
const blockNode = (block, message, key, opened) => {
  try {
    if (Object.hasOwn(makers, block.type)) return makers[block.type](block, message, key, opened);
  } catch {
    // Said below.
  }
  return element('div', 'block context', `(a ${String(block.type)} block)`);
};

/** What a message says: its blocks, or its text where it has none. */
export const contentOf = (message, opened) => {
  if (message.blocks.length > 0) return message.blocks.map((block, index) => blockNode(block, message, `${message.ts}/${index}`, opened));
  if (!message.text) return [];
  return [element('div', 'block', ...folded(element('div', 'text', ...mrkdwn(message.text)), message.text.length, message.ts, opened))];
};
