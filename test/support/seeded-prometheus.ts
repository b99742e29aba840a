import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../../src/adapters/http/client.ts';
import { prometheus } from '../../src/adapters/prometheus/metrics-source.ts';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import type { MetricsSource } from '../../src/ports.ts';
import { labelBytes, type Part, snappyLiterals, staleBits, writeRequest } from './remote-write.ts';

/** What one target's series held at each scrape; `stale` is the marker that Prometheus writes when a target or a series is gone. */
export type SeededSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [atMs: number, value: number | 'stale'])[];
};

const partOf = ({ labels, samples }: SeededSeries): Part => {
  const values = Float64Array.from(samples, ([, value]) => (value === 'stale' ? 0 : value));
  const bits = new BigUint64Array(values.buffer);
  for (const [index, [, value]] of samples.entries()) if (value === 'stale') bits[index] = staleBits;
  return { labels: labelBytes(labels), moments: samples.map(([atMs]) => atMs), values, from: 0, to: samples.length };
};

export type SeededPrometheus = { readonly metrics: MetricsSource; readonly url: string; readonly stop: () => Promise<void> };

/** A real Prometheus that holds exactly these samples, staleness included. */
export const seededPrometheus = async (path: string, series: readonly SeededSeries[]): Promise<SeededPrometheus> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-seeded-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(folder, 'prometheus.yaml'), 'storage: {tsdb: {out_of_order_time_window: 30d}}\n');
  const engine = await startEngine(
    path,
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--storage.tsdb.retention.time=60d',
      '--log.level=warn',
    ],
    { name: 'prometheus', readyUrl: `${url}/-/ready` },
  );
  const http = httpSource({ name: 'Prometheus', url });
  const stop = async (): Promise<void> => {
    await http.close();
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const written = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: Buffer.from(snappyLiterals(writeRequest(series.map(partOf)))),
  });
  if (!written.ok) {
    const why = await written.text();
    await stop();
    throw new Error(`Prometheus took no samples: ${written.status} ${why}`);
  }
  const options = { pinned: [], concurrency: 4, maxSeries: 50_000, queryTimeoutSeconds: 30, onQuery: () => undefined };
  return { url, metrics: prometheus(http, options), stop };
};
