import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, Mesh } from '../lab.ts';
import { type Measured, measuredFrom, type Snapshot } from './past/measured.ts';
import { busyMs } from './result.ts';
import type { Healthy, Slot } from './slot-parts.ts';

/** Requests a second at the gateway where a fault does not say otherwise. */
export const usualLoad = 15;

/** The mesh is not well, though nothing is broken any more: a new one is needed. */
export class MeshLost extends Error {}

/** Below this the measurement would hold too few requests: it is made at the usual load, and scaled. */
const leastMeasured = 10;
/** What befalls fewer requests than one of these is in no past. */
const measuredRequests = 1350;
const leastSeconds = 45;
const settleSeconds = 3;

/** What is usual for one fault alone shows in it all the time, and is not measured for others. */
const secondsFor = ({ hasOwnPast }: Fault, load: number): number =>
  hasOwnPast === true ? leastSeconds : Math.max(leastSeconds, Math.ceil(measuredRequests / load));

const measuredAt = ({ load = usualLoad }: Fault): number => (load < leastMeasured ? usualLoad : load);

const keyOf = (fault: Fault): string => JSON.stringify([measuredAt(fault), fault.hasOwnPast === true ? fault.name : '']);

const scaled = ({ cells, plain }: Measured, factor: number): Measured => ({
  cells: cells.map((cell) => ({ ...cell, perSecond: cell.perSecond * factor })),
  plain: plain.map((one) => ({ ...one, perSecond: one.perSecond * factor })),
});

const measure = async (mesh: Mesh, fault: Fault, signal: AbortSignal): Promise<Healthy> => {
  const load = measuredAt(fault);
  const look = (): Snapshot => ({ atMs: Date.now(), counters: mesh.counters() });
  mesh.load(load);
  await wait(settleSeconds * 1000, undefined, { signal });
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  const first = look();
  await wait(secondsFor(fault, load) * 1000, undefined, { signal });
  const last = look();
  lag.disable();
  return { measured: measuredFrom(first, last), lagMs: Math.round(lag.percentile(99) / 1e6) };
};

/** What was measured while the machine was busy is measured once more, for every fault that needs it: of all the calmest stands. */
export const calmest = async (known: Healthy | undefined, measureNow: () => Promise<Healthy>): Promise<Healthy> => {
  const best = known ?? (await measureNow());
  if (best.lagMs <= busyMs) return best;
  const next = await measureNow();
  return next.lagMs < best.lagMs ? next : best;
};

/** How late timers came while the healthy mesh of this fault was measured. */
export const healthyLagMs = ({ measured }: Pick<Slot, 'measured'>, fault: Fault): number =>
  measured.get(keyOf(fault))?.lagMs ?? 0;

/** Does something while the mesh is looked at as it is during a fault. */
export type Observed = <T>(act: () => Promise<T>) => Promise<T>;

/**
 * Makes the mesh healthy at the load of a fault, and says what it does then; the same mesh at the same load is measured once, unless a fault's
 * own is different. It is observed meanwhile: what that costs a small machine is part of what is usual.
 */
export const healthyAt = async ({ mesh, measured, signal }: Slot, fault: Fault, observed: Observed): Promise<Measured> => {
  const load = fault.load ?? usualLoad;
  const isOwn = fault.hasOwnPast === true;
  try {
    await mesh.heal();
    if (isOwn) await mesh.prepare(fault);
    const healthy = await calmest(measured.get(keyOf(fault)), () => observed(() => measure(mesh, fault, signal)));
    measured.set(keyOf(fault), healthy);
    // What is shared is measured before: no fault's preparations stand in the past of another.
    if (!isOwn) await mesh.prepare(fault);
    mesh.load(load);
    return scaled(healthy.measured, load / measuredAt(fault));
  } catch (error) {
    throw new MeshLost(error instanceof Error ? error.message : String(error));
  }
};
