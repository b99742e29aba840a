import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Store } from '../../src/ports.ts';
import { groupOf } from '../contracts/store-values.ts';
import { type Slack, saidIn, scope, startProgram } from './store-program.ts';

export type Accepted = { readonly name: string; readonly receivedAtMs: number; readonly groupKey: string };

type Victim = {
  readonly child: ChildProcess;
  /** Resolves once it accepts; false when it died before. */
  readonly ready: Promise<boolean>;
  readonly accepted: readonly Accepted[];
  /** Kills -9 and waits for the last word that reached us. */
  readonly kill: () => Promise<void>;
  /** Everything it said that was no acknowledgement. */
  readonly said: () => string;
};

const program = fileURLToPath(new URL('./store-child.ts', import.meta.url));

export const startVictim = (engine: 'embedded' | 'postgres', target: string, slack: Slack): Victim => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, engine, target, slack.path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const accepted: Accepted[] = [];
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let [rest, other] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => {
    other += chunk.toString();
  });
  const ready = new Promise<boolean>((resolve) => {
    void closed.then(() => resolve(false));
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [word, name = '', receivedAtMs, groupKey = ''] = line.split(' ');
        if (word === 'READY') resolve(true);
        else if (word === 'ACK') accepted.push({ name, receivedAtMs: Number(receivedAtMs), groupKey });
        else other += `${line}\n`;
      }
    });
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  return { child, ready, accepted, kill, said: () => other };
};

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lets the store work off what is left, in this process. */
const drain = async (store: Store, slack: Slack): Promise<void> => {
  const { stop } = await startProgram(store, slack);
  for (const giveUpMs = Date.now() + 60_000; Date.now() < giveUpMs; await pause(50)) {
    if ((await store.queue()).count === 0 && (await store.outbox.waiting()).count === 0) break;
  }
  await stop();
};

/** The reckoning: every acknowledged delivery told once, nothing twice, and known again when it is delivered again. */
export const reckon = async (what: string, store: Store, slack: Slack, accepted: readonly Accepted[]): Promise<void> => {
  const startMs = Date.now();
  await drain(store, slack);
  const drainedMs = Date.now() - startMs;
  const said = saidIn(slack).map((line) => line.split(' ')[0] ?? '');
  const told = new Set(said);
  const lost = accepted.filter(({ name }) => !told.has(name)).length;
  const doubled = said.length - told.size;
  const incidents = (await store.openIncidents()).map(({ key }) => key);
  const doubledIncidents = incidents.length - new Set(incidents).size;
  let again = 0;
  for (const { name, receivedAtMs, groupKey } of accepted.slice(-20)) {
    if ((await store.accept({ ...scope, receivedAtMs, group: groupOf(name, groupKey) })) !== 'duplicate') again += 1;
  }
  const counts = {
    acknowledged: accepted.length,
    told: told.size,
    lost,
    doubled,
    doubledIncidents,
    acceptedAgain: again,
    drainedMs,
  };
  process.stdout.write(`${what}: ${JSON.stringify(counts)}\n`);
  expect(counts).toMatchObject({ lost: 0, doubled: 0, doubledIncidents: 0, acceptedAgain: 0 });
  expect(accepted.length).toBeGreaterThan(20);
};
