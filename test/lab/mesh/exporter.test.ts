import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Exporter, startExporter } from './exporter.ts';
import { directoryOf } from './istio-labels.ts';
import { podsOf } from './topology.ts';

const [pod] = podsOf(0);
if (pod === undefined) throw new Error('the mesh has no pod');
let folder = '';
let exporter: Exporter | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-exporter-'));
});
afterEach(async () => {
  await exporter?.stop();
  exporter = null;
  rmSync(folder, { recursive: true, force: true });
});

const line = (code: number): string =>
  `${JSON.stringify({ side: 'source', kind: 'http', response_code: code, response_flags: '-', duration: 12, peer: null })}\n`;

const requests = (): number =>
  (exporter?.counters() ?? []).filter(({ name }) => name === 'istio_requests_total').reduce((sum, { value }) => sum + value, 0);

it('a line that a killed proxy left half written, with what its successor wrote behind it, is passed over', async () => {
  const file = join(folder, 'log');
  exporter = await startExporter('127.0.0.1', directoryOf([pod]), () => file);
  appendFileSync(file, line(200));
  expect(requests()).toBe(1);
  appendFileSync(file, line(503).slice(0, 40));
  expect(requests()).toBe(1);
  appendFileSync(file, `${line(200)}${line(503)}`);
  expect(requests()).toBe(2);
});
