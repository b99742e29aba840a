import { setTimeout as pause } from 'node:timers/promises';
import type { Pod } from '../lab.ts';
import type { App } from './apps/app.ts';
import type { Behaviour } from './apps/behaviour.ts';
import { type Hole, openHole } from './hole.ts';
import type { Load } from './load.ts';
import { healthyProxy, type Inbound, type Outbound, type ProxyConfig } from './proxy.ts';
import type { Sidecars } from './sidecars.ts';
import { aside } from './topology.ts';

/** What can be done to a mesh. `who` is a service, a workload or a pod; all of its pods are meant. */
export type Controls = {
  readonly podsOf: (who: string) => readonly Pod[];
  /** What the callers' proxies know of one service that they call. */
  readonly outbound: (who: string, callee: string, change: (outbound: Outbound) => Outbound) => void;
  /** What the proxies of a callee do with what comes in. */
  readonly inbound: (who: string, change: (inbound: Inbound) => Inbound) => void;
  readonly proxy: (who: string, change: (config: ProxyConfig) => ProxyConfig) => void;
  readonly behave: (who: string, ...behaviours: readonly Behaviour[]) => void;
  /** How long the applications wait for what they ask; null: as ever. */
  readonly patience: (who: string, seconds: number | null) => void;
  readonly appDown: (who: string) => Promise<void>;
  readonly appUp: (who: string) => Promise<void>;
  /** By SIGKILL: what is on its way breaks. */
  readonly killProxy: (who: string) => Promise<void>;
  readonly startProxy: (who: string) => Promise<void>;
  readonly press: (who: string, pressure: number) => void;
  readonly admin: (who: string, path: string) => Promise<void>;
  readonly load: Omit<Load, 'stop'>;
  /** An address and port that take no connection and refuse none. */
  readonly hole: () => Promise<{ readonly address: string; readonly port: number }>;
  /** An address and port where nobody listens. */
  readonly nobody: { readonly address: string; readonly port: number };
  /** Waits, and stops waiting when the fault is healed or the lab ends. */
  readonly wait: (seconds: number) => Promise<void>;
  /** Does this now and then again and again until the fault is healed, never twice at once. What goes wrong with it is a failure of the mesh. */
  readonly every: (seconds: number, act: () => Promise<void> | void) => void;
};

type Parts = {
  readonly index: number;
  readonly pods: readonly Pod[];
  readonly sidecars: Sidecars;
  readonly apps: readonly App[];
  readonly load: Load;
  /** The lab ends. */
  readonly signal: AbortSignal;
};

type Controlled = {
  readonly controls: Controls;
  /** Undoes everything that was done with them. */
  readonly undo: () => Promise<void>;
  /** What went wrong since then, apart from acts that tell so themselves. */
  readonly failures: () => readonly string[];
};

export const controlsOf = ({ index, pods, sidecars, apps, load, signal }: Parts): Controlled => {
  let holes: Hole[] = [];
  let failures: string[] = [];
  let healed = new AbortController();
  const over = (): AbortSignal => AbortSignal.any([healed.signal, signal]);
  const pauseUntil = (seconds: number, end: AbortSignal): Promise<void> =>
    pause(seconds * 1000, undefined, { signal: end }).catch(() => undefined);
  const again = async (seconds: number, act: () => Promise<void> | void): Promise<void> => {
    const end = over();
    while (!end.aborted) {
      const next = pauseUntil(seconds, end);
      try {
        await act();
      } catch (error) {
        if (!end.aborted) failures.push(`what is done every ${seconds} s failed: ${String(error)}`);
        return;
      }
      await next;
    }
  };
  const select = (who: string): readonly Pod[] => {
    const found = pods.filter(({ name, workload, service }) => [name, workload, service].includes(who));
    if (found.length === 0) throw new Error(`nobody in the mesh is called ${who}`);
    return found;
  };
  const appsOf = (who: string): readonly App[] => {
    const names = new Set(select(who).map(({ name }) => name));
    return apps.filter(({ pod }) => names.has(pod.name));
  };
  const each = async (who: string, act: (pod: Pod) => Promise<unknown>): Promise<void> => {
    await Promise.all(select(who).map(act));
  };
  const proxy: Controls['proxy'] = (who, change) => {
    for (const pod of select(who)) sidecars.configure(pod, change);
  };
  const controls: Controls = {
    podsOf: select,
    proxy,
    outbound: (who, callee, change) =>
      proxy(who, (config) => {
        const known = config.outbound[callee];
        if (known === undefined) throw new Error(`${who} does not call ${callee}`);
        return { ...config, outbound: { ...config.outbound, [callee]: change(known) } };
      }),
    inbound: (who, change) => proxy(who, (config) => ({ ...config, inbound: config.inbound.map(change) })),
    behave: (who, ...behaviours) => {
      for (const app of appsOf(who)) app.behave(behaviours);
    },
    patience: (who, seconds) => {
      for (const app of appsOf(who)) app.patience(seconds);
    },
    appDown: async (who) => {
      await Promise.all(appsOf(who).map((app) => app.down()));
    },
    appUp: async (who) => {
      await Promise.all(appsOf(who).map((app) => app.up()));
    },
    killProxy: (who) => each(who, sidecars.kill),
    startProxy: (who) => each(who, sidecars.start),
    press: (who, pressure) => {
      for (const pod of select(who)) sidecars.press(pod, pressure);
    },
    admin: (who, path) => each(who, (pod) => sidecars.admin(pod, path)),
    load,
    hole: async () => {
      const hole = await openHole(aside(index, 'hole'));
      holes.push(hole);
      return hole;
    },
    nobody: { address: aside(index, 'nobody'), port: 9 },
    wait: (seconds) => pauseUntil(seconds, over()),
    every: (seconds, act) => void again(seconds, act),
  };
  const undo = async (): Promise<void> => {
    healed.abort();
    healed = new AbortController();
    failures = [];
    for (const hole of holes) await hole.close();
    holes = [];
    load.impatient(0, 1);
    load.buyers(null);
    load.strangers(0);
    for (const app of apps) {
      app.behave([]);
      app.patience(null);
      await app.up();
    }
    for (const pod of pods) {
      sidecars.press(pod, 0);
      sidecars.configure(pod, () => healthyProxy(index, pod));
    }
    await Promise.all(pods.map(sidecars.start));
    for (const pod of pods) await sidecars.admin(pod, '/healthcheck/ok');
  };
  return { controls, undo, failures: () => failures };
};
