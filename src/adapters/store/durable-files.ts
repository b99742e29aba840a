import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { SourceError } from '../../domain/gathered.ts';

type Stream = { readonly nfd?: number | null; readonly node: unknown };
type Module = { readonly NODEFS: { stream_ops: { fsync?: (stream: Stream) => number }; realPath: (node: unknown) => string } };

/**
 * PGlite 0.5 starts with `-F`, and its file system has no fsync: a commit reaches the page cache only (electric-sql/pglite#1107).
 * This puts fdatasync where Emscripten asks for it, and counts, so that the start can prove that a commit reaches the disk.
 */
const durableFiles = (directory: string) => {
  const counter = { syncs: 0 };
  const files = new NodeFS(directory);
  const init = files.init.bind(files);
  files.init = async (...parameters: Parameters<typeof init>) => {
    const result = await init(...parameters);
    const sync = (module: unknown): void => {
      const { NODEFS } = module as Module;
      NODEFS.stream_ops.fsync = (stream) => {
        counter.syncs += 1;
        if (stream.nfd !== undefined && stream.nfd !== null) fdatasyncSync(stream.nfd);
        else syncDirectory(NODEFS.realPath(stream.node));
        return 0;
      };
    };
    const options = result.emscriptenOpts as { preRun?: unknown };
    options.preRun = [...((options.preRun as unknown[] | undefined) ?? []), sync];
    return result;
  };
  return { files, counter };
};

/** A new file's name is durable only when its directory is. */
export const syncDirectory = (path: string): void => {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
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
  await engine.exec(
    'create table if not exists public.sync_probe (at int); insert into public.sync_probe values (1); truncate public.sync_probe;',
  );
  if (counter.syncs > before) return engine;
  await engine.close();
  throw new SourceError(
    'the store',
    'unsupported',
    'does not reach the disk when it commits (fsync self-check failed); use PostgreSQL by DATABASE_URL',
  );
};
