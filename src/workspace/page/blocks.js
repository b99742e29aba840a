// Block Kit (docs.slack.dev/reference/block-kit/blocks): one function a block.
import { control } from './controls.js';
import { element, folded, safeAddress } from './dom.js';
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

/** Where an element of a block stands: what a click tells of it. */
const spotOf = (block, message, more = {}) => ({ place: message.place, key: message.key, block: block.block_id, isField: false, isTold: false, ...more });

const accessory = (block, message) => {
  const part = block.accessory;
  if (part.type !== 'image') return element('div', `accessory${/^(multi_|checkboxes|radio)/.test(part.type) ? ' wide' : ''}`, control(part, spotOf(block, message)));
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
  return element('div', 'block with-accessory', element('div', '', ...words), accessory(block, message));
};

const context = (block, message) =>
  element('div', 'block context', ...block.elements.map((part) => element('span', '', ...(part.type === 'image' ? [picture(part, message) ?? '🖼'] : textObject(part)))));

const input = (block, message) => {
  const spot = spotOf(block, message, { isField: true, isTold: block.dispatch_action === true });
  const label = element('label', 'label', ...textObject(block.label), ...(block.optional ? [element('span', 'note', ' (optional)')] : []));
  const field = control(block.element, spot);
  const hint = block.hint ? [element('div', 'note', ...textObject(block.hint))] : [];
  const problem = message.problems?.[block.block_id];
  const made = element('div', 'block input', label, field, ...hint);
  const id = `field-${message.key}-${block.block_id}`;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(field.tagName)) [field.id, label.htmlFor] = [id, id];
  else {
    label.id = id;
    field.setAttribute('role', 'group');
    field.setAttribute('aria-labelledby', id);
  }
  if (problem === undefined) return made;
  const said = element('div', 'problem', problem);
  said.setAttribute('role', 'alert');
  made.classList.add('wrong');
  made.append(said);
  return made;
};

const actions = (block, message) => element('div', 'block actions', ...block.elements.map((part) => control(part, spotOf(block, message))));

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
  actions,
  context_actions: actions,
  input,
  markdown: (block) => element('div', 'block text', block.text),
  alert: (block) => element('div', `block alert ${['info', 'warning', 'error', 'success'].includes(block.level) ? block.level : ''}`, ...textObject(block.text)),
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
  const key = `${message.channel}/${message.ts}`;
  const placed = { ...message, place: { channel: message.channel, ts: message.ts }, key };
  if (message.blocks.length > 0) return message.blocks.map((block, index) => blockNode(block, placed, `${message.ts}/${index}`, opened));
  if (!message.text) return [];
  return [element('div', 'block', ...folded(element('div', 'text', ...mrkdwn(message.text)), message.text.length, message.ts, opened))];
};

/** The blocks of a modal or of the Home, with what is wrong beside the fields. */
export const contentOfView = (view, place, opened, problems = {}) => {
  const placed = { place, key: view.id, brokenImages: [], problems };
  return view.blocks.map((block, index) => blockNode(block, placed, `${view.id}/${index}`, opened));
};
