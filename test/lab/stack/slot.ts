/** One slot of the lab, forked by test/lab/run.ts: one mesh, one bot, one fault after the other. */
import { faults } from '../faults/index.ts';
import { startMesh } from '../mesh/mesh.ts';
import { healthyLagMs } from './healthy.ts';
import { runFault } from './run-fault.ts';
import { saveScenario } from './save.ts';
import { type Slot, withSlot } from './slot-parts.ts';
import type { Heard, Told } from './slot-words.ts';

const ending = new AbortController();
const end = (): void => ending.abort(new Error('the lab was ended'));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
// Whoever started this is gone: nothing may be left behind.
process.once('disconnect', end);

const say = (heard: Heard): void => {
  if (process.connected) process.send?.(heard);
};

const inbox: Told[] = [];
let wake = (): void => undefined;
process.on('message', (told: Told) => {
  inbox.push(told);
  wake();
});

/** The next word of the lab; `end` once there is none to come. */
const next = async (): Promise<Told> => {
  while (inbox.length === 0 && !ending.signal.aborted) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      ending.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  return inbox.shift() ?? { kind: 'end' };
};

const work = async (slot: Slot, scenarios: string | null): Promise<void> => {
  say({ kind: 'ready' });
  for (;;) {
    const told = await next();
    if (told.kind !== 'run') return;
    const fault = faults.find(({ name }) => name === told.fault);
    if (fault === undefined) throw new Error(`there is no fault ${told.fault}`);
    const { result, looked } = await runFault(slot, fault);
    // A past that was measured on a busy machine is worth no more than a look on one.
    say({ kind: 'done', result: { ...result, lagMs: Math.max(result.lagMs, healthyLagMs(slot, fault)) } });
    const taken = await next();
    if (taken.kind !== 'taken') return;
    const isSaved = taken.isKept && scenarios !== null && saveScenario(scenarios, fault, looked);
    say({ kind: 'saved', isSaved });
  }
};

const main = async (): Promise<void> => {
  const told = await next();
  if (told.kind !== 'open') return;
  const { index, envoy, folder, scenarios, zipkin } = told;
  await withSlot(
    {
      folder,
      faults: faults.map(({ name }) => name),
      zipkin,
      signal: ending.signal,
      startMesh: (meshFolder, store) => startMesh({ index, envoy, folder: meshFolder, zipkin: store, signal: ending.signal }),
    },
    (slot) => work(slot, scenarios),
  );
};

main()
  .catch((error: unknown) => {
    if (!ending.signal.aborted)
      say({ kind: 'broken', why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  })
  // Sockets of the mesh's clients may still linger.
  .finally(() => setTimeout(() => process.exit(), 200));
