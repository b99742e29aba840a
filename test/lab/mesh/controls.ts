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
  readonly appDown: (who: string) => Promise<void>;
  readonly appUp: (who: string) => Promise<void>;
  readonly killProxy: (who: string) => Promise<void>;
  readonly startProxy: (who: string) => Promise<void>;
  readonly press: (who: string, pressure: number) => void;
  readonly admin: (who: string, path: string) => Promise<void>;
  readonly load: Omit<Load, 'stop'>;
  /** An address and port that take no connection and refuse none. */
  readonly hole: () => Promise<{ readonly address: string; readonly port: number }>;
  /** An address and port where nobody listens. */
  readonly nobody: { readonly address: string; readonly port: number };
  /** Waits, and stops waiting when the fault is healed. */
  readonly wait: (seconds: number) => Promise<void>;
  /** Does this again and again until the fault is healed. */
  readonly every: (seconds: number, act: () => Promise<void> | void) => void;
};

type Parts = {
  readonly index: number;
  readonly pods: readonly Pod[];
  readonly sidecars: Sidecars;
  readonly apps: readonly App[];
  readonly load: Load;
};

/** The controls, and how everything that was done with them is undone. */
export const controlsOf = ({
  index,
  pods,
  sidecars,
  apps,
  load,
}: Parts): { readonly controls: Controls; readonly undo: () => Promise<void> } => {
  let holes: Hole[] = [];
  let timers: NodeJS.Timeout[] = [];
  let healed = new AbortController();
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
    wait: (seconds) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000);
        healed.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    every: (seconds, act) => {
      timers.push(setInterval(() => void act(), seconds * 1000));
    },
  };
  const undo = async (): Promise<void> => {
    healed.abort();
    healed = new AbortController();
    for (const timer of timers) clearInterval(timer);
    timers = [];
    for (const hole of holes) await hole.close();
    holes = [];
    load.impatient(0, 1);
    load.buyers(null);
    for (const app of apps) {
      app.behave([]);
      await app.up();
    }
    for (const pod of pods) {
      sidecars.press(pod, 0);
      sidecars.configure(pod, () => healthyProxy(index, pod));
    }
    await Promise.all(pods.map(sidecars.start));
    for (const pod of pods) await sidecars.admin(pod, '/healthcheck/ok');
  };
  return { controls, undo };
};
