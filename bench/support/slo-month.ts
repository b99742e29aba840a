import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import { engine } from '../../src/demo/stack.ts';
import type { Slo } from '../../src/domain/slo.ts';
import { labelBytes, snappyLiterals, writeRequest } from '../../test/support/remote-write.ts';

/** A mesh whose services have an availability and a latency each, and how much of it a Prometheus holds. */
export type Mesh = {
  readonly services: number;
  readonly pods: number;
  readonly callers: number;
  readonly scrapeSeconds: number;
  readonly days: number;
  readonly endMs: number;
};

type Labels = Readonly<Record<string, string>>;

/** Counters grow by so much a minute. */
type Counter = { readonly labels: Labels; readonly perMinute: (atMs: number) => number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const namespace = 'shop';
const serviceAt = (index: number): string => `service-${index + 1}`;

/** How the calls of one caller end at one pod: most well, some find nothing, few fail. Three rows of each metric. */
const endings = [
  { response_code: '200', response_flags: '-', share: 0.99, slowShare: 0.004 },
  { response_code: '404', response_flags: '-', share: 0.0098, slowShare: 0.001 },
  { response_code: '503', response_flags: 'UF', share: 0.0002, slowShare: 0 },
] as const;

/** More by day than by night. */
const busy = (atMs: number): number => 60 * (1.2 + Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs));

/** Every seventh service has an hour in which one of fifty fails, ten days before the end. */
const failing = (service: number, atMs: number, endMs: number): number =>
  service % 7 === 0 && atMs > endMs - 10 * dayMs && atMs <= endMs - 10 * dayMs + hourMs ? 100 : 1;

/** As Istio labels what the callee's proxy counts; of the buckets the one that the objectives are judged by, and `+Inf`. */
const countersOf = ({ services, pods, callers, endMs }: Mesh): readonly Counter[] => {
  const counters: Counter[] = [];
  for (let service = 0; service < services; service += 1)
    for (let pod = 0; pod < pods; pod += 1)
      for (let caller = 0; caller < callers; caller += 1)
        for (const { share, slowShare, ...ending } of endings) {
          const labels = {
            ...{
              reporter: 'destination',
              job: 'envoy-stats',
              pod: `${serviceAt(service)}-${pod}`,
              request_protocol: 'http',
              ...ending,
            },
            ...{ source_workload: `caller-${(service + caller) % services}`, source_workload_namespace: namespace },
            ...{
              destination_service_name: serviceAt(service),
              destination_service_namespace: namespace,
              destination_version: 'v1',
            },
            ...{ destination_workload: serviceAt(service), destination_workload_namespace: namespace },
          };
          const perMinute = (atMs: number): number =>
            busy(atMs) * share * (ending.response_code === '503' ? failing(service, atMs, endMs) : 1);
          const within = (atMs: number): number => perMinute(atMs) * (1 - slowShare);
          const duration = 'istio_request_duration_milliseconds';
          counters.push({ labels: { ...labels, __name__: 'istio_requests_total' }, perMinute });
          counters.push({ labels: { ...labels, __name__: `${duration}_count` }, perMinute });
          counters.push({ labels: { ...labels, __name__: `${duration}_bucket`, le: '250' }, perMinute: within });
        }
  return counters;
};

const slo = (name: string, service: string, more: Pick<Slo, 'sli' | 'objectivePpm'>): Slo => ({
  name,
  about: { kind: 'service', callee: { namespace, workload: null, service } },
  window: { kind: 'rolling', days: 30 },
  ...{ cluster: null, owner: null, channel: null, origin: { format: 'Edgewise', file: 'slos.yaml' } },
  ...more,
});

/** An availability and a latency of each service. */
export const slosOf = ({ services }: Mesh): readonly Slo[] =>
  Array.from({ length: services }, (_, index) => serviceAt(index)).flatMap((service) => [
    slo(`${service}-availability`, service, {
      sli: { kind: 'availability', bad: 'failed', reporter: 'destination' },
      objectivePpm: 999_000,
    }),
    slo(`${service}-latency`, service, {
      sli: { kind: 'latency', thresholdSeconds: 0.25, offEdge: 'refuse', reporter: 'destination' },
      objectivePpm: 990_000,
    }),
  ]);

/** What else is written: values of a gauge at any moment. */
export type Gauge = { readonly labels: Labels; readonly valueAt: (atMs: number) => number };

const send = async (url: string, body: Uint8Array): Promise<void> => {
  const written = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: Buffer.from(snappyLiterals(body)),
  });
  if (!written.ok) throw new Error(`Prometheus took no samples: ${written.status} ${await written.text()}`);
};

/** So much of the time at once, of every series: in the order of time, as scrapes come. */
const sliceMs = 4 * hourMs;

const writeSlices = async (
  url: string,
  { days, scrapeSeconds, endMs }: Mesh,
  series: readonly { readonly labels: Labels; readonly next: (atMs: number) => number }[],
): Promise<void> => {
  const named = series.map(({ labels, next }) => ({ labels: labelBytes(labels), next }));
  for (let fromMs = endMs - days * dayMs; fromMs < endMs; fromMs += sliceMs) {
    const moments = Array.from(
      { length: Math.round(Math.min(sliceMs, endMs - fromMs) / (scrapeSeconds * 1000)) },
      (_, index) => fromMs + (index + 1) * scrapeSeconds * 1000,
    );
    const parts = named.map(({ labels, next }) => ({
      ...{ labels, moments, from: 0, to: moments.length },
      values: Float64Array.from(moments, next),
    }));
    await send(url, writeRequest(parts));
  }
};

export type Month = {
  readonly url: string;
  readonly series: number;
  /** Gauges over the same time at the same pace. */
  readonly record: (gauges: readonly Gauge[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A real Prometheus with the counters of such a mesh. All in its head: nothing is compacted while it is asked. */
export const openMonth = async (mesh: Mesh): Promise<Month> => {
  const path = await engine('prometheus', () => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-bench-slo-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'prometheus.yaml'), '{}');
  const blocks = ['--storage.tsdb.min-block-duration=100d', '--storage.tsdb.max-block-duration=100d'];
  const words = [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--storage.tsdb.retention.time=100d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--log.level=error',
  ];
  const running = await startEngine(path, [...words, ...blocks], { name: 'prometheus', readyUrl: `${url}/-/ready` });
  const stop = async (): Promise<void> => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const counters = countersOf(mesh);
    const growing = counters.map(({ labels, perMinute }, index) => {
      // Counters are whole, and do not all step at the same scrape.
      let sum = (index % 97) / 97;
      const next = (atMs: number): number => {
        sum += (perMinute(atMs) * mesh.scrapeSeconds) / 60;
        return Math.floor(sum);
      };
      return { labels, next };
    });
    await writeSlices(url, mesh, growing);
    return {
      url,
      series: counters.length,
      record: (gauges) =>
        writeSlices(
          url,
          mesh,
          gauges.map(({ labels, valueAt }) => ({ labels, next: valueAt })),
        ),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};
