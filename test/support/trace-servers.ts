import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import { asOtlp, asZipkin } from './trace-forms.ts';
import type { ToldSpan } from './trace-story.ts';

/** A real store of traces on a port of its own. */
export type TraceServer = {
  readonly url: string;
  readonly tell: (spans: readonly ToldSpan[]) => Promise<void>;
  /** A body as it is: OTLP's JSON for Jaeger, its own list for Zipkin. */
  readonly post: (body: object) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const poster =
  (url: string) =>
  async (body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${url} took no spans: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };

/** Zipkin on loopback only: by default it listens everywhere (openzipkin/zipkin, zipkin-server/README.md). Spans can be found once the POST is answered. */
export const startZipkin = async (jar: string, environment: Readonly<Record<string, string>> = {}): Promise<TraceServer> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = ['ip=127.0.0.1', `port=${port}`, 'protocols[0]=http'].map((word) => `--armeria.ports[0].${word}`);
  const engine = await startEngine('java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-jar', jar, ...own], {
    name: 'zipkin',
    readyUrl: `${url}/health`,
    readyWithinMs: 90_000,
    environment,
  });
  const post = poster(`${url}/api/v2/spans`);
  return { url, post, tell: (spans) => post(asZipkin(spans)), stop: engine.stop };
};

const jaegerConfig = (http: number, grpc: number, otlp: number): object => ({
  service: {
    extensions: ['jaeger_storage', 'jaeger_query'],
    pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
    telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
  },
  extensions: {
    jaeger_query: {
      storage: { traces: 'mem' },
      http: { endpoint: `127.0.0.1:${http}` },
      grpc: { endpoint: `127.0.0.1:${grpc}` },
    },
    jaeger_storage: { backends: { mem: { memory: { max_traces: 10_000 } } } },
  },
  receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
  exporters: { jaeger_storage_exporter: { trace_storage: 'mem' } },
});

/** Jaeger with its memory as storage and ports of its own: without a configuration it takes a dozen known ones. */
export const startJaeger = async (path: string): Promise<TraceServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-jaeger-'));
  const [http, grpc, otlp] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const config = join(folder, 'jaeger.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(jaegerConfig(http, grpc, otlp)));
  const engine = await startEngine(path, ['--config', config], { name: 'jaeger', readyUrl: `${url}/api/v3/services` });
  const post = poster(`http://127.0.0.1:${otlp}/v1/traces`);
  return {
    url,
    post,
    tell: (spans) => post(asOtlp(spans)),
    stop: async () => {
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
