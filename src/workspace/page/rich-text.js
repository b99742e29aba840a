// The rich_text block (docs.slack.dev/reference/block-kit/blocks/rich-text-block): what Slack's own composer makes of what people type.
import { formatted } from './dates.js';
import { element, linkTo } from './dom.js';
import { emojiOf } from './emoji.js';
import { mentions } from './mentions.js';

const tags = [
  ['code', 'code'],
  ['strike', 's'],
  ['italic', 'em'],
  ['bold', 'strong'],
  ['underline', 'u'],
];

const styled = (part, node) => tags.reduce((inside, [style, tag]) => (part.style?.[style] === true ? element(tag, '', inside) : inside), node);
const words = (value) => (typeof value === 'string' ? value : '');

const color = (value) => {
  if (!/^#[\da-f]{3,8}$/i.test(words(value))) return words(value);
  const swatch = element('span', 'swatch');
  swatch.style.backgroundColor = value;
  return element('span', '', value, ' ', swatch);
};

/** The smallest pieces by their type; what Slack may add some day is shown as its own text. */
const leaves = {
  text: (part) => words(part.text),
  link: (part) => linkTo(part.url, '', words(part.text) || words(part.url)),
  user: (part) => mentions.user(words(part.user_id), null),
  channel: (part) => mentions.channel(words(part.channel_id), null),
  usergroup: (part) => mentions.group(words(part.usergroup_id), null),
  broadcast: (part) => mentions.everybody(words(part.range)),
  emoji: (part) => emojiOf(part.name, part.skin_tone, part.unicode) ?? `:${words(part.name)}:`,
  date: (part) => {
    const text = formatted(Number(part.timestamp), words(part.format), words(part.fallback));
    return part.url ? linkTo(part.url, '', text) : element('time', '', text);
  },
  color: (part) => color(part.value),
};

const leaf = (part) => styled(part, Object.hasOwn(leaves, part?.type) ? leaves[part.type](part) : words(part?.text));
const inline = (parent) => (Array.isArray(parent?.elements) ? parent.elements : []).map(leaf);

const list = (part) => {
  const made = element(part.style === 'ordered' ? 'ol' : 'ul', '', ...(part.elements ?? []).map((item) => element('li', '', ...inline(item))));
  const indent = Math.min(8, Math.max(0, Number(part.indent) || 0));
  made.dataset.indent = String(indent);
  if (part.style === 'ordered' && Number(part.offset) > 0) made.start = Number(part.offset) + 1;
  return part.border ? element('blockquote', '', made) : made;
};

const parts = {
  rich_text_section: (part) => element('div', '', ...inline(part)),
  rich_text_list: list,
  rich_text_quote: (part) => element('blockquote', '', ...inline(part)),
  // In a fence a link is its text, as it would be copied.
  rich_text_preformatted: (part) => element('pre', '', ...inline(part)),
};

export const richText = (block) =>
  (Array.isArray(block?.elements) ? block.elements : []).map((part) => (Object.hasOwn(parts, part?.type) ? parts[part.type](part) : leaf(part)));
