import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from '../lab.ts';
import { healthyAt, MeshLost, usualLoad } from './healthy.ts';
import { askWhy, edgesSeen, type Looked, lookAtRoots, rootCount } from './messages.ts';
import { givePast } from './past/give.ts';
import { keepsWholeBounds, type LabPrometheus, startLabPrometheus } from './prometheus.ts';
import type { FaultResult } from './result.ts';
import type { Slot } from './slot-parts.ts';

/** From the act to the look, where the fault does not say otherwise. */
const usualAgeSeconds = 75;
/** Alerts that are pending then are waited for a little longer. */
const patienceSeconds = 25;
/** How long the first message waits for others about the same fault, once it stands. */
const companySeconds = 12;
/** After the first live scrape of every target: once more each, so that rates of the last seconds are there. */
const healthySeconds = 6;
/** How long drawing a past may take: it ends then, and the counters go on at that moment. */
const drawingMs = 3000;

/** The same past for the same fault. */
const seedOf = (name: string): number => [...name].reduce((seed, letter) => (seed * 31 + letter.charCodeAt(0)) >>> 0, 17);

type AlertsAnswer = {
  readonly data: { readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[] };
};

const alertsAt = async (url: string, signal: AbortSignal): Promise<AlertsAnswer['data']['alerts']> =>
  ((await (await fetch(`${url}/api/v1/alerts`, { signal })).json()) as AlertsAnswer).data.alerts;

/** A healthy mesh with a past, scraped by a Prometheus of its own, which the bot can ask. */
const prepare = async (slot: Slot, fault: Fault, folder: string, onStart: (running: LabPrometheus) => void): Promise<void> => {
  const { mesh, wire, alertmanager, prometheus, signal } = slot;
  const measured = await healthyAt(slot, fault);
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

/** Waits until it is time to look: the age of the fault, and a little more while alerts are only pending. */
const waitToLook = async (slot: Slot, fault: Fault, actMs: number, url: string): Promise<void> => {
  const { signal } = slot;
  const until = (seconds: number): number => Math.max(0, actMs + seconds * 1000 - Date.now());
  const age = fault.ageSeconds ?? usualAgeSeconds;
  const isPatient = fault.kind === 'quiet' || fault.ageSeconds !== undefined;
  if (isPatient) await wait(until(age), undefined, { signal });
  let firstMs: number | null = null;
  while (until(age + patienceSeconds) > 0) {
    if (rootCount(slot, fault.name) > 0) firstMs ??= Date.now();
    if (firstMs !== null && Date.now() - firstMs >= companySeconds * 1000) return;
    if (until(age) === 0 && firstMs === null && (await alertsAt(url, signal)).length === 0) return;
    await wait(1000, undefined, { signal });
  }
};

/** What a reader sees: the roots; where none came, or nothing may be blamed, the answers to questions. */
const look = async (slot: Slot, fault: Fault): Promise<readonly Looked[]> => {
  const roots = await lookAtRoots(slot, fault);
  const edges =
    fault.kind === 'quiet' ? edgesSeen(slot) : fault.truth.edge === null || roots.length > 0 ? [] : [fault.truth.edge];
  const answers: Looked[] = [];
  for (const edge of edges) answers.push(await askWhy(slot, fault, edge));
  return [...roots, ...answers];
};

/** Timers of the last fault; what came before the act does not count. */
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();

const resultOf = (
  fault: Fault,
  startedMs: number,
  alerts: readonly string[],
  looked: readonly Looked[],
  errors: readonly string[],
): FaultResult => ({
  name: fault.name,
  says: fault.says,
  kind: fault.kind,
  expected: { rule: fault.truth.rules[0] ?? null, side: fault.truth.sides[0] ?? null, edge: fault.truth.edge },
  seconds: (performance.now() - startedMs) / 1000,
  lagMs: Math.round(lag.percentile(99) / 1e6),
  alerts,
  messages: looked.map(({ graded }) => graded),
  errors: [...errors, ...looked.flatMap(({ errors: own }) => own)],
});

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
    await waitToLook(slot, fault, actMs, url);
    const looked = await look(slot, fault);
    const alerts = (await alertsAt(url, slot.signal)).map(({ state, labels }) => `${labels['alertname']} (${state})`);
    const errors = [
      ...(early > 0 ? ['an alert fired before anything was broken'] : []),
      ...slot.mesh.failures(),
      ...slot.bot
        .complaints()
        .slice(complaints)
        .map((line) => `the bot complains: ${line}`),
    ];
    return { result: resultOf(fault, startedMs, [...new Set(alerts)], looked, errors), looked };
  } catch (error) {
    slot.signal.throwIfAborted();
    if (error instanceof MeshLost) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return { result: resultOf(fault, startedMs, [], [], [why]), looked: [] };
  } finally {
    await (running as LabPrometheus | null)?.stop().catch(() => undefined);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    if (!slot.signal.aborted) slot.mesh.load(usualLoad);
  }
};
