import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = '/usr/lib/postgresql';
const binaries = existsSync(folder)
  ? readdirSync(folder)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(folder, version, 'bin'))
      .find((path) => existsSync(join(path, 'postgres')))
  : undefined;

/** Why the suites on real PostgreSQL cannot run here, or null. */
export const postgresMissing: string | null =
  binaries === undefined ? `no PostgreSQL under ${folder} (apt-get install postgresql)` : null;

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export type PostgresServer = {
  readonly url: string;
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
  readonly database: (name: string) => string;
};

/** A PostgreSQL cluster of its own on a free port, run as an unprivileged user; gone after `stop`. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const bin = binaries ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'edgewise-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const id = isRoot ? Number(execFileSync('id', ['-u', 'postgres']).toString()) : undefined;
  const group = isRoot ? Number(execFileSync('id', ['-g', 'postgres']).toString()) : undefined;
  if (id !== undefined && group !== undefined) chownSync(directory, id, group);
  const who = id === undefined || group === undefined ? {} : { uid: id, gid: group };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', join(directory, 'data'), '-U', 'edgewise', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    { ...who, cwd: directory, stdio: 'ignore' },
  );
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${directory}`,
    'max_connections=60',
  ].flatMap((setting) => ['-c', setting]);
  const server = spawn(join(bin, 'postgres'), ['-D', join(directory, 'data'), ...settings], {
    ...who,
    cwd: directory,
    stdio: 'ignore',
  });
  const psql = (statement: string): void => {
    execFileSync(
      join(bin, 'psql'),
      ['-h', '127.0.0.1', '-p', String(port), '-U', 'edgewise', '-d', 'postgres', '-qc', statement],
      { stdio: 'ignore' },
    );
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      psql('select 1');
      break;
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return {
    url: `postgres://edgewise@127.0.0.1:${port}/postgres`,
    pid: () => server.pid ?? 0,
    database: (name) => {
      psql(`create database ${name}`);
      return `postgres://edgewise@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGQUIT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
