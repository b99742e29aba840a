import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../lab.ts';
import type { FaultResult } from './result.ts';
import type { Heard, Told } from './slot-words.ts';

/** Runs faults over slots that work side by side, each a process of its own. */

export type SlotsOptions = {
  readonly slots: number;
  /** Loopback addresses of the first slot. */
  readonly firstIndex: number;
  readonly envoy: string;
  readonly folder: string;
  readonly scenarios: string | null;
  readonly signal: AbortSignal;
  readonly onReady: (prometheus: string) => void;
  readonly onResult: (result: FaultResult, isSaved: boolean) => void;
};

/** More than this at the gateway needs the machine for itself. */
const aloneAbove = 50;
const graceMs = 15_000;
/** In a row; then the slot is given up. */
const mostFailures = 3;

type Running = {
  readonly child: ChildProcess;
  readonly tell: (told: Told) => void;
  /** The next word of the slot; `broken` when it has ended. */
  readonly hear: () => Promise<Heard>;
  readonly stop: () => Promise<void>;
};

const startSlot = (): Running => {
  const child = fork(fileURLToPath(new URL('./slot.ts', import.meta.url)), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const heard: Heard[] = [];
  let wake = (): void => undefined;
  const take = (word: Heard): void => {
    heard.push(word);
    wake();
  };
  child.on('message', (word) => take(word as Heard));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      take({ kind: 'broken', why: `the slot ended (${signal ?? code ?? 'unknown'})` });
      resolve();
    });
  });
  return {
    child,
    tell: (told) => void (child.connected && child.send(told)),
    hear: async () => {
      while (heard.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard.shift() as Heard;
    },
    stop: async () => {
      if (child.connected) child.send({ kind: 'end' } satisfies Told);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(insist);
    },
  };
};

const lost = ({ name, says, kind, truth }: Fault, why: string, seconds: number): FaultResult => ({
  name,
  says,
  kind,
  expected: { rule: truth.rules[0] ?? null, side: truth.sides[0] ?? null, edge: truth.edge },
  seconds,
  lagMs: 0,
  alerts: [],
  messages: [],
  errors: [why],
});

/** Works off a queue with one slot. A slot that breaks is started anew, and the fault it broke at is tried once more. */
const workOff = async (queue: Fault[], index: number, options: SlotsOptions): Promise<void> => {
  let failures = 0;
  let starts = 0;
  const tried = new Set<string>();
  while (queue.length > 0 && failures < mostFailures && !options.signal.aborted) {
    const slot = startSlot();
    const stop = (): void => void slot.stop();
    options.signal.addEventListener('abort', stop, { once: true });
    starts += 1;
    const folder = join(options.folder, `slot-${index}-${starts}`);
    mkdirSync(folder, { recursive: true });
    const { envoy, scenarios, firstIndex } = options;
    slot.tell({ kind: 'open', index: firstIndex + index, envoy, folder, scenarios });
    let fault: Fault | undefined;
    let startedMs = performance.now();
    for (let word = await slot.hear(); ; word = await slot.hear()) {
      if (word.kind === 'ready') options.onReady(word.prometheus);
      if (word.kind === 'done') {
        failures = 0;
        options.onResult(word.result, word.isSaved);
      }
      if (word.kind === 'broken') {
        failures += 1;
        const hit = fault ?? queue.shift();
        if (hit === undefined || options.signal.aborted) break;
        if (tried.has(hit.name)) options.onResult(lost(hit, word.why, (performance.now() - startedMs) / 1000), false);
        else queue.unshift(hit);
        tried.add(hit.name);
        break;
      }
      fault = queue.shift();
      startedMs = performance.now();
      if (fault === undefined) break;
      slot.tell({ kind: 'run', fault: fault.name });
    }
    await slot.stop();
    options.signal.removeEventListener('abort', stop);
  }
};

/** All faults: those of usual load side by side, then the heavy ones alone. */
export const runFaults = async (faults: readonly Fault[], options: SlotsOptions): Promise<void> => {
  const isHeavy = ({ load = 0 }: Fault): boolean => load > aloneAbove;
  const usual = faults.filter((fault) => !isHeavy(fault));
  const heavy = faults.filter(isHeavy);
  const slots = Math.max(1, Math.min(options.slots, usual.length));
  await Promise.all(Array.from({ length: slots }, (_, index) => workOff(usual, index, options)));
  await workOff(heavy, 0, options);
  if (options.signal.aborted) return;
  for (const fault of [...usual, ...heavy]) options.onResult(lost(fault, 'no slot was left to run it', 0), false);
};
