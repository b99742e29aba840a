import { access, constants, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Log } from '../ports.ts';
import { debianPackage } from './engine-debian.ts';
import type { EnginePackage, FetchOptions } from './engine-package.ts';
import { releaseArchive } from './engine-release.ts';
import { run } from './engine-run.ts';

/** A real program that the demo and the tests run against. */
export type EngineName = 'prometheus' | 'promtool' | 'alertmanager' | 'amtool';

/** The program, or why it cannot be had, in words for the one who is told that a suite was skipped. */
type Engine = { readonly path: string } | { readonly missing: string };

type FindOptions = {
  /** Default: `~/.cache/edgewise/engines`. */
  readonly cacheDir?: string;
  /** Where PATH and EDGEWISE_PROMETHEUS, EDGEWISE_PROMTOOL … are read; default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly log?: Log;
  /** Ends a fetch that is under way. */
  readonly signal?: AbortSignal | undefined;
};

const packageOf: Readonly<Record<EngineName, EnginePackage>> = {
  prometheus: 'prometheus',
  promtool: 'prometheus',
  alertmanager: 'alertmanager',
  amtool: 'alertmanager',
};

/** Debian calls Alertmanager's program by its package; a release archive has its programs at the top. */
const filesOf: Readonly<Record<EngineName, readonly string[]>> = {
  prometheus: ['usr/bin/prometheus', 'prometheus'],
  promtool: ['usr/bin/promtool', 'promtool'],
  alertmanager: ['usr/bin/prometheus-alertmanager', 'alertmanager'],
  amtool: ['usr/bin/amtool', 'amtool'],
};

const isProgram = async (path: string): Promise<boolean> => {
  if (
    !(await access(path, constants.X_OK).then(
      () => true,
      () => false,
    ))
  )
    return false;
  // It must also be of this machine's kind: a cache may have been carried over from another one.
  return (await run(path, ['--version'])).ok;
};

const firstProgram = async (paths: readonly string[]): Promise<string | null> => {
  for (const path of paths) if (await isProgram(path)) return path;
  return null;
};

const onPath = (name: EngineName, path: string): Promise<string | null> => {
  const words = name === 'alertmanager' ? ['alertmanager', 'prometheus-alertmanager'] : [name];
  return firstProgram(
    path
      .split(delimiter)
      .filter(Boolean)
      .flatMap((folder) => words.map((word) => join(folder, word))),
  );
};

const cached = async (name: EngineName, cacheDir: string): Promise<string | null> => {
  const prefix = `${packageOf[name]}-`;
  const folders = (await readdir(cacheDir).catch(() => []))
    .filter((folder) => folder.startsWith(prefix))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return firstProgram(folders.flatMap((folder) => filesOf[name].map((file) => join(cacheDir, folder, file))));
};

/** One fetch a package and cache in this process; other processes meet at the atomic rename. */
const fetching = new Map<string, Promise<readonly string[]>>();

const fetchPackage = async (name: EnginePackage, cacheDir: string, options: FetchOptions): Promise<readonly string[]> => {
  await mkdir(cacheDir, { recursive: true });
  const fromDebian = await debianPackage(name, cacheDir, options);
  if (fromDebian === null || options.signal?.aborted) return [];
  const fromRelease = await releaseArchive(name, cacheDir, options);
  return fromRelease === null ? [] : [fromDebian, fromRelease];
};

const fetchOnce = (name: EnginePackage, cacheDir: string, options: FetchOptions): Promise<readonly string[]> => {
  const key = join(cacheDir, name);
  const pending = fetching.get(key) ?? fetchPackage(name, cacheDir, options).finally(() => fetching.delete(key));
  fetching.set(key, pending);
  return pending;
};

/**
 * Finds an engine: the path that EDGEWISE_<NAME> names, else PATH, else the cache, else Debian's package unpacked into
 * the cache (no root needed), else the official release by pinned version and checksum. Never throws.
 */
export const findEngine = async (name: EngineName, options: FindOptions = {}): Promise<Engine> => {
  const {
    environment = process.env,
    cacheDir = join(homedir(), '.cache', 'edgewise', 'engines'),
    log = () => undefined,
    signal,
  } = options;
  const variable = `EDGEWISE_${name.toUpperCase()}`;
  const named = environment[variable];
  if (named) {
    return (await isProgram(named)) ? { path: named } : { missing: `${variable} names ${named}, which does not run here` };
  }
  // A tool is looked for beside its program first: one that is named is seldom alone.
  const program = environment[`EDGEWISE_${packageOf[name].toUpperCase()}`];
  const beside = program ? [join(dirname(program), name)] : [];
  const here = (await firstProgram(beside)) ?? (await onPath(name, environment['PATH'] ?? '')) ?? (await cached(name, cacheDir));
  if (here !== null) return { path: here };
  try {
    const reasons = await fetchOnce(packageOf[name], cacheDir, { log, signal });
    const fetched = await cached(name, cacheDir);
    if (fetched !== null) return { path: fetched };
    return { missing: [`${name} is not on PATH`, ...reasons, `install it or set ${variable} to its path`].join('; ') };
  } catch (error) {
    return {
      missing: `${name} could not be unpacked into ${cacheDir}: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
};
