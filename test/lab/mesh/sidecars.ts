import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningEngine, startEngine } from '../../../src/demo/engine-process.ts';
import type { Pod } from '../lab.ts';
import { type Control, startControl } from './control.ts';
import { bootstrap } from './envoy/bootstrap.ts';
import { clustersOf } from './envoy/clusters.ts';
import { listenersOf, type Tracer } from './envoy/listeners.ts';
import { inboundRoutes, outboundRoutes } from './envoy/routes.ts';
import { healthyProxy, type ProxyConfig } from './proxy.ts';
import { aside, nodeIdOf, sidecar } from './topology.ts';

/** The proxies of one mesh, and the control plane that tells them what to do. */
export type Sidecars = {
  readonly configure: (pod: Pod, change: (config: ProxyConfig) => ProxyConfig) => void;
  readonly configOf: (pod: Pod) => ProxyConfig;
  /** Ends a proxy by SIGKILL, as the kernel does when memory runs out: it finishes nothing, not even a line of its log. */
  readonly kill: (pod: Pod) => Promise<void>;
  /** Starts it again; nothing where it runs. */
  readonly start: (pod: Pod) => Promise<void>;
  /** Pressure on a proxy's overload manager, 0–1. */
  readonly press: (pod: Pod, pressure: number) => void;
  /** Asks a proxy's admin interface. */
  readonly admin: (pod: Pod, path: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

type SidecarOptions = {
  readonly index: number;
  readonly envoy: string;
  readonly folder: string;
  readonly pods: readonly Pod[];
  readonly tracer: Tracer;
};

/** How long an admin interface may take to answer. */
const adminMs = 3000;

/** Leaves the number of its process in a file before it becomes Envoy: whoever stops an engine is not heard of by SIGKILL. */
const withNumber = 'echo $$ > "$0"; exec "$@"';

export const logFileIn = (folder: string, pod: Pod): string => join(folder, `${pod.name}.log`);

export const startSidecars = async ({ index, envoy, folder, pods, tracer }: SidecarOptions): Promise<Sidecars> => {
  const control: Control = await startControl(aside(index, 'control'));
  const configs = new Map<string, ProxyConfig>(pods.map((pod) => [pod.name, healthyProxy(index, pod)]));
  const running = new Map<string, RunningEngine>();
  const certificates = join(folder, 'certificates');
  const configOf = (pod: Pod): ProxyConfig => configs.get(pod.name) ?? healthyProxy(index, pod);

  const tell = (pod: Pod): void => {
    const config = configOf(pod);
    const around = {
      index,
      logFile: logFileIn(folder, pod),
      certificates,
      tracer,
    };
    control.tell(nodeIdOf(pod), {
      listeners: listenersOf(pod, config, around),
      clusters: clustersOf(pod, config, index, certificates),
      routes: [outboundRoutes(config, pod.name), inboundRoutes(config)],
    });
  };

  const pressureFile = (pod: Pod): string => join(folder, `${pod.name}.pressure`);
  const numberFile = (pod: Pod): string => join(folder, `${pod.name}.pid`);

  // One after the other for each proxy: an act may end it while healing starts it.
  const turns = new Map<string, Promise<void>>();
  const inTurn =
    (act: (pod: Pod) => Promise<void>) =>
    (pod: Pod): Promise<void> => {
      const before = turns.get(pod.name) ?? Promise.resolve();
      const mine = before.catch(() => undefined).then(() => act(pod));
      turns.set(pod.name, mine);
      return mine;
    };

  const start = inTurn(async (pod) => {
    if (running.has(pod.name)) return;
    const file = join(folder, `${pod.name}.json`);
    writeFileSync(pressureFile(pod), '0.0');
    writeFileSync(file, JSON.stringify(bootstrap(pod, index, control.port, pressureFile(pod))));
    const words = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '-l', 'error', '--file-flush-interval-msec', '200'];
    const drain = ['--drain-time-s', '1', '--drain-strategy', 'immediate'];
    const engine = await startEngine('/bin/sh', ['-c', withNumber, numberFile(pod), envoy, ...words, ...drain], {
      name: `the proxy of ${pod.name}`,
      readyUrl: `http://${pod.address}:${sidecar.admin}/ready`,
      graceMs: 1000,
    });
    running.set(pod.name, engine);
  });

  const kill = inTurn(async (pod) => {
    const engine = running.get(pod.name);
    if (engine === undefined) return;
    running.delete(pod.name);
    process.kill(Number(readFileSync(numberFile(pod), 'utf8')), 'SIGKILL');
    await engine.ended;
  });

  const admin = async (pod: Pod, path: string): Promise<string> =>
    (
      await fetch(`http://${pod.address}:${sidecar.admin}${path}`, { method: 'POST', signal: AbortSignal.timeout(adminMs) })
    ).text();

  const stop = async (): Promise<void> => {
    await Promise.all([...running.values()].map((engine) => engine.stop()));
    await control.stop();
  };
  for (const pod of pods) tell(pod);
  try {
    await Promise.all(pods.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    configOf,
    configure: (pod, change) => {
      configs.set(pod.name, change(configOf(pod)));
      tell(pod);
    },
    kill,
    start,
    press: (pod, pressure) => {
      // Envoy hears of a rename, not of a write.
      writeFileSync(`${pressureFile(pod)}.new`, String(pressure));
      renameSync(`${pressureFile(pod)}.new`, pressureFile(pod));
    },
    admin,
    stop,
  };
};
