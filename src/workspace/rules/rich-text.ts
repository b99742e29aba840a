/** The rich_text block (docs.slack.dev/reference/block-kit/blocks/rich-text-block): parts, and the leaves in them. */
import { each, isObject, type Json, numberProblems, oneOfProblems, type Problems, strangerProblems } from './problem.ts';

/** What each leaf needs, and what else it may have. */
const leaves: Readonly<Record<string, readonly [needed: string, ...others: readonly string[]]>> = {
  text: ['text'],
  link: ['url', 'text', 'unsafe'],
  user: ['user_id'],
  channel: ['channel_id'],
  usergroup: ['usergroup_id'],
  broadcast: ['range'],
  emoji: ['name', 'skin_tone', 'unicode', 'url'],
  date: ['timestamp', 'format', 'url', 'fallback'],
  color: ['value'],
  team: ['team_id'],
};
const styles = ['bold', 'italic', 'strike', 'code', 'underline', 'highlight', 'client_highlight', 'unlink'];

const styleProblems = (pointer: string, { style }: Json): Problems => {
  if (style === undefined) return [];
  if (!isObject(style)) return [{ pointer: `${pointer}/style`, problem: 'must be an object' }];
  return strangerProblems(`${pointer}/style`, style, styles);
};

const leafProblems = (pointer: string, leaf: unknown): Problems => {
  if (!isObject(leaf)) return [{ pointer, problem: 'must be an element' }];
  const type = String(leaf['type']);
  const names = Object.hasOwn(leaves, type) ? leaves[type] : undefined;
  if (!names) return [{ pointer: `${pointer}/type`, problem: `unsupported type: ${type.slice(0, 40)}` }];
  const [needed] = names;
  const value = leaf[needed];
  const isThere = needed === 'timestamp' ? Number.isInteger(value) : typeof value === 'string' && value !== '';
  return [
    ...(isThere ? [] : [{ pointer: `${pointer}/${needed}`, problem: 'is required' }]),
    ...(type === 'date' && typeof leaf['format'] !== 'string' ? [{ pointer: `${pointer}/format`, problem: 'is required' }] : []),
    ...(type === 'broadcast' ? oneOfProblems(pointer, leaf, 'range', ['here', 'channel', 'everyone']) : []),
    ...styleProblems(pointer, leaf),
    ...strangerProblems(pointer, leaf, [...names, 'style']),
  ];
};

const inline = (pointer: string, part: Json): Problems =>
  Array.isArray(part['elements'])
    ? each(`${pointer}/elements`, part['elements'], leafProblems)
    : [{ pointer: `${pointer}/elements`, problem: 'must be a list' }];

const list = (pointer: string, part: Json): Problems => [
  ...(part['style'] === undefined ? [{ pointer: `${pointer}/style`, problem: 'is required' }] : []),
  ...oneOfProblems(pointer, part, 'style', ['bullet', 'ordered']),
  ...numberProblems(pointer, part, 'indent', 0, 8),
  ...numberProblems(pointer, part, 'offset', 0, 1_000_000),
  ...(Array.isArray(part['elements'])
    ? each(`${pointer}/elements`, part['elements'], (at, item) =>
        isObject(item) && item['type'] === 'rich_text_section'
          ? inline(at, item)
          : [{ pointer: `${at}/type`, problem: 'must be one of rich_text_section' }],
      )
    : [{ pointer: `${pointer}/elements`, problem: 'must be a list' }]),
];

const parts: Readonly<Record<string, { readonly properties: readonly string[]; readonly check: typeof inline }>> = {
  rich_text_section: { properties: [], check: inline },
  rich_text_list: { properties: ['style', 'indent', 'offset', 'border'], check: list },
  rich_text_quote: { properties: ['border'], check: inline },
  rich_text_preformatted: { properties: ['border', 'language'], check: inline },
};

/** The parts of a rich_text block, or of a cell that is one. */
export const richTextProblems = (pointer: string, block: Json): Problems => {
  if (!Array.isArray(block['elements']) || block['elements'].length === 0)
    return [{ pointer: `${pointer}/elements`, problem: 'must have at least 1 item' }];
  return each(`${pointer}/elements`, block['elements'], (at, part) => {
    if (!isObject(part)) return [{ pointer: at, problem: 'must be an element' }];
    const type = String(part['type']);
    const rule = Object.hasOwn(parts, type) ? parts[type] : undefined;
    if (!rule) return [{ pointer: `${at}/type`, problem: `unsupported type: ${type.slice(0, 40)}` }];
    return [...rule.check(at, part), ...strangerProblems(at, part, ['elements', ...rule.properties])];
  });
};
