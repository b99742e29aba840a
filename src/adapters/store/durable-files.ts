import { closeSync, fdatasyncSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { unsupported } from './errors.ts';

type Stream = { readonly nfd?: number | null; readonly node: unknown };
type Module = { readonly NODEFS: { stream_ops: { fsync?: (stream: Stream) => number }; realPath: (node: unknown) => string } };

/** Makes a file's content durable; a directory's content is the names in it. */
const syncPath = (path: string): void => {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** A new file's name is durable only when its directory is. */
export const syncDirectory = (path: string): void => syncPath(path);

/** Everything below `path`; at once, so that the disk can take them together. */
const syncTree = async (path: string): Promise<void> => {
  const below = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(
    [path, ...below].map(async (each) => {
      const file = await open(each, 'r');
      await file.sync().finally(() => file.close());
    }),
  );
};

/** Makes a new data directory, from `empty` (PGlite's dump) or by initdb. Only the end needs to be durable, so only the end is synchronised. */
export const createDurable = async (directory: string, empty: Uint8Array<ArrayBuffer> | null): Promise<void> => {
  const engine = await PGlite.create({
    fs: new NodeFS(directory),
    ...(empty === null ? {} : { loadDataDir: new Blob([empty]) }),
  });
  await engine.close();
  await syncTree(directory);
};

/** WASI's `errno.io`. An exception would pass through PostgreSQL with its locks held; told so, it panics, as it must after a failed fsync. */
const ioError = 29;

/**
 * PGlite 0.5 starts with `-F`, and its file system has no fsync: a commit reaches the page cache only (electric-sql/pglite#1107).
 * This puts fdatasync where Emscripten asks for it, and counts, so that the start can prove that a commit reaches the disk.
 */
const durableFiles = (directory: string) => {
  const counter = { syncs: 0 };
  const named = new Set<string>();
  const files = new NodeFS(directory);
  const init = files.init.bind(files);
  files.init = async (...parameters: Parameters<typeof init>) => {
    const result = await init(...parameters);
    const sync = (module: unknown): void => {
      const { NODEFS } = module as Module;
      NODEFS.stream_ops.fsync = ({ nfd, node }) => {
        const path = NODEFS.realPath(node);
        counter.syncs += 1;
        try {
          if (nfd === undefined || nfd === null) syncDirectory(path);
          else fdatasyncSync(nfd);
          if (!named.has(path)) syncDirectory(dirname(path));
        } catch {
          return ioError;
        }
        named.add(path);
        return 0;
      };
    };
    const options = result.emscriptenOpts as { preRun?: unknown };
    options.preRun = [...((options.preRun as unknown[] | undefined) ?? []), sync];
    return result;
  };
  return { files, counter };
};

const startParameters = (): string[] => [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['fsync=on', 'wal_sync_method=fsync', 'shared_buffers=16MB', 'max_wal_size=64MB'].flatMap((setting) => ['-c', setting]),
];

/** Opens a data directory whose commits reach the disk; refuses to go on when the self-check shows that they do not. */
export const openDurable = async (directory: string): Promise<PGlite> => {
  const { files, counter } = durableFiles(directory);
  const engine = await PGlite.create({ fs: files, startParams: startParameters() });
  const before = counter.syncs;
  // A transaction that writes to the log and to nothing else.
  await engine.query("select pg_logical_emit_message(true, 'edgewise', 'does a commit reach the disk?')");
  if (counter.syncs > before) return engine;
  await engine.close();
  throw unsupported(
    'does not reach the disk when it commits on this machine (self-check failed); use PostgreSQL instead (DATABASE_URL)',
  );
};
