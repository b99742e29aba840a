import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';

/** Jaeger as a store and as OpenTelemetry's collector, whose span metrics a Prometheus reads that keeps exemplars. */
export type ExemplarChain = {
  readonly jaegerUrl: string;
  readonly prometheusUrl: string;
  /** OTLP's JSON. */
  readonly post: (body: object) => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Ports = {
  readonly http: number;
  readonly grpc: number;
  readonly otlp: number;
  readonly metrics: number;
  readonly prometheus: number;
};

const here = (port: number): string => `127.0.0.1:${port}`;

const jaegerConfig = ({ http, grpc, otlp, metrics }: Ports): object => ({
  service: {
    extensions: ['jaeger_storage', 'jaeger_query'],
    pipelines: {
      traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter', 'spanmetrics'] },
      metrics: { receivers: ['spanmetrics'], exporters: ['prometheus'] },
    },
    telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
  },
  extensions: {
    jaeger_query: { storage: { traces: 'mem' }, http: { endpoint: here(http) }, grpc: { endpoint: here(grpc) } },
    jaeger_storage: { backends: { mem: { memory: { max_traces: 10_000 } } } },
  },
  receivers: { otlp: { protocols: { http: { endpoint: here(otlp) } } } },
  connectors: {
    spanmetrics: {
      metrics_flush_interval: '2s',
      exemplars: { enabled: true },
      dimensions: [{ name: 'http.status_code' }, { name: 'peer.service' }],
    },
  },
  exporters: {
    jaeger_storage_exporter: { trace_storage: 'mem' },
    // Exemplars are told only in OpenMetrics.
    prometheus: { endpoint: here(metrics), enable_open_metrics: true },
  },
});

const prometheusConfig = ({ metrics }: Ports): object => ({
  global: { scrape_interval: '500ms' },
  scrape_configs: [{ job_name: 'spans', honor_labels: true, static_configs: [{ targets: [here(metrics)] }] }],
});

/** Targets are found some seconds after the start, and an exemplar is told for one flush only: whoever comes late has missed it. */
const scraped = async (prometheusUrl: string): Promise<void> => {
  for (const untilMs = Date.now() + 30_000; Date.now() < untilMs; await wait(100)) {
    const answer = await fetch(`${prometheusUrl}/api/v1/query?query=up==1`);
    if ((await answer.text()).includes('"job":"spans"')) return;
  }
  throw new Error('Prometheus scraped no span metrics within 30 s');
};

/** Starts both on loopback, each on ports of its own. */
export const startExemplarChain = async (jaeger: string, prometheus: string): Promise<ExemplarChain> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-exemplars-'));
  const [http, grpc, otlp, metrics, own] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const ports: Ports = { http, grpc, otlp, metrics, prometheus: own };
  const file = (name: string, config: object): string => {
    // JSON is YAML.
    writeFileSync(join(folder, name), JSON.stringify(config));
    return join(folder, name);
  };
  const [jaegerUrl, prometheusUrl] = [`http://${here(http)}`, `http://${here(own)}`];
  const store = await startEngine(jaeger, ['--config', file('jaeger.yaml', jaegerConfig(ports))], {
    name: 'jaeger',
    readyUrl: `${jaegerUrl}/api/v3/services`,
  });
  const engine = await startEngine(
    prometheus,
    [
      `--config.file=${file('prometheus.yaml', prometheusConfig(ports))}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${here(own)}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ],
    { name: 'prometheus', readyUrl: `${prometheusUrl}/-/ready` },
  );
  const post = async (body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://${here(otlp)}/v1/traces`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`Jaeger took no spans: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  const stop = async (): Promise<void> => {
    await Promise.all([store.stop(), engine.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  await scraped(prometheusUrl).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { jaegerUrl, prometheusUrl, post, stop };
};
