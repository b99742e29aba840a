/** Interactive elements where they stand in blocks: Slack gives an id to each block and element that came without one. */
import type { Block } from './state.ts';

type Json = Readonly<Record<string, unknown>>;
type Standing = { readonly blockId: string; readonly element: Json };

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const withActionId = (element: Json, made: string): Json => ({ ...element, action_id: element['action_id'] ?? made });

/** The same blocks, each with its ids; `seed` makes those that are not given. */
export const withIds = (blocks: readonly Block[], seed: string): readonly Block[] =>
  blocks.map((block, index) => {
    const id = `${seed}-${index}`;
    const made = { ...block, block_id: block['block_id'] ?? id };
    if (['actions', 'context_actions'].includes(String(block['type'])))
      return { ...made, elements: listOf(block['elements']).map((element, at) => withActionId(element, `${id}-${at}`)) };
    if (isJson(block['element'])) return { ...made, element: withActionId(block['element'], `${id}-0`) };
    const { accessory } = block;
    return isJson(accessory) && accessory['type'] !== 'image' ? { ...made, accessory: withActionId(accessory, `${id}-0`) } : made;
  });

const elementsOf = (block: Block): readonly Json[] => {
  if (['actions', 'context_actions'].includes(String(block['type']))) return listOf(block['elements']);
  if (isJson(block['element'])) return [block['element']];
  return isJson(block['accessory']) && block['accessory']['type'] !== 'image' ? [block['accessory']] : [];
};

/** Every interactive element of blocks that have their ids. */
export const standing = (blocks: readonly Block[]): readonly Standing[] =>
  blocks.flatMap((block) => elementsOf(block).map((element) => ({ blockId: String(block['block_id']), element })));

/** An element by its action, in one block where the action stands in several. */
export const elementAt = (blocks: readonly Block[], actionId: string, blockId: string | undefined): Standing | undefined =>
  standing(blocks).find((one) => one.element['action_id'] === actionId && (blockId === undefined || one.blockId === blockId));
