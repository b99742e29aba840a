import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnginePackage, type FetchOptions, settle } from './engine-package.ts';
import { run } from './engine-run.ts';

const packages: Readonly<Record<EnginePackage, string>> = { prometheus: 'prometheus', alertmanager: 'prometheus-alertmanager' };

/** `2.42.0+ds-5+deb12u1` → `2.42.0`. */
const upstream = (version: string): string => version.replace(/^\d+:/, '').split(/[+~-]/)[0] ?? version;

/** Downloads with the lists of the machine; where they are empty, with fresh lists of our own (neither needs root). */
const download = async (name: string, folder: string, { log, signal }: FetchOptions): Promise<string | null> => {
  const direct = await run('apt-get', ['download', '-q', name], { cwd: folder, signal });
  if (direct.ok) return null;
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const own = ['-q', '-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`];
  log('info', 'reading package lists', { package: name });
  const updated = await run('apt-get', [...own, 'update'], { cwd: folder, signal });
  const second = updated.ok ? await run('apt-get', [...own, 'download', name], { cwd: folder, signal }) : updated;
  return second.ok ? null : (second.text.split('\n').at(-1) ?? 'apt-get failed');
};

/** Where Debian's build of Alertmanager and amtool looks for its own templates, whatever the command line says. */
const builtInFolder = '/usr/share/prometheus/alertmanager';

/**
 * Makes an unpacked program find its templates beside itself: the path in our copy becomes a file descriptor (same
 * length, since `//` means `/`), which a two-line starter opens. Without this the package runs only where it is installed.
 */
const relocate = async (root: string, program: string): Promise<void> => {
  const path = join(root, 'usr', 'bin', program);
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null || !bytes.includes(builtInFolder)) return;
  const elsewhere = Buffer.from('/proc/self/fd/9'.padEnd(builtInFolder.length, '/'));
  for (let at = bytes.indexOf(builtInFolder); at !== -1; at = bytes.indexOf(builtInFolder, at)) elsewhere.copy(bytes, at);
  await writeFile(`${path}.relocated`, bytes, { mode: 0o755 });
  await rm(path);
  const here = '"$(dirname "$0")"';
  const starter = `#!/bin/sh\nexec 9<${here}/../share/prometheus/alertmanager\nexec ${here}/${program}.relocated "$@"\n`;
  await writeFile(path, starter, { mode: 0o755 });
};

/**
 * Unpacks Debian's package into `<cacheDir>/<name>-<version>`; apt checks signature and checksum. Returns null on
 * success, else the reason. Throws only when the cache cannot be written.
 */
export const debianPackage = async (name: EnginePackage, cacheDir: string, options: FetchOptions): Promise<string | null> => {
  if (!(await run('apt-get', ['--version'])).ok || !(await run('dpkg', ['--version'])).ok) return 'this is not a Debian';
  const folder = await mkdtemp(join(cacheDir, `.fetch-${name}-`));
  try {
    options.log('info', 'fetching a Debian package', { package: packages[name] });
    const why = await download(packages[name], folder, options);
    if (why !== null) return `Debian's package ${packages[name]} could not be downloaded (${why})`;
    const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) return `apt-get left no package of ${packages[name]}`;
    const version = await run('dpkg-deb', ['-f', join(folder, archive), 'Version']);
    const unpacked = await run('dpkg', ['-x', join(folder, archive), join(folder, 'root')]);
    if (!unpacked.ok || !version.ok) return `${archive} could not be unpacked (${unpacked.text || version.text})`;
    for (const program of ['prometheus-alertmanager', 'amtool']) await relocate(join(folder, 'root'), program);
    await settle(join(folder, 'root'), join(cacheDir, `${name}-${upstream(version.text)}`));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
