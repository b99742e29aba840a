import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { random } from '../../support/random.ts';
import type { Mesh, Pod, Target } from '../lab.ts';
import { type App, startApp } from './apps/app.ts';
import { makeCertificates } from './certificates.ts';
import { controlsOf } from './controls.ts';
import { type Exporter, startExporter } from './exporter.ts';
import { directoryOf } from './istio-labels.ts';
import { purchase, startLoad } from './load.ts';
import { startPolicies } from './policy.ts';
import { logFileIn, startSidecars } from './sidecars.ts';
import { aside, identityOf, podsOf, sidecar } from './topology.ts';
import { startTraceBox } from './traces.ts';

type MeshOptions = {
  /** Which loopback addresses: several meshes may run side by side. */
  readonly index: number;
  /** Path of the program. */
  readonly envoy: string;
  /** For configuration, certificates and access logs. */
  readonly folder: string;
  /** Address of a Zipkin that is told the proxies' spans; null: nobody keeps them. */
  readonly zipkin: string | null;
  /** The lab ends: nothing waits any longer. */
  readonly signal: AbortSignal;
};

const targetsOf = (pods: readonly Pod[], index: number, exporter: Exporter): readonly Target[] =>
  pods.flatMap((pod): Target[] => {
    const labels = { namespace: pod.namespace, pod: pod.name, app: pod.service, version: pod.version };
    return [
      { job: 'istio', address: `${aside(index, 'control')}:${exporter.port}`, path: `/metrics/${pod.name}`, labels },
      { job: 'envoy', address: `${pod.address}:${sidecar.admin}`, path: '/stats/prometheus', labels },
    ];
  });

/** Enough in a row that every pod was reached. */
const untilHealthy = async (gateway: string): Promise<void> => {
  const deadlineMs = performance.now() + 45_000;
  for (let inARow = 0; inARow < 12; ) {
    inARow = (await purchase(gateway)) ? inARow + 1 : 0;
    if (performance.now() > deadlineMs) throw new Error('the mesh did not become healthy within 45 s');
    if (inARow === 0) await wait(200);
  }
};

/** Starts everything: certificates, applications, proxies, control plane, exporter. Leaves nothing running when it fails. */
export const startMesh = async ({ index, envoy, folder, zipkin, signal }: MeshOptions): Promise<Mesh> => {
  const pods = podsOf(index);
  const draws = random(1000 + index);
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    // One that fails must not keep the others running.
    for (const end of stops.splice(0).toReversed()) await Promise.resolve(end()).catch(() => undefined);
  };
  try {
    const services = new Map(pods.map((pod) => [pod.service, { service: pod.service, identity: identityOf(pod) }]));
    await makeCertificates(join(folder, 'certificates'), [...services.values()]);
    const traces = await startTraceBox(aside(index, 'traces'), zipkin);
    stops.push(
      async () => {
        await traces.stop();
        const lost = traces.lost();
        if (lost > 0) process.stderr.write(`${lost} bodies of spans were not taken by Zipkin: traces may be incomplete\n`);
      },
      await startPolicies(index),
    );
    const apps: App[] = [];
    for (const pod of pods) {
      const app = await startApp(pod, draws.uniform);
      stops.push(app.stop);
      apps.push(app);
    }
    // Where nobody keeps them each tracer has its turn.
    const tracer = zipkin === null && index % 2 === 0 ? 'opentelemetry' : 'zipkin';
    const sidecars = await startSidecars({ index, envoy, folder, pods, tracer });
    stops.push(sidecars.stop);
    const exporter = await startExporter(aside(index, 'control'), directoryOf(pods), (pod) => logFileIn(folder, pod));
    stops.push(exporter.stop);
    const gateway = pods[0]?.address ?? '';
    const load = startLoad(gateway, draws.uniform);
    stops.push(load.stop);
    const { controls, undo, failures } = controlsOf({ index, pods, sidecars, apps, load, signal });
    stops.push(undo);
    await untilHealthy(gateway);
    const targets = targetsOf(pods, index, exporter);
    // Counters name a pod by its place; of a pod's two targets the first exposes them.
    const targetOf = (pod: number): number => pod * 2;
    return {
      pods,
      targets,
      load: load.set,
      counters: () => exporter.counters().map((counter) => ({ ...counter, target: targetOf(counter.target) })),
      continueFrom: (counters) => exporter.continueFrom(counters.map((counter) => ({ ...counter, target: counter.target / 2 }))),
      prepare: async ({ setup, hasOwnPast }) => {
        await setup?.(controls);
        // Otherwise more than the act would be broken.
        if (setup !== undefined && hasOwnPast !== true) await untilHealthy(gateway);
      },
      breakIt: async ({ act }) => act(controls),
      failures,
      heal: async () => {
        await undo();
        await untilHealthy(gateway);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
