/**
 * Makes .env.example, and the tables of docs/configuration.md, from the table of settings: `node .ci/env-example.ts --write`;
 * without it, fails when either is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample, withTable } from '../src/config/example.ts';

const guide = 'docs/configuration.md';
const made = [
  { file: '.env.example', text: envExample() },
  { file: guide, text: withTable(readFileSync(guide, 'utf8')) },
];
for (const { file, text } of made) {
  if (process.argv.includes('--write')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is stale; run \`npm run env\`\n`);
    process.exitCode = 1;
  }
}
