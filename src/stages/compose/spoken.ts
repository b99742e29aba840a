import type { Block, Message } from '../../domain/message.ts';

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** mrkdwn for a terminal: links as "label (address)", dates as their fallback, no marks. */
const plain = (text: string): string =>
  text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, '$2 ($1)')
    .replace(/\u2060/g, '')
    .replace(/(^|[\s(])[*_]([^*_\n]+)[*_](?=[\s).,:;]|$)/gm, '$1$2')
    .replace(/&(?:amp|lt|gt);/g, (entity) => entities[entity] ?? entity);

const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'text' in value ? String(value.text) : '';

type TableBlock = {
  readonly column_settings: readonly { readonly align: string }[];
  readonly rows: readonly (readonly { readonly text: string }[])[];
};

const tableText = ({ rows, column_settings: columns }: TableBlock): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.text.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map(({ text }, column) =>
          columns[column]?.align === 'right' ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

const blockText = (block: Block): string => {
  if (block.type === 'table') return tableText(block as unknown as TableBlock);
  if (block.type === 'context') return (block['elements'] as readonly unknown[]).map(textOf).map(plain).join('  ');
  return plain(textOf(block['text']));
};

/** A message as a terminal shows it. */
export const spoken = (message: Message): string =>
  message.blocks.length === 0
    ? plain(message.text)
    : message.blocks
        .map(blockText)
        .filter((text) => text !== '')
        .join('\n\n');
