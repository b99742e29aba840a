import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../lab.ts';
import { healthyAt, MeshLost, type Observed, usualLoad } from './healthy.ts';
import { askWhy, edgesSeen, type Looked, lookAtRoots, rootCount } from './messages.ts';
import { givePast } from './past/give.ts';
import { keepsWholeBounds, type LabPrometheus, startLabPrometheus } from './prometheus.ts';
import { type FaultResult, tellingsOf } from './result.ts';
import type { Slot } from './slot-parts.ts';
import { alertsAt, waitToLook } from './wait.ts';
import { unmetBy } from './whole.ts';

/** After the first live scrape of every target: once more each, so that rates of the last seconds are there. */
const healthySeconds = 6;
/** How long drawing a past may take: it ends then, and the counters go on at that moment. */
const drawingMs = 3000;

/** The same past for the same fault. */
const seedOf = (name: string): number => [...name].reduce((seed, letter) => (seed * 31 + letter.charCodeAt(0)) >>> 0, 17);

/** Scraped, and its rules evaluated, while something is done; nobody is told. */
const observedIn =
  ({ mesh, prometheus, signal }: Slot, folder: string): Observed =>
  async (act) => {
    const { path, port } = prometheus;
    const { targets } = mesh;
    const running = await startLabPrometheus({ path, folder, port, cluster: 'healthy', targets, alertmanager: null, signal });
    try {
      await running.begin();
      await running.scraped(30_000);
      return await act();
    } finally {
      await running.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  };

/** A healthy mesh with a past, scraped by a Prometheus of its own, which the bot can ask. */
const prepare = async (slot: Slot, fault: Fault, folder: string, onStart: (running: LabPrometheus) => void): Promise<void> => {
  const { mesh, wire, alertmanager, prometheus, signal } = slot;
  const measured = await healthyAt(slot, fault, observedIn(slot, join(folder, 'healthy')));
  const { path, version, port } = prometheus;
  const running = await startLabPrometheus({
    path,
    folder,
    port,
    cluster: fault.name,
    targets: mesh.targets,
    alertmanager,
    signal,
  });
  onStart(running);
  wire.open(fault.name, running.url);
  const endMs = Math.ceil((Date.now() + drawingMs) / 1000) * 1000;
  await givePast(
    {
      measured,
      endMs,
      loadPerSecond: fault.load ?? usualLoad,
      seed: seedOf(fault.name),
      url: running.url,
      naming: { targets: mesh.targets, hasWholeBounds: keepsWholeBounds(version) },
    },
    (end) => void setTimeout(() => mesh.continueFrom(end), Math.max(0, endMs - Date.now())),
    signal,
  );
  await wait(Math.max(0, endMs + 100 - Date.now()), undefined, { signal });
  await running.begin();
  await running.scraped(30_000);
  await wait(healthySeconds * 1000, undefined, { signal });
};

/** What a reader sees: the roots; where none came, nothing may be blamed, or it is over, the answers to questions. */
const look = async (slot: Slot, fault: Fault): Promise<readonly Looked[]> => {
  const roots = await lookAtRoots(slot, fault);
  const { asked, and } = fault.truth;
  const sick = roots.length > 0 ? [] : [fault.truth.edge, and?.edge ?? null];
  const edges = fault.kind === 'quiet' ? edgesSeen(slot) : asked === undefined ? sick : [asked.edge];
  const answers: Looked[] = [];
  for (const edge of edges) if (edge !== null) answers.push(await askWhy(slot, fault, edge));
  return [...roots, ...answers];
};

/** Timers of the last fault; what came before the act does not count. */
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();
const lagNow = (): number => Math.round(lag.percentile(99) / 1e6);

/** Of what the messages of a fault knew, the trace that was found. */
const traceIn = (looked: readonly Looked[]): Pick<FaultResult, 'trace'> => {
  const all = looked.flatMap(({ traced }) => traced ?? []);
  const trace = all.find(({ isFound }) => isFound) ?? all[0];
  return trace === undefined ? {} : { trace };
};

type Seen = Pick<FaultResult, 'lagMs' | 'alerts' | 'errors'> & { readonly looked: readonly Looked[] };

const resultOf = (fault: Fault, startedMs: number, { lagMs, alerts, looked, errors }: Seen): FaultResult => {
  const { rules, sides, edge, mayAlert } = fault.truth;
  const messages = looked.map(({ graded }) => graded);
  const all = messages.flatMap(tellingsOf).map(({ said }) => said);
  return {
    name: fault.name,
    says: fault.says,
    kind: fault.kind,
    expected: { rule: rules[0] ?? null, side: sides[0] ?? null, edge },
    seconds: (performance.now() - startedMs) / 1000,
    lagMs,
    alerts,
    messages,
    unmet: unmetBy(fault.truth, all),
    ...traceIn(looked),
    ...(mayAlert === undefined ? {} : { mayAlert }),
    errors: [...errors, ...looked.flatMap(({ errors: own }) => own)],
  };
};

type FaultRun = { readonly result: FaultResult; readonly looked: readonly Looked[] };

/**
 * One fault from a healthy mesh to its grades. What goes wrong with the lab is an error of the result; throws when the lab ends, and when
 * the mesh does not become healthy again.
 */
export const runFault = async (slot: Slot, fault: Fault): Promise<FaultRun> => {
  const startedMs = performance.now();
  const folder = join(slot.folder, fault.name);
  let running: LabPrometheus | null = null;
  const started = (): LabPrometheus => {
    if (running === null) throw new Error('Prometheus did not start');
    return running;
  };
  try {
    await prepare(slot, fault, folder, (prometheus) => {
      running = prometheus;
    });
    const { url } = started();
    const early = rootCount(slot, fault.name);
    const complaints = slot.bot.complaints().length;
    lag.reset();
    const actMs = Date.now();
    await slot.mesh.breakIt(fault);
    const untold = await waitToLook(slot, fault, actMs, url);
    // Before the replays, which hold up every timer.
    const lagMs = lagNow();
    const looked = await look(slot, fault);
    const alerts = (await alertsAt(url, slot.signal)).map(({ state, name }) => `${name} (${state})`);
    const errors = [
      ...(early > 0 ? ['an alert fired before anything was broken'] : []),
      ...slot.mesh.failures(),
      ...untold.map((name) => `${name} reached the bot and was not told`),
      ...slot.bot
        .complaints()
        .slice(complaints)
        .map((line) => `the bot complains: ${line}`),
    ];
    return { result: resultOf(fault, startedMs, { lagMs, alerts: [...new Set(alerts)], looked, errors }), looked };
  } catch (error) {
    slot.signal.throwIfAborted();
    if (error instanceof MeshLost) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return { result: resultOf(fault, startedMs, { lagMs: lagNow(), alerts: [], looked: [], errors: [why] }), looked: [] };
  } finally {
    await (running as LabPrometheus | null)?.stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    if (!slot.signal.aborted) slot.mesh.load(usualLoad);
  }
};
