/** Holds the boundaries: `node .ci/boundaries.ts [root]`. Fails on a breach, and when it saw fewer modules than there are. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';

const require = createRequire(import.meta.url);
const { forbidden, options } = require('../.dependency-cruiser.cjs');

/** Cruises `root`/src. Without a working parser the tool sees no module and calls that success, so what it did not see is part of the result. */
export const cruiseSource = async (root: string) => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .map((file) => `src/${file.replaceAll('\\', '/')}`);
  const { output } = await cruise(['src'], {
    ...options,
    baseDir: resolve(root),
    ruleSet: { forbidden, options },
    validate: true,
  });
  const result = output as ICruiseResult;
  const modules = new Set(result.modules.map(({ source }) => source));
  const unseen = files.filter((file) => !modules.has(file));
  return {
    files: files.length,
    unseen,
    breaches: result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    comments: new Map(forbidden.map((rule: { name: string; comment: string }) => [rule.name, rule.comment])),
  };
};

if (process.argv[1]?.endsWith('boundaries.ts')) {
  const { files, unseen, breaches, comments } = await cruiseSource(process.argv[2] ?? '.');
  for (const { rule, from, to } of breaches) process.stderr.write(`${rule}: ${from} → ${to}\n  ${comments.get(rule)}\n`);
  process.stdout.write(`boundaries: ${files - unseen.length} modules seen of ${files}, ${breaches.length} breaches\n`);
  if (unseen.length > 0) process.stderr.write(`boundaries: not seen, and so not checked: ${unseen.slice(0, 5).join(', ')}\n`);
  process.exitCode = breaches.length > 0 || unseen.length > 0 || files === 0 ? 1 : 0;
}
