import { entries } from './entries.ts';
import { type Entry, everyCommand } from './entry.ts';

/** .env.example, generated: a test fails when it is stale. */
export const envExample = (): string => {
  const lines = [
    '# Settings of Edgewise. Every secret may also come from a file: NAME_FILE=/path. An empty value is an unset one.',
    '# Made from src/config/entries.ts by `npm run env`.',
  ];
  let group = '';
  for (const { group: next, name, says, kind, example, fallback, isSecret, neededBy } of entries) {
    if (next !== group) lines.push('', `# ${next}`);
    group = next;
    const facts = [
      `${says}: ${kind.expected}`,
      ...(fallback === null ? [] : [`default ${fallback}`]),
      ...(neededBy.length > 0 ? ['needed'] : []),
      ...(isSecret ? [`or ${name}_FILE`] : []),
    ];
    lines.push(`# ${facts.join('; ')}`, `${neededBy.length > 0 ? '' : '#'}${name}=${fallback ?? example}`);
  }
  return `${lines.join('\n')}\n`;
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = ({ name, says, kind, fallback, isSecret, neededBy, usedBy }: Entry): string => {
  const standing = neededBy.length === 0 ? (fallback === null ? '' : `\`${fallback}\``) : `needed by ${neededBy.join(', ')}`;
  const used = everyCommand.every((command) => usedBy.includes(command)) ? 'all' : usedBy.join(', ');
  return `| \`${name}\`${isSecret ? ' ◆' : ''} | ${cell(says)} | ${cell(kind.expected)} | ${standing} | ${used} |`;
};

/** The table of docs/configuration.md, generated from the same entries. */
export const settingsTable = (): string =>
  [...new Set(entries.map(({ group }) => group))]
    .map((group) =>
      [
        `### ${group}`,
        '',
        '| setting | what it is | expected | default | used by |',
        '|---|---|---|---|---|',
        ...entries.filter((entry) => entry.group === group).map(row),
      ].join('\n'),
    )
    .join('\n\n');

const [begin, end] = ['<!-- settings: made by `npm run env` -->', '<!-- end of settings -->'] as const;

/** docs/configuration.md with the table of now between its marks. */
export const withTable = (page: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  return from < 0 || to < from ? page : `${page.slice(0, from + begin.length)}\n\n${settingsTable()}\n\n${page.slice(to)}`;
};
