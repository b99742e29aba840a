/** Compiles the release into `dist` (or the folder named): what plain Node runs, without the demo and the workspace. `node .ci/build.ts [folder]` */
import { spawnSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(process.argv[2] ?? join(root, 'dist'));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

rmSync(folder, { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder], {
  cwd: root,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// cli.ts names them in import(), so the compiler follows; the release does not have them.
for (const workshop of ['demo', 'workspace']) rmSync(join(folder, workshop), { recursive: true, force: true });
for (const entry of ['entry.cjs', 'start.cjs']) copyFileSync(join(root, 'src', entry), join(folder, entry));
// initdb takes seconds and 550 MiB: done here once, a release unpacks its result when it starts for the first time.
const engine = await PGlite.create();
const empty = await engine.dumpDataDir('gzip');
writeFileSync(join(folder, 'adapters/store/empty.tar.gz'), new Uint8Array(await empty.arrayBuffer()));
await engine.close();
process.stdout.write(`built ${folder}\n`);
