import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/demo/engine-process.ts';

/** The status of one delivery; 0 when the connection broke. */
export type Deliver = (body: string) => Promise<number>;

export type Served = {
  readonly deliver: Deliver;
  readonly readySeconds: number;
  /** Resident memory now, MiB. */
  readonly residentMiB: () => number;
  /** The highest it ever was, MiB. */
  readonly peakMiB: () => number;
  /** The sum of a metric's samples in /metrics. */
  readonly metric: (name: string) => Promise<number>;
  readonly stop: () => Promise<void>;
};

const deliverer = (port: number, token: string): { readonly deliver: Deliver; readonly close: () => void } => {
  const agent = new Agent({ keepAlive: true });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const deliver: Deliver = (body) =>
    new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, path: '/webhooks/alertmanager', method: 'POST', agent, headers };
      const sent = request(options, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
      });
      sent.once('error', () => resolve(0));
      sent.end(body);
    });
  return { deliver, close: () => agent.destroy() };
};

const memory = (pid: number | undefined, field: 'VmRSS' | 'VmHWM'): number => {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(field));
  return Number(/(\d+) kB/.exec(line ?? '')?.[1]) / 1024;
};

const readyWithin = async (url: string, child: ChildProcess, lines: readonly string[]): Promise<void> => {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await wait(20);
  }
  child.kill('SIGKILL');
  throw new Error(`edgewise serve did not become ready:\n${lines.slice(-8).join('')}`);
};

/** What the image runs, compiled once a run: from source, Node would spend time and memory on stripping types. */
let built: string | null = null;
const release = (): string => {
  const folder = fileURLToPath(new URL('../../dist', import.meta.url));
  if (built === null) execFileSync(process.execPath, [fileURLToPath(new URL('../../.ci/build.ts', import.meta.url)), folder]);
  built = join(folder, 'entry.cjs');
  return built;
};

/** The real `edgewise serve` in a process and a data directory of its own, with the environment of the image. */
export const serve = async (settings: Readonly<Record<string, string>>): Promise<Served> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-serve-'));
  const [port, operations] = [await freePort(), await freePort()];
  const token = randomBytes(24).toString('hex');
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    NODE_ENV: 'production',
    SLACK_CHANNEL: '#mesh-alerts',
    // What is measured is a message an incident.
    CHANNEL_BUDGET: '0',
    WEBHOOK_TOKENS: token,
    LISTEN: `127.0.0.1:${port}`,
    OPS_LISTEN: `127.0.0.1:${operations}`,
    DATA_DIR: join(folder, 'data'),
    CLUSTER: 'demo',
    LOG_LEVEL: 'warn',
    ...settings,
  };
  const startedMs = performance.now();
  const entry = release();
  const child = spawn(process.execPath, [entry, 'serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  await readyWithin(`http://127.0.0.1:${operations}/readyz`, child, lines);
  const readySeconds = (performance.now() - startedMs) / 1000;
  const { deliver, close } = deliverer(port, token);
  return {
    deliver,
    readySeconds,
    residentMiB: () => memory(child.pid, 'VmRSS'),
    peakMiB: () => memory(child.pid, 'VmHWM'),
    metric: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${operations}/metrics`)).text();
      const values = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
    stop: async () => {
      close();
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        const insist = setTimeout(() => child.kill('SIGKILL'), 20_000);
        await once(child, 'exit');
        clearTimeout(insist);
      }
      process.removeListener('exit', endWithUs);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
