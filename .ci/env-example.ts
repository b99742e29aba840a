/** Makes .env.example from the table of settings: `node .ci/env-example.ts --write`; without it, fails when the file is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { envExample } from '../src/config/example.ts';

if (process.argv.includes('--write')) writeFileSync('.env.example', envExample());
else if (readFileSync('.env.example', 'utf8') !== envExample()) {
  process.stderr.write('.env.example is stale; run `npm run env`\n');
  process.exitCode = 1;
}
