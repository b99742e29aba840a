/** Block Kit's documented rules (docs.slack.dev/reference/block-kit), as far as Edgewise may use it; the parts are in rules/. */
import { blockRules } from './rules/layout.ts';
import {
  type Around,
  type Files,
  isObject,
  lengthProblems,
  type Problem,
  type Problems,
  type Surface,
  strangerProblems,
} from './rules/problem.ts';

const most: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };

const twice = (blocks: readonly unknown[]): Problems => {
  const ids = blocks.flatMap((block) => (isObject(block) && typeof block['block_id'] === 'string' ? [block['block_id']] : []));
  return ids.length === new Set(ids).size ? [] : [{ pointer: '/blocks', problem: 'block_id must be unique' }];
};

const ofType = (blocks: readonly unknown[], type: string): readonly unknown[] =>
  blocks.filter((block) => isObject(block) && block['type'] === type);

/** Limits of all blocks together. */
const together = (blocks: readonly unknown[]): Problems => {
  const markdown = ofType(blocks, 'markdown').reduce<number>((sum, block) => sum + blockTextLength(block), 0);
  return [
    ...twice(blocks),
    ...(ofType(blocks, 'table').length > 1 ? [{ pointer: '/blocks', problem: 'only_one_table_allowed' }] : []),
    ...(markdown > 12_000 ? [{ pointer: '/blocks', problem: 'markdown must be at most 12000 characters in all' }] : []),
  ];
};

const oneBlock = (pointer: string, block: unknown, around: Around): Problems => {
  if (!isObject(block)) return [{ pointer, problem: 'must be a block' }];
  const type = String(block['type']);
  const rule = Object.hasOwn(blockRules, type) ? blockRules[type] : undefined;
  if (!rule) return [{ pointer: `${pointer}/type`, problem: `unsupported type: ${type.slice(0, 40)}` }];
  if (!rule.surfaces.includes(around.surface)) return [{ pointer, problem: `${type} is not for a ${around.surface}` }];
  return [
    ...lengthProblems(pointer, block, 'block_id', 255),
    ...strangerProblems(pointer, block, ['block_id', ...rule.properties]),
    ...rule.check(pointer, block, around),
  ];
};

/** Everything that is wrong with the blocks of a message, a modal or a Home. */
export const blockProblems = (blocks: unknown, files: Files, surface: Surface = 'message'): readonly Problem[] => {
  if (!Array.isArray(blocks)) return [{ pointer: '/blocks', problem: 'must be a list' }];
  if (blocks.length > most[surface]) return [{ pointer: '/blocks', problem: `must have at most ${most[surface]} blocks` }];
  return [...together(blocks), ...blocks.flatMap((block, index) => oneBlock(`/blocks/${index}`, block, { files, surface }))];
};

/** The whole text of a message's blocks; Slack refuses about 13,200 characters (`msg_blocks_too_long`). */
export const blockTextLength = (blocks: unknown): number => {
  if (typeof blocks === 'string') return blocks.length;
  if (Array.isArray(blocks)) return blocks.reduce<number>((sum, block) => sum + blockTextLength(block), 0);
  if (!isObject(blocks)) return 0;
  return Object.entries(blocks).reduce(
    (sum, [name, value]) => sum + (name === 'text' || typeof value === 'object' ? blockTextLength(value) : 0),
    0,
  );
};
