/** Blocks (docs.slack.dev/reference/block-kit/blocks): what each may hold, and on which surfaces it may stand. */
import { anyText, maybeText, plainOnly, textProblems } from './composition.ts';
import { actionIdProblems, elementProblems, type Place } from './elements.ts';
import {
  type Around,
  each,
  isObject,
  type Json,
  length,
  lengthProblems,
  listProblems,
  numberProblems,
  oneOfProblems,
  type Problem,
  type Problems,
  type Surface,
} from './problem.ts';
import { richTextProblems } from './rich-text.ts';
import { tableProblems } from './table.ts';

const image = (pointer: string, block: Json, { files }: Around): Problems => {
  const alt = length(block['alt_text']);
  const problems: readonly Problem[] = [
    ...(alt < 1 || alt > 2000 ? [{ pointer: `${pointer}/alt_text`, problem: 'is required, at most 2000 characters' }] : []),
    ...maybeText(pointer, block, 'title', plainOnly, 2000),
  ];
  const file = block['slack_file'];
  if ((file === undefined) === (block['image_url'] === undefined))
    return [...problems, { pointer, problem: 'needs either image_url or slack_file' }];
  if (file === undefined) return [...problems, ...lengthProblems(pointer, block, 'image_url', 3000)];
  if (!isObject(file) || 'id' in file === 'url' in file)
    return [...problems, { pointer: `${pointer}/slack_file`, problem: 'needs either id or url' }];
  return files(String(file['id'])) === 'ready'
    ? problems
    : [...problems, { pointer: `${pointer}/slack_file`, problem: 'invalid slack file' }];
};

const elementsIn =
  (place: Place, most: number) =>
  (pointer: string, block: Json): Problems => [
    ...listProblems(`${pointer}/elements`, block['elements'], 1, most),
    ...each(`${pointer}/elements`, block['elements'], (at, element) => elementProblems(at, element, place)),
    ...actionIdProblems(`${pointer}/elements`, block['elements']),
  ];

const accessory = (pointer: string, block: Json, around: Around): Problems => {
  const part = block['accessory'];
  if (part === undefined) return [];
  const at = `${pointer}/accessory`;
  return isObject(part) && part['type'] === 'image' ? image(at, part, around) : elementProblems(at, part, 'section');
};

const section = (pointer: string, block: Json, around: Around): Problems => {
  if (block['text'] === undefined && block['fields'] === undefined) return [{ pointer, problem: 'needs text or fields' }];
  return [
    ...maybeText(pointer, block, 'text', anyText, 3000),
    ...(block['fields'] === undefined ? [] : listProblems(`${pointer}/fields`, block['fields'], 1, 10)),
    ...each(`${pointer}/fields`, block['fields'], (at, field) => textProblems(at, field, anyText, 2000)),
    ...accessory(pointer, block, around),
  ];
};

const context = (pointer: string, block: Json, around: Around): Problems => [
  ...listProblems(`${pointer}/elements`, block['elements'], 1, 10),
  ...each(`${pointer}/elements`, block['elements'], (at, element) =>
    isObject(element) && element['type'] === 'image' ? image(at, element, around) : textProblems(at, element, anyText, 3000),
  ),
];

const input = (pointer: string, block: Json): Problems => [
  ...textProblems(`${pointer}/label`, block['label'], plainOnly, 2000),
  ...maybeText(pointer, block, 'hint', plainOnly, 2000),
  ...oneOfProblems(pointer, block, 'optional', [true, false]),
  ...oneOfProblems(pointer, block, 'dispatch_action', [true, false]),
  ...elementProblems(`${pointer}/element`, block['element'], 'input'),
];

type Rule = {
  /** What the block may hold beside `type` and `block_id`. */
  readonly properties: readonly string[];
  readonly surfaces: readonly Surface[];
  readonly check: (pointer: string, block: Json, around: Around) => Problems;
};

const everywhere: readonly Surface[] = ['message', 'modal', 'home'];

/** The blocks that Edgewise may use; Slack has more. */
export const blockRules: Readonly<Record<string, Rule>> = {
  header: {
    properties: ['text', 'level'],
    surfaces: everywhere,
    check: (pointer, block) => [
      ...textProblems(`${pointer}/text`, block['text'], plainOnly, 150),
      ...numberProblems(pointer, block, 'level', 1, 4),
    ],
  },
  section: { properties: ['text', 'fields', 'accessory', 'expand'], surfaces: everywhere, check: section },
  context: { properties: ['elements'], surfaces: everywhere, check: context },
  divider: { properties: [], surfaces: everywhere, check: () => [] },
  image: { properties: ['image_url', 'slack_file', 'alt_text', 'title'], surfaces: everywhere, check: image },
  actions: { properties: ['elements'], surfaces: everywhere, check: elementsIn('actions', 25) },
  context_actions: { properties: ['elements'], surfaces: ['message'], check: elementsIn('context_actions', 5) },
  input: { properties: ['label', 'hint', 'optional', 'dispatch_action', 'element'], surfaces: everywhere, check: input },
  table: { properties: ['rows', 'column_settings'], surfaces: ['message', 'home'], check: tableProblems },
  rich_text: { properties: ['elements'], surfaces: everywhere, check: richTextProblems },
  markdown: {
    properties: ['text'],
    surfaces: ['message'],
    check: (pointer, block) =>
      length(block['text']) < 1
        ? [{ pointer: `${pointer}/text`, problem: 'must be at least 1 character' }]
        : lengthProblems(pointer, block, 'text', 12_000),
  },
  alert: {
    properties: ['text', 'level'],
    surfaces: ['modal'],
    check: (pointer, block) => [
      ...textProblems(`${pointer}/text`, block['text'], anyText, 200),
      ...oneOfProblems(pointer, block, 'level', ['default', 'info', 'warning', 'error', 'success']),
    ],
  },
};
