import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fault } from '../lab.ts';
import { busyMs, type FaultResult } from './result.ts';
import type { Heard, Told } from './slot-words.ts';

/** Runs faults over slots that work side by side, each a process of its own. */

type SlotsOptions = {
  readonly slots: number;
  /** Loopback addresses of the first slot. */
  readonly firstIndex: number;
  readonly envoy: string;
  /** Zipkin's archive; null: the lab has no traces. */
  readonly zipkin: string | null;
  readonly folder: string;
  readonly scenarios: string | null;
  readonly signal: AbortSignal;
  readonly onResult: (result: FaultResult, isSaved: boolean) => void;
  /** The machine was too busy: it will be run again. */
  readonly onAgain: (result: FaultResult) => void;
};

/** More than this at the gateway needs the machine for itself. */
const aloneAbove = 50;
/** What a slot's end takes at worst: Prometheus 3 s, Alertmanager and the bot 5 s each, the mesh, and an answer that is waited for. */
const graceMs = 25_000;
/** No fault takes so long: what hangs is ended, and counts as lost. */
const mostMs = 15 * 60_000;
/** A mesh that does not become healthy again is replaced; not for ever. */
const mostStarts = 12;

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

/** Faults that wait, and those that had their second chance. */
export type Queue = { readonly waiting: Fault[]; readonly again: Set<string> };

/** A result counts unless the machine was too busy for the first time: then the fault waits once more, and nothing is kept. */
export const isKept = (queue: Queue, fault: Fault, { lagMs }: Pick<FaultResult, 'lagMs'>): boolean => {
  if (lagMs <= busyMs || queue.again.has(fault.name)) return true;
  queue.again.add(fault.name);
  queue.waiting.push(fault);
  return false;
};

/** The fault at which a slot broke is tried once more, by whoever is free. */
const takeLoss = (queue: Queue, fault: Fault, why: string, seconds: number, options: SlotsOptions): void => {
  if (queue.again.has(fault.name)) {
    options.onResult(lost(fault, why, seconds), false);
    return;
  }
  queue.again.add(fault.name);
  queue.waiting.unshift(fault);
};

/** The next fault for a slot that has run these: never the same again, for its bot remembers the incidents of the first time. */
export const nextOf = ({ waiting }: Queue, ran: ReadonlySet<string>): Fault | undefined => {
  const at = waiting.findIndex(({ name }) => !ran.has(name));
  return at < 0 ? undefined : waiting.splice(at, 1)[0];
};

/** The next word of a slot; one that hangs is ended, and says that it is broken. */
const heardFrom = async (slot: Running): Promise<Heard> => {
  const hangs = setTimeout(() => slot.child.kill('SIGKILL'), mostMs);
  const word = await slot.hear();
  clearTimeout(hangs);
  return word;
};

/** Gives one slot faults until there are none, or until it breaks. */
const feed = async (slot: Running, queue: Queue, options: SlotsOptions): Promise<void> => {
  const ran = new Set<string>();
  let fault: Fault | undefined;
  let result: FaultResult | undefined;
  let startedMs = performance.now();
  for (;;) {
    const word = await heardFrom(slot);
    if (word.kind === 'broken') {
      const hit = fault ?? queue.waiting.shift();
      if (hit !== undefined && !options.signal.aborted)
        takeLoss(queue, hit, word.why, (performance.now() - startedMs) / 1000, options);
      return;
    }
    if (word.kind === 'done' && fault !== undefined) {
      const keeps = isKept(queue, fault, word.result);
      result = keeps ? word.result : undefined;
      if (!keeps) options.onAgain(word.result);
      slot.tell({ kind: 'taken', isKept: keeps });
      continue;
    }
    if (word.kind === 'saved' && result !== undefined) options.onResult(result, word.isSaved);
    fault = nextOf(queue, ran);
    if (fault === undefined) return;
    ran.add(fault.name);
    startedMs = performance.now();
    slot.tell({ kind: 'run', fault: fault.name });
  }
};

/** Works off a queue with one slot at a time; one that breaks is started anew. */
const workOff = async (queue: Queue, index: number, options: SlotsOptions): Promise<void> => {
  for (let starts = 0; starts < mostStarts && queue.waiting.length > 0 && !options.signal.aborted; starts += 1) {
    const slot = startSlot();
    const stop = (): void => void slot.stop();
    options.signal.addEventListener('abort', stop, { once: true });
    // A new one every time: the data of an earlier bot would hold incidents, and an earlier proxy's log requests.
    const folder = mkdtempSync(join(options.folder, `slot-${index}-`));
    const { envoy, zipkin, scenarios, firstIndex } = options;
    slot.tell({ kind: 'open', index: firstIndex + index, envoy, folder, scenarios, zipkin });
    await feed(slot, queue, options);
    await slot.stop();
    options.signal.removeEventListener('abort', stop);
  }
};

/** All faults: those of usual load side by side, then the heavy ones alone. */
export const runFaults = async (faults: readonly Fault[], options: SlotsOptions): Promise<void> => {
  const isHeavy = ({ load = 0, peakLoad = load }: Fault): boolean => peakLoad > aloneAbove;
  const again = new Set<string>();
  const usual: Queue = { waiting: faults.filter((fault) => !isHeavy(fault)), again };
  const heavy: Queue = { waiting: faults.filter(isHeavy), again };
  const slots = Math.max(1, Math.min(options.slots, usual.waiting.length));
  await Promise.all(Array.from({ length: slots }, (_, index) => workOff(usual, index, options)));
  await workOff(heavy, 0, options);
  if (options.signal.aborted) return;
  for (const fault of [...usual.waiting, ...heavy.waiting]) options.onResult(lost(fault, 'no slot was left to run it', 0), false);
};
