import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const folder = '/usr/lib/postgresql';
const binaries = existsSync(folder)
  ? readdirSync(folder)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(folder, version, 'bin'))
      .find((path) => existsSync(join(path, 'postgres')))
  : undefined;

/** Why the suites on real PostgreSQL cannot run here, or null. */
export const postgresMissing: string | null =
  binaries === undefined ? `SKIPPED, no PostgreSQL under ${folder} (apt-get install postgresql)` : null;

/** The PgBouncer of this machine, or null. */
export const pgbouncer: string | null =
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((path) => join(path, 'pgbouncer'))
    .find((path) => existsSync(path)) ?? null;

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

type Owner = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** PostgreSQL and PgBouncer refuse to run as root. */
export const unprivileged = (directory: string): Owner => {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres']).toString()));
  chownSync(directory, uid ?? 0, gid ?? 0);
  return { uid: uid ?? 0, gid: gid ?? 0 };
};

/** Asks until it does not throw, for at most 15 s. */
export const eventually = async (ask: () => unknown): Promise<void> => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt >= 150) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};

export type PostgresServer = {
  readonly url: string;
  readonly port: number;
  /** Where the cluster lives; files put here are readable to the server. */
  readonly directory: string;
  readonly query: (statement: string, database?: string) => string;
  /** Creates a database and gives its URL. */
  readonly database: (name: string) => string;
  /** kill -9 of the whole server. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Backends of a server outlive its kill for a moment, in which they may still commit. */
const backendsOf = (pid: number | undefined): readonly number[] => {
  try {
    const listed = execFileSync('pgrep', ['-P', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
    return listed.toString().trim().split('\n').map(Number);
  } catch {
    return [];
  }
};

const killAll = (pids: readonly number[]): void => {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
};

/** A PostgreSQL cluster of its own on a free port, run as an unprivileged user; gone after `stop`. `extra` are `name=value` settings. */
export const startPostgres = async (extra: (directory: string) => readonly string[] = () => []): Promise<PostgresServer> => {
  const bin = binaries ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'edgewise-postgres-'));
  const owner = unprivileged(directory);
  const data = join(directory, 'data');
  const quiet = { ...owner, cwd: directory, stdio: 'ignore' } as const;
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'edgewise', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'], quiet);
  const port = await freePort();
  const fixed = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${directory}`, 'max_connections=60'];
  const settings = [...fixed, ...extra(directory)].flatMap((setting) => ['-c', setting]);
  const query = (statement: string, database = 'postgres'): string =>
    execFileSync(
      join(bin, 'psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'edgewise', '-d', database, '-Atqc', statement],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    )
      .toString()
      .trim();
  const launch = () => spawn(join(bin, 'postgres'), ['-D', data, ...settings], quiet);
  let server = launch();
  const ended = (signal: NodeJS.Signals): Promise<void> =>
    new Promise((resolve) => {
      server.once('exit', () => resolve());
      server.kill(signal);
    });
  await eventually(() => query('select 1'));
  return {
    url: `postgres://edgewise@127.0.0.1:${port}/postgres`,
    port,
    directory,
    query,
    database: (name) => {
      query(`create database ${name}`);
      return `postgres://edgewise@127.0.0.1:${port}/${name}`;
    },
    kill: async () => {
      const backends = backendsOf(server.pid);
      await ended('SIGKILL');
      killAll(backends);
    },
    start: async () => {
      // The children of a killed server need a moment before another may take their directory.
      await eventually(async () => {
        if (server.exitCode !== null || server.signalCode !== null) server = launch();
        query('select 1');
      });
    },
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) await ended('SIGQUIT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
