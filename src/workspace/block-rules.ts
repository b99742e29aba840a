/** Block Kit's documented limits (docs.slack.dev/reference/block-kit), as far as messages use them. Where two numbers are documented, the smaller. */

type Json = Readonly<Record<string, unknown>>;

/** Where a block is wrong, as Slack points to it, and the limit it broke. */
type Problem = { readonly pointer: string; readonly problem: string };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const length = (text: unknown): number => (typeof text === 'string' ? [...text].length : -1);

const textProblems = (pointer: string, value: unknown, kinds: readonly string[], max: number): readonly Problem[] => {
  if (!isObject(value)) return [{ pointer, problem: 'must be a text object' }];
  if (!kinds.includes(String(value['type'])))
    return [{ pointer: `${pointer}/type`, problem: `must be one of ${kinds.join(', ')}` }];
  const size = length(value['text']);
  if (size < 1) return [{ pointer: `${pointer}/text`, problem: 'must be at least 1 character' }];
  if (size > max) return [{ pointer: `${pointer}/text`, problem: `must be at most ${max} characters` }];
  if (value['type'] === 'mrkdwn' && 'emoji' in value) return [{ pointer: `${pointer}/emoji`, problem: 'is for plain_text only' }];
  return [];
};

const listProblems = (pointer: string, value: unknown, min: number, max: number): readonly Problem[] =>
  !Array.isArray(value) || value.length < min || value.length > max
    ? [{ pointer, problem: `must have ${min} to ${max} items` }]
    : [];

const each = (pointer: string, value: unknown, check: (at: string, item: unknown) => readonly Problem[]): readonly Problem[] =>
  Array.isArray(value) ? value.flatMap((item, index) => check(`${pointer}/${index}`, item)) : [];

type Files = (id: string) => 'ready' | 'processing' | 'missing';

const image = (pointer: string, block: Json, files: Files): readonly Problem[] => {
  const alt = length(block['alt_text']);
  const problems: Problem[] =
    alt < 1 || alt > 2000 ? [{ pointer: `${pointer}/alt_text`, problem: 'is required, at most 2000 characters' }] : [];
  const file = block['slack_file'];
  if ((file === undefined) === (block['image_url'] === undefined))
    return [...problems, { pointer, problem: 'needs either image_url or slack_file' }];
  if (file === undefined)
    return length(block['image_url']) > 3000
      ? [...problems, { pointer: `${pointer}/image_url`, problem: 'must be at most 3000 characters' }]
      : problems;
  if (!isObject(file) || 'id' in file === 'url' in file)
    return [...problems, { pointer: `${pointer}/slack_file`, problem: 'needs either id or url' }];
  return files(String(file['id'])) === 'ready'
    ? problems
    : [...problems, { pointer: `${pointer}/slack_file`, problem: 'invalid slack file' }];
};

const actions = (pointer: string, block: Json): readonly Problem[] => [
  ...listProblems(`${pointer}/elements`, block['elements'], 1, 25),
  ...each(`${pointer}/elements`, block['elements'], (at, element) => {
    if (!isObject(element)) return [{ pointer: at, problem: 'must be an element' }];
    if (element['type'] !== 'button') return [];
    return [
      ...textProblems(`${at}/text`, element['text'], ['plain_text'], 75),
      ...(length(element['value']) > 2000 ? [{ pointer: `${at}/value`, problem: 'must be at most 2000 characters' }] : []),
      ...(length(element['action_id']) > 255 ? [{ pointer: `${at}/action_id`, problem: 'must be at most 255 characters' }] : []),
    ];
  }),
];

const table = (pointer: string, block: Json): readonly Problem[] => [
  ...listProblems(`${pointer}/rows`, block['rows'], 1, 100),
  ...each(`${pointer}/rows`, block['rows'], (at, row) => [
    ...listProblems(at, row, 1, 20),
    ...each(at, row, (cellAt, cell) =>
      isObject(cell) &&
      ['raw_text', 'raw_number', 'rich_text'].includes(String(cell['type'])) &&
      (cell['type'] !== 'raw_text' || length(cell['text']) >= 1)
        ? []
        : [{ pointer: cellAt, problem: 'must be raw_text, raw_number or rich_text with text' }],
    ),
  ]),
  ...(block['column_settings'] === undefined ? [] : listProblems(`${pointer}/column_settings`, block['column_settings'], 0, 20)),
];

