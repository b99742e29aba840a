import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = resolve('.ci/notices.ts');
let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'edgewise-notices-'));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A repository with these packages in its lock file. */
const lock = (packages: Record<string, object>): void =>
  writeFileSync(join(place, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }));
const notices = (...words: string[]) => spawnSync(process.execPath, [script, ...words], { cwd: place, encoding: 'utf8' });
const good = { 'node_modules/good': { version: '1.0.0', license: 'MIT' } };

describe('THIRD_PARTY_NOTICES', () => {
  it('are fresh after they were written, and stale after a package came', () => {
    lock(good);
    expect(notices('--write')).toMatchObject({ status: 0 });
    expect(notices()).toMatchObject({ status: 0, stdout: 'notices: 1 packages, 0 unknown licences\n' });
    lock({ ...good, 'node_modules/other': { version: '2.0.0', license: 'ISC' } });
    expect(notices()).toMatchObject({ status: 1, stderr: 'notices: THIRD_PARTY_NOTICES is stale; run `npm run notices`\n' });
  });

  it.each([
    ['one that nobody has read', { version: '1.0.0', license: 'GPL-3.0-only' }, 'GPL-3.0-only'],
    ['none in the lock file', { version: '1.0.0' }, 'UNKNOWN'],
    ['one that only its manifest tells', { version: '1.0.0' }, 'SEE LICENSE IN EULA'],
  ])('fail the check for a licence: %s', (_name, entry, licence) => {
    mkdirSync(join(place, 'node_modules/bad'), { recursive: true });
    writeFileSync(
      join(place, 'node_modules/bad/package.json'),
      licence.startsWith('SEE') ? JSON.stringify({ license: licence }) : '{}',
    );
    lock({ ...good, 'node_modules/bad': entry });
    notices('--write');
    expect(notices()).toMatchObject({
      status: 1,
      stderr: `notices: bad 1.0.0 has licence "${licence}", which is not on the list in .ci/notices.ts\n`,
      stdout: 'notices: 2 packages, 1 unknown licences\n',
    });
  });

  it('do not speak of what is used in development only', () => {
    lock({ ...good, 'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true } });
    notices('--write');
    expect(notices()).toMatchObject({ status: 0, stdout: 'notices: 1 packages, 0 unknown licences\n' });
  });
});
