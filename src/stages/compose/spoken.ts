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

const tableText = (rows: readonly (readonly { readonly text: string }[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.text.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map(({ text }, column) => (column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
};

const blockText = (block: Block): string => {
  if (block.type === 'table') return tableText(block['rows'] as readonly (readonly { readonly text: string }[])[]);
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
