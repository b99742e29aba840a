import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../src/demo/engine-process.ts';
import { engine, startAlertmanager } from '../../../src/demo/stack.ts';
import { channel } from '../../../src/demo/start.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import { startZipkin, type TraceServer } from '../../support/trace-servers.ts';
import type { Mesh } from '../lab.ts';
import { type Bot, newToken, startLabBot } from './bot.ts';
import type { Measured } from './past/measured.ts';
import { versionOf } from './prometheus.ts';
import { unlessAborted } from './unless-aborted.ts';
import { startWire, type Wire } from './wire.ts';

/** What the healthy mesh did at one load, and how late the lab's own timers came meanwhile. */
export type Healthy = { readonly measured: Measured; readonly lagMs: number };

/** Everything that a slot keeps from fault to fault. */
export type Slot = {
  readonly mesh: Mesh;
  readonly bot: Bot;
  readonly wire: Wire;
  readonly workspace: Workspace;
  /** "127.0.0.1:9093". */
  readonly alertmanager: string;
  readonly prometheus: { readonly path: string; readonly version: string; readonly port: number };
  readonly folder: string;
  /** What the healthy mesh does, by load. */
  readonly measured: Map<string, Healthy>;
  readonly signal: AbortSignal;
};

type SlotOptions = {
  readonly folder: string;
  /** `zipkin`: who is told its spans; null: nobody keeps them. */
  readonly startMesh: (folder: string, zipkin: string | null) => Promise<Mesh>;
  /** Names of the faults: each is a cluster to the bot. */
  readonly faults: readonly string[];
  /** Zipkin's archive; null: the lab has no traces. */
  readonly zipkin: string | null;
  readonly signal: AbortSignal;
};

const quiet = (): void => undefined;

/**
 * One Prometheus follows the other at the same port, which no outgoing connection may take meanwhile: below the ports that the kernel gives
 * to those (32768 up, man 7 ip, ip_local_port_range), and not 9090, where the machine's own may listen at every address.
 */
const prometheusPort = 19_090;

/** A mesh whose acts do not hold up the end of the slot, however long they wait: the mesh's own end undoes them. */
const endedBy = (mesh: Mesh, signal: AbortSignal): Mesh => ({
  ...mesh,
  prepare: (fault) => unlessAborted(() => mesh.prepare(fault), signal),
  breakIt: (fault) => unlessAborted(() => mesh.breakIt(fault), signal),
  heal: () => unlessAborted(mesh.heal, signal),
});

/** Spans that Zipkin keeps: those of a fault and of the healthy minutes before it. With three times as many, its 256 MB are all collecting. */
const keptSpans = '50000';

/** A slot without traces is worth more than none. */
const zipkinOrNone = (jar: string): Promise<TraceServer | null> =>
  startZipkin(jar, { MEM_MAX_SPANS: keptSpans }).catch((error: unknown) => {
    process.stderr.write(`NO TRACES in this slot: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  });

/** Starts mesh, workspace, bot and Alertmanager, and hands them to `work`; whatever comes of it, nothing is left running. */
export const withSlot = async (
  { folder, startMesh, faults, zipkin: jar, signal }: SlotOptions,
  work: (slot: Slot) => Promise<void>,
): Promise<void> => {
  const stops: (() => Promise<void>)[] = [];
  const kept = <T>(one: T, stop: () => Promise<void>): T => {
    stops.push(stop);
    return one;
  };
  try {
    mkdirSync(folder, { recursive: true });
    const path = await engine('prometheus', quiet, signal);
    const prometheus = { path, version: await versionOf(path), port: prometheusPort };
    // One for each slot: the services of every slot are called alike.
    const store = jar === null ? null : await zipkinOrNone(jar);
    if (store !== null) kept(store, store.stop);
    const zipkin = store?.url ?? null;
    const mesh = await unlessAborted(() => startMesh(join(folder, 'mesh'), zipkin), signal);
    kept(mesh, mesh.stop);
    const workspace = await startWorkspace({ channels: [channel] });
    kept(workspace, workspace.close);
    const webhookPort = await freePort();
    const token = newToken();
    const wire = await startWire(`http://127.0.0.1:${webhookPort}/webhooks/alertmanager`, zipkin);
    kept(wire, wire.close);
    const clusters = faults.map((name) => ({ name, prometheus: wire.prometheusOf(name), zipkin: wire.tracesOf(name) }));
    const bot = await startLabBot({ folder, webhookPort, token, workspace, clusters, signal });
    kept(bot, bot.process.stop);
    const alertmanager = await startAlertmanager(folder, wire.webhook, token, quiet, signal);
    kept(alertmanager, alertmanager.stop);
    await work({
      mesh: endedBy(mesh, signal),
      bot,
      wire,
      workspace,
      alertmanager: alertmanager.address,
      prometheus,
      folder,
      measured: new Map(),
      signal,
    });
  } finally {
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
  }
};