const section = (pointer: string, block: Json): readonly Problem[] => {
  if (block['text'] === undefined && block['fields'] === undefined) return [{ pointer, problem: 'needs text or fields' }];
  return [
    ...(block['text'] === undefined ? [] : textProblems(`${pointer}/text`, block['text'], ['mrkdwn', 'plain_text'], 3000)),
    ...(block['fields'] === undefined
      ? []
      : [
          ...listProblems(`${pointer}/fields`, block['fields'], 1, 10),
          ...each(`${pointer}/fields`, block['fields'], (at, field) => textProblems(at, field, ['mrkdwn', 'plain_text'], 2000)),
        ]),
  ];
};

const context = (pointer: string, block: Json, files: Files): readonly Problem[] => [
  ...listProblems(`${pointer}/elements`, block['elements'], 1, 10),
  ...each(`${pointer}/elements`, block['elements'], (at, element) =>
    isObject(element) && element['type'] === 'image'
      ? image(at, element, files)
      : textProblems(at, element, ['mrkdwn', 'plain_text'], 3000),
  ),
];

/** What a block may hold beside `type` and `block_id`; Slack refuses every other property. */
const properties: Readonly<Record<string, readonly string[]>> = {
  header: ['text', 'level'],
  section: ['text', 'fields', 'accessory', 'expand'],
  context: ['elements'],
  divider: [],
  image: ['image_url', 'slack_file', 'alt_text', 'title'],
  actions: ['elements'],
  table: ['rows', 'column_settings'],
  rich_text: ['elements'],
  markdown: ['text'],
};

const strangers = (pointer: string, block: Json): readonly Problem[] =>
  Object.keys(block)
    .filter((name) => !['type', 'block_id', ...(properties[String(block['type'])] ?? [])].includes(name))
    .map((name) => ({ pointer, problem: `invalid additional property: ${name.slice(0, 40)}` }));

const twice = (blocks: readonly unknown[]): readonly Problem[] => {
  const ids = blocks.flatMap((block) => (isObject(block) && typeof block['block_id'] === 'string' ? [block['block_id']] : []));
  return ids.length === new Set(ids).size ? [] : [{ pointer: '/blocks', problem: 'block_id must be unique' }];
};

const checks: Readonly<Record<string, (pointer: string, block: Json, files: Files) => readonly Problem[]>> = {
  header: (pointer, block) => textProblems(`${pointer}/text`, block['text'], ['plain_text'], 150),
  section,
  context,
  divider: () => [],
  image,
  actions,
  table,
  rich_text: (pointer, block) => listProblems(`${pointer}/elements`, block['elements'], 1, 1000),
  markdown: (pointer, block) =>
    length(block['text']) > 12_000 ? [{ pointer: `${pointer}/text`, problem: 'must be at most 12000 characters' }] : [],
  input: (pointer) => [{ pointer, problem: 'is not for messages' }],
};

/** Everything that is wrong with the blocks of a message. */
export const blockProblems = (blocks: unknown, files: Files): readonly Problem[] => {
  if (!Array.isArray(blocks)) return [{ pointer: '/blocks', problem: 'must be a list' }];
  if (blocks.length > 50) return [{ pointer: '/blocks', problem: 'must have at most 50 blocks' }];
  const tables = blocks.filter((block) => isObject(block) && block['type'] === 'table').length;
  return [
    ...twice(blocks),
    ...(tables > 1 ? [{ pointer: '/blocks', problem: 'only_one_table_allowed' }] : []),
    ...blocks.flatMap((block, index): readonly Problem[] => {
      const pointer = `/blocks/${index}`;
      if (!isObject(block)) return [{ pointer, problem: 'must be a block' }];
      const check = checks[String(block['type'])];
      if (!check || !Object.hasOwn(checks, String(block['type'])))
        return [{ pointer: `${pointer}/type`, problem: `unsupported type: ${String(block['type']).slice(0, 40)}` }];
      const id = block['block_id'];
      return [
        ...(id !== undefined && length(id) > 255
          ? [{ pointer: `${pointer}/block_id`, problem: 'must be at most 255 characters' }]
          : []),
        ...strangers(pointer, block),
        ...check(pointer, block, files),
      ];
    }),
  ];
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
