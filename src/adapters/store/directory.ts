import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { syncDirectory } from './durable-files.ts';
import { refusal } from './errors.ts';

/** PostgreSQL's major version inside PGlite 0.5: another one's directory does not open. */
const engineMajor = '18';

const restore = 'Restore it from a backup, or move it away to start empty';

/** SQLITE_BUSY (sqlite.org/rescode.html). */
const busy = 5;

/**
 * Two PGlites on one directory lose data in silence (electric-sql/pglite#1106). SQLite's file lock stands in: free at once when its
 * holder dies, refused at once while it lives.
 */
export const lockDirectory = (directory: string): { readonly release: () => void } => {
  let lock: DatabaseSync | null = null;
  try {
    mkdirSync(directory, { recursive: true });
    lock = new DatabaseSync(join(directory, 'lock.db'), { timeout: 0 });
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    if ((error as { readonly errcode?: number }).errcode === busy) {
      throw refusal(
        `data directory ${directory} is in use by another Edgewise: stop that one, or give this one a directory of its own`,
      );
    }
    throw refusal(
      `data directory ${directory} cannot be used (${(error as Error).message}): it must be writable, on a local disk`,
    );
  }
  const held = lock;
  return { release: () => held.close() };
};

/** What an earlier, killed start left; one that is still being written goes next time. */
const removeLeftovers = (directory: string): void => {
  for (const left of readdirSync(directory).filter((name) => name.startsWith('init-'))) {
    try {
      rmSync(join(directory, left), { recursive: true, force: true });
    } catch {}
  }
};

/** Runs the initialising child; resolves with what it said on the way to its exit code. */
const runChild = (target: string): Promise<{ readonly code: number | null; readonly said: string }> => {
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './initialise.ts' : './initialise.js', import.meta.url),
  );
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--liftoff-only', program, target], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, said: error.message }));
    child.on('close', (code) => resolve({ code, said }));
  });
};

/** Initialises in a child, since that takes up to 550 MiB that a process never gives back; then renames, so that a kill leaves nothing half made. */
const initialise = async (directory: string, data: string): Promise<void> => {
  const temporary = join(directory, `init-${randomUUID()}`);
  const { code, said } = await runChild(temporary);
  if (code !== 0) {
    removeLeftovers(directory);
    throw refusal(`could not be initialised in ${directory} (is there room for 100 MB?)`, new Error(said));
  }
  renameSync(temporary, data);
  syncDirectory(directory);
};

/** Makes sure that `directory`/pg holds a whole data directory of our major version; refuses everything else in plain words. */
export const prepareDirectory = async (directory: string): Promise<string> => {
  const data = join(directory, 'pg');
  removeLeftovers(directory);
  if (!existsSync(data) || readdirSync(data).length === 0) await initialise(directory, data);
  const version = join(data, 'PG_VERSION');
  // PGlite would initialise anew over what is there, and the data would be gone.
  if (!existsSync(version)) throw refusal(`data directory ${data} is damaged (no PG_VERSION). ${restore}`);
  const major = readFileSync(version, 'utf8').trim();
  if (major !== engineMajor) {
    throw refusal(
      `data directory ${data} is of PostgreSQL ${/^\d+$/.test(major) ? major : '(unreadable)'}, this Edgewise has ${engineMajor}. Run the Edgewise that wrote it, or move it away to start empty`,
    );
  }
  const control = join('global', 'pg_control');
  if (!existsSync(join(data, control))) throw refusal(`data directory ${data} is damaged (no ${control}). ${restore}`);
  // PGlite's files are open to everybody on the machine; PostgreSQL's own directory never is.
  try {
    chmodSync(data, 0o700);
  } catch {
    // A volume without owners (CIFS, FAT) takes none; who may see it was decided where it was mounted.
  }
  return data;
};
