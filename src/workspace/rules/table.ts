/** The table block (docs.slack.dev/reference/block-kit/blocks/table-block). */
import { each, isObject, type Json, length, listProblems, oneOfProblems, type Problems, strangerProblems } from './problem.ts';
import { richTextProblems } from './rich-text.ts';

const cellProblems = (pointer: string, cell: unknown): Problems => {
  if (!isObject(cell)) return [{ pointer, problem: 'must be raw_text, raw_number or rich_text with text' }];
  if (cell['type'] === 'raw_text')
    return [
      ...(length(cell['text']) < 1 ? [{ pointer: `${pointer}/text`, problem: 'must be at least 1 character' }] : []),
      ...strangerProblems(pointer, cell, ['text']),
    ];
  if (cell['type'] === 'raw_number')
    return [
      ...(Number.isFinite(cell['value']) ? [] : [{ pointer: `${pointer}/value`, problem: 'must be a number' }]),
      ...strangerProblems(pointer, cell, ['value', 'text']),
    ];
  if (cell['type'] === 'rich_text') return richTextProblems(pointer, cell);
  return [{ pointer, problem: 'must be raw_text, raw_number or rich_text with text' }];
};

const columnProblems = (pointer: string, column: unknown): Problems => {
  // A column without settings of its own is null where a later one has some.
  if (column === null) return [];
  if (!isObject(column)) return [{ pointer, problem: 'must be column settings' }];
  return [
    ...oneOfProblems(pointer, column, 'align', ['left', 'center', 'right']),
    ...oneOfProblems(pointer, column, 'is_wrapped', [true, false]),
    ...strangerProblems(pointer, column, ['align', 'is_wrapped']),
  ];
};

export const tableProblems = (pointer: string, block: Json): Problems => [
  ...listProblems(`${pointer}/rows`, block['rows'], 1, 100),
  ...each(`${pointer}/rows`, block['rows'], (at, row) => [...listProblems(at, row, 1, 20), ...each(at, row, cellProblems)]),
  ...(block['column_settings'] === undefined
    ? []
    : [
        ...listProblems(`${pointer}/column_settings`, block['column_settings'], 0, 20),
        ...each(`${pointer}/column_settings`, block['column_settings'], columnProblems),
      ]),
];
