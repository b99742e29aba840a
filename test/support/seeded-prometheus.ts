import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../../src/adapters/http/client.ts';
import { prometheus } from '../../src/adapters/prometheus/metrics-source.ts';
import { prometheusRules } from '../../src/adapters/prometheus/rules-source.ts';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import type { MetricsSource, RulesSource } from '../../src/ports.ts';
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

export type SeededPrometheus = {
  readonly metrics: MetricsSource;
  readonly rules: RulesSource;
  readonly url: string;
  readonly write: (series: readonly SeededSeries[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const writeTo = async (url: string, series: readonly SeededSeries[]): Promise<void> => {
  const written = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: Buffer.from(snappyLiterals(writeRequest(series.map(partOf)))),
  });
  if (!written.ok) throw new Error(`Prometheus took no samples: ${written.status} ${await written.text()}`);
};

/** A real Prometheus that holds exactly these samples, staleness included, and what it records by `ruleFiles` from then on. */
export const seededPrometheus = async (
  path: string,
  series: readonly SeededSeries[],
  ruleFiles: readonly string[] = [],
): Promise<SeededPrometheus> => {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-seeded-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = {
    global: { evaluation_interval: '10s' },
    storage: { tsdb: { out_of_order_time_window: '40d' } },
    rule_files: ruleFiles,
  };
  writeFileSync(join(folder, 'prometheus.yaml'), JSON.stringify(config));
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
  try {
    await writeTo(url, series);
  } catch (error) {
    await stop();
    throw error;
  }
  const options = { pinned: [], concurrency: 4, maxSeries: 50_000, queryTimeoutSeconds: 30, onQuery: () => undefined };
  return {
    url,
    metrics: prometheus(http, options),
    rules: prometheusRules(http, { nowMs: () => Date.now() }),
    write: (more) => writeTo(url, more),
    stop,
  };
};
