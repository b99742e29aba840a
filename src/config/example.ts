import { entries } from './entries.ts';

/** .env.example, generated: a test fails when it is stale. */
export const envExample = (): string => {
  const lines = [
    '# Settings of Edgewise. Every secret may also come from a file: NAME_FILE=/path.',
    '# Made from src/config/entries.ts by `npm run env`.',
  ];
  let group = '';
  for (const { group: next, name, says, expected, example, fallback, isSecret, neededBy } of entries) {
    if (next !== group) lines.push('', `# ${next}`);
    group = next;
    const facts = [
      `${says}: ${expected}`,
      ...(fallback === null ? [] : [`default ${fallback}`]),
      ...(neededBy.length > 0 ? ['needed'] : []),
      ...(isSecret ? [`or ${name}_FILE`] : []),
    ];
    lines.push(`# ${facts.join('; ')}`, `${neededBy.length > 0 ? '' : '#'}${name}=${fallback ?? example}`);
  }
  return `${lines.join('\n')}\n`;
};
