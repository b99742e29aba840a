import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../../domain/gathered.ts';
import { syncDirectory } from './durable-files.ts';

/** PostgreSQL's major version inside PGlite 0.5: another one's directory does not open. */
export const engineMajor = '18';

const refuse = (detail: string): never => {
  throw new SourceError('the store', 'refused', detail);
};

/**
 * Two PGlites on one directory lose data in silence (electric-sql/pglite#1106). SQLite's file lock stands in: free at once when its
 * holder dies, refused at once while it lives.
 */
export const lockDirectory = (directory: string): { readonly release: () => void } => {
  mkdirSync(directory, { recursive: true });
  const lock = new DatabaseSync(join(directory, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    refuse(`in ${directory} is in use by another Edgewise; stop that one, or give this one its own DATA_DIR`);
  }
  return { release: () => lock.close() };
};

/** Initialises in a child, since initdb takes 800 MB that a process never gives back; then renames, so that a kill leaves nothing half made. */
const initialise = async (directory: string): Promise<void> => {
  for (const left of readdirSync(directory))
    if (left.startsWith('init-')) rmSync(join(directory, left), { recursive: true, force: true });
  const temporary = join(directory, `init-${process.pid}`);
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './initialise.ts' : './initialise.js', import.meta.url),
  );
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, temporary], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-1000);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('exit', resolve);
  });
  if (code !== 0)
    throw new SourceError('the store', 'unreachable', `could not be initialised in ${directory}`, { cause: new Error(said) });
  renameSync(temporary, join(directory, 'pg'));
  syncDirectory(directory);
};

/** Makes sure that `directory`/pg holds a whole data directory of our major version; refuses everything else in plain words. */
export const prepareDirectory = async (directory: string): Promise<string> => {
  const data = join(directory, 'pg');
  if (!existsSync(data)) await initialise(directory);
  const version = join(data, 'PG_VERSION');
  if (!existsSync(version)) {
    // PGlite would initialise anew over what is there, and the data would be gone.
    refuse(`in ${data} is damaged: PG_VERSION is missing. Restore it from a backup, or move the directory away to start empty`);
  }
  const major = readFileSync(version, 'utf8').trim();
  if (major !== engineMajor)
    refuse(
      `in ${data} is of PostgreSQL ${major || '(unreadable)'}, this Edgewise has ${engineMajor}. Run the version that wrote it, or move it away to start empty`,
    );
  if (!existsSync(join(data, 'global', 'pg_control')))
    refuse(
      `in ${data} is damaged: global/pg_control is missing. Restore it from a backup, or move the directory away to start empty`,
    );
  return data;
};
