import { setTimeout as wait } from 'node:timers/promises';
import type { Fault, Mesh } from '../lab.ts';
import { type Measured, measuredFrom, type Snapshot } from './past/measured.ts';
import type { Slot } from './slot-parts.ts';

/** Requests a second at the gateway where a fault does not say otherwise. */
export const usualLoad = 15;

/** The mesh is not well, though nothing is broken any more: a new one is needed. */
export class MeshLost extends Error {}

/** Below this the measurement would hold too few requests: it is made at the usual load, and scaled. */
const leastMeasured = 10;
const measureSeconds = 45;
const everySeconds = 5;
const settleSeconds = 3;

const scaled = ({ cells, plain }: Measured, factor: number): Measured => ({
  cells: cells.map((cell) => ({ ...cell, perSecond: cell.perSecond * factor })),
  plain: plain.map((one) => ({ ...one, perSecond: one.perSecond * factor })),
});

const measure = async (mesh: Mesh, signal: AbortSignal): Promise<Measured> => {
  await wait(settleSeconds * 1000, undefined, { signal });
  const snapshots: Snapshot[] = [];
  for (let passed = 0; passed <= measureSeconds; passed += everySeconds) {
    snapshots.push({ atMs: Date.now(), counters: mesh.counters() });
    if (passed < measureSeconds) await wait(everySeconds * 1000, undefined, { signal });
  }
  return measuredFrom(snapshots);
};

/** Makes the mesh healthy at the load of a fault, and says what it does then; the same mesh at the same load is measured once, unless a fault's own is different. */
export const healthyAt = async ({ mesh, measured, signal }: Slot, fault: Fault): Promise<Measured> => {
  const load = fault.load ?? usualLoad;
  const measuredAt = load < leastMeasured ? usualLoad : load;
  await mesh.heal().catch((error: unknown) => {
    throw new MeshLost(error instanceof Error ? error.message : String(error));
  });
  await mesh.prepare(fault);
  const key = JSON.stringify([measuredAt, fault.hasOwnPast === true ? fault.name : '']);
  const known = measured.get(key);
  if (known === undefined) mesh.load(measuredAt);
  const seen = known ?? (await measure(mesh, signal));
  measured.set(key, seen);
  mesh.load(load);
  return scaled(seen, load / measuredAt);
};
