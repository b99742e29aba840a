import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpSource } from '../../src/adapters/http/client.ts';
import { prometheus } from '../../src/adapters/prometheus/metrics-source.ts';
import { freePort, startEngine } from '../../src/demo/engine-process.ts';
import type { MetricsSource } from '../../src/ports.ts';

/** What one target's series held at each scrape; `stale` is the marker that Prometheus writes when a target or a series is gone. */
export type SeededSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly (readonly [atMs: number, value: number | 'stale'])[];
};

/** prometheus/model/value: the NaN that marks staleness, told from others by its bits. */
const staleBits = 0x7ff0000000000002n;

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
};

const field = (number: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(body.length), body]);

const sample = (atMs: number, value: number | 'stale'): Buffer => {
  const double = Buffer.alloc(9, 0x09);
  if (value === 'stale') double.writeBigUInt64LE(staleBits, 1);
  else double.writeDoubleLE(value, 1);
  return Buffer.concat([double, Buffer.from([0x10]), varint(atMs)]);
};

const labelsOf = ({ labels }: SeededSeries): readonly Buffer[] =>
  Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])));

/** prometheus.io/docs/specs/prw/remote_write_spec: a WriteRequest in Snappy's block format, here of literals only. */
const writeRequest = (series: readonly SeededSeries[]): Buffer => {
  const body = Buffer.concat(
    series.map((one) =>
      field(1, Buffer.concat([...labelsOf(one), ...one.samples.map(([atMs, value]) => field(2, sample(atMs, value)))])),
    ),
  );
  const literal = Buffer.alloc(5, 0xfc);
  literal.writeUInt32LE(body.length - 1, 1);
  return Buffer.concat([varint(body.length), literal, body]);
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
    body: new Uint8Array(writeRequest(series)),
  });
  if (!written.ok) {
    const why = await written.text();
    await stop();
    throw new Error(`Prometheus took no samples: ${written.status} ${why}`);
  }
  const options = { pinned: [], concurrency: 4, maxSeries: 50_000, queryTimeoutSeconds: 30, onQuery: () => undefined };
  return { url, metrics: prometheus(http, options), stop };
};
