import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../src/demo/engine-process.ts';
import { engine, startAlertmanager } from '../../../src/demo/stack.ts';
import { channel } from '../../../src/demo/start.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/workspace.ts';
import type { Mesh } from '../lab.ts';
import { type Bot, newToken, startLabBot } from './bot.ts';
import type { Measured } from './past/measured.ts';
import { versionOf } from './prometheus.ts';
import { startWire, type Wire } from './wire.ts';

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
  /** What the healthy mesh does, by load; measured once. */
  readonly measured: Map<string, Measured>;
  readonly signal: AbortSignal;
};

type SlotOptions = {
  readonly folder: string;
  readonly startMesh: (folder: string) => Promise<Mesh>;
  /** Names of the faults: each is a cluster to the bot. */
  readonly faults: readonly string[];
  readonly signal: AbortSignal;
};

const quiet = (): void => undefined;

/** Starts mesh, workspace, bot and Alertmanager, and hands them to `work`; whatever comes of it, nothing is left running. */
export const withSlot = async (
  { folder, startMesh, faults, signal }: SlotOptions,
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
    const prometheus = { path, version: await versionOf(path), port: await freePort() };
    const mesh = await startMesh(join(folder, 'mesh'));
    kept(mesh, mesh.stop);
    const workspace = await startWorkspace({ channels: [channel] });
    kept(workspace, workspace.close);
    const webhookPort = await freePort();
    const token = newToken();
    const wire = await startWire(`http://127.0.0.1:${webhookPort}/webhooks/alertmanager`);
    kept(wire, wire.close);
    const clusters = faults.map((name) => [name, wire.prometheusOf(name)] as const);
    const bot = await startLabBot({ folder, webhookPort, token, workspace, clusters, signal });
    kept(bot, bot.process.stop);
    const alertmanager = await startAlertmanager(folder, wire.webhook, token, quiet, signal);
    kept(alertmanager, alertmanager.stop);
    await work({
      mesh,
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
