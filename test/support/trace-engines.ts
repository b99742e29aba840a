import { createHash } from 'node:crypto';
import { access, chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from '../../src/demo/engine-run.ts';

/** A real store of traces, or why there is none, in words for the name of the suite that is skipped without it. */
type TraceEngine = { readonly path: string } | { readonly missing: string };

const cacheDir = join(homedir(), '.cache', 'edgewise', 'engines');

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** One line of a program's complaint: the last that says something. */
const complaint = (text: string): string => text.split('\n').findLast((line) => line.trim() !== '') ?? 'no words';

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** One process at a time does this; the others wait for it. Who died in it is not waited for. */
const alone = async <T>(file: string, work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      await writeFile(file, `${process.pid}`, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
      // An empty file is one that is being written.
      if (owner > 0 && !isRunning(owner)) await rm(file, { force: true });
      await wait(500);
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};

/** The file that a variable names, else that of the cache, else what `make` puts there (the reason, where it cannot); made once for all. */
const found = async (
  name: string,
  variable: string,
  [folder, file]: readonly [string, string],
  make: (path: string, scratch: string) => Promise<string | null>,
): Promise<TraceEngine> => {
  const named = process.env[variable];
  if (named) return (await isThere(named)) ? { path: named } : { missing: `${variable} names ${named}, which is not there` };
  const path = join(cacheDir, folder, file);
  if (await isThere(path)) return { path };
  if (!process.env['EDGEWISE_FETCH']) return { missing: `EDGEWISE_FETCH does not allow to fetch ${name}` };
  const fetched = async (): Promise<TraceEngine> => {
    if (await isThere(path)) return { path };
    const scratch = await mkdtemp(join(cacheDir, `.fetch-${folder}-`));
    try {
      process.stderr.write(`fetching ${name} into ${path}\n`);
      const made = join(scratch, file);
      const why = await make(made, scratch);
      if (why !== null) return { missing: `${name}: ${why}` };
      await mkdir(join(cacheDir, folder), { recursive: true });
      await rename(made, path);
      return { path };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
  try {
    await mkdir(cacheDir, { recursive: true });
    return await alone(join(cacheDir, `.fetch-${folder}.pid`), fetched);
  } catch (error) {
    return { missing: `${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
};

export const zipkinVersion = '3.6.1';
const zipkinSha256 = '981b1de6139b4f8f787a909c308028732f9713ae5284353d2a5aa404d1094775';

/** Zipkin's small server, a Java archive of Maven's central repository (openzipkin/zipkin, zipkin-server/README.md). */
export const findZipkin = (): Promise<TraceEngine> =>
  found(
    `Zipkin ${zipkinVersion}`,
    'EDGEWISE_ZIPKIN',
    [`zipkin-${zipkinVersion}`, 'zipkin-server-slim.jar'],
    async (path, scratch) => {
      if (!(await run('java', ['-version'])).ok) return 'there is no Java here';
      if (!(await run('mvn', ['--version'])).ok) return 'there is no Maven here';
      const artifact = `-Dartifact=io.zipkin:zipkin-server:${zipkinVersion}:jar:slim`;
      const copied = await run('mvn', ['-q', '-B', 'dependency:copy', artifact, `-DoutputDirectory=${scratch}`], {
        cwd: scratch,
        timeoutMs: 300_000,
      });
      if (!copied.ok) return `Maven could not fetch it (${complaint(copied.text)})`;
      const jar = join(scratch, `zipkin-server-${zipkinVersion}-slim.jar`);
      const sum = createHash('sha256')
        .update(await readFile(jar))
        .digest('hex');
      if (sum !== zipkinSha256) return `the archive has the SHA-256 ${sum}, not ${zipkinSha256}`;
      await rename(jar, path);
      return null;
    },
  );

export const jaegerVersion = 'v1.76.0';
const jaegerModule = 'github.com/jaegertracing/jaeger';

/**
 * Jaeger as Go's module proxy has it: 1.76.0 of the module is 2.13.0 of the program. `go install` refuses a module that replaces others, so that
 * a module of our own asks for it; the sums of what it needs come with it, in its own go.sum.
 */
const buildJaeger = async (path: string, scratch: string): Promise<string | null> => {
  // One thing at a time, after everybody else: what is tested or measured meanwhile must not feel it.
  const environment = { GOFLAGS: '-p=1', GOMAXPROCS: '1' };
  const go = (timeoutMs: number, ...words: readonly string[]) =>
    run('nice', ['-n', '19', 'go', ...words], { cwd: scratch, timeoutMs, environment });
  if (!(await run('go', ['version'])).ok) return 'there is no Go here';
  const sarama = 'github.com/Shopify/sarama';
  await go(60_000, 'mod', 'init', 'lab');
  await go(60_000, 'mod', 'edit', `-replace=${sarama}=${sarama}@v1.33.0`, `-require=${jaegerModule}@${jaegerVersion}`);
  const downloaded = await go(300_000, 'mod', 'download', '-json', `${jaegerModule}@${jaegerVersion}`);
  if (!downloaded.ok) return `Go could not fetch it (${complaint(downloaded.text)})`;
  const { Dir } = JSON.parse(downloaded.text) as { readonly Dir: string };
  await copyFile(join(Dir, 'go.sum'), join(scratch, 'go.sum'));
  await chmod(join(scratch, 'go.sum'), 0o644);
  const got = await go(600_000, 'get', `${jaegerModule}/cmd/jaeger@${jaegerVersion}`);
  if (!got.ok) return `Go could not fetch what it needs (${complaint(got.text)})`;
  const built = await go(3_600_000, 'build', '-trimpath', '-ldflags=-s -w', '-o', path, `${jaegerModule}/cmd/jaeger`);
  return built.ok ? null : `it could not be built (${complaint(built.text)})`;
};

/** Jaeger, built once: minutes of a processor, and not for every test run. */
export const findJaeger = (): Promise<TraceEngine> =>
  found(`Jaeger ${jaegerVersion}`, 'EDGEWISE_JAEGER', [`jaeger-${jaegerVersion.slice(1)}`, 'jaeger'], buildJaeger);
