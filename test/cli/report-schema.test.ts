import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

const root = resolve(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(join(root, 'docs/report.schema.json'), 'utf8')) as object;
const addFormats = createRequire(import.meta.url)('ajv-formats') as (ajv: Ajv2020) => void;
const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(schema);
const wrong = (report: unknown): readonly string[] =>
  validate(report) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const scenarios = join(root, 'test/scenarios');
const recorded = readdirSync(scenarios).filter((name) => existsSync(join(scenarios, name, 'report.json')));

const alert = (labels: Record<string, string>, expression: string | null) => ({
  status: 'firing',
  labels: { alertname: 'Example', severity: 'page', ...labels },
  annotations: {},
  startsAt: '2026-11-24T07:15:20Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: expression === null ? '' : `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
  fingerprint: '9ca2e1d3a0b4c5f6',
});
const body = (one: object) => ({ version: '4', receiver: 'edgewise', status: 'firing', groupKey: '{}:{}', alerts: [one] });
const both = { source_workload: 'checkout', destination_service_name: 'payments' };

/** One alert of each kind of subject. */
const subjects: Readonly<Record<string, object>> = {
  edge: alert(both, null),
  workload: alert(
    { destination_service_name: 'payments' },
    'sum by (destination_service_name) (rate(istio_requests_total[5m])) > 5',
  ),
  node: alert({ pod: 'web-0' }, 'sum by (pod) (rate(envoy_http_downstream_rq_5xx[5m])) > 1'),
  'control-plane': alert({}, 'rate(pilot_total_xds_rejects[5m]) > 0'),
  'no-data': alert({}, 'absent(istio_requests_total{destination_service_name="payments"})'),
  'low-traffic': alert({}, 'sum(rate(istio_requests_total[5m])) < 1'),
  plain: alert({ instance: 'db-1' }, 'node_filesystem_avail_bytes < 1e9'),
};

/** What programs that read the report may count on. */
const promised = [
  'version',
  'cluster',
  'subject',
  'edge',
  'located',
  'verdict',
  'findings',
  'ruledOut',
  'signals',
  'flags',
  'changes',
  'gaps',
  'queries',
];

describe('docs/report.schema.json', () => {
  it('is a JSON Schema of draft 2020-12 in which every promised key is required', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: expect.arrayContaining(promised),
    });
    expect(Object.keys((schema as { properties: { subject: object } }).properties)).toEqual(expect.arrayContaining(promised));
  });

  it('refuses a report with a key too few, a key too many or an unknown word', () => {
    const report = JSON.parse(readFileSync(join(scenarios, recorded[0] ?? '', 'report.json'), 'utf8'));
    const { edge: _, ...without } = report;
    expect(wrong(report)).toEqual([]);
    for (const broken of [without, { ...report, more: 1 }, { ...report, subject: 'pod' }, { ...report, at: 'yesterday' }])
      expect(wrong(broken)).not.toEqual([]);
  });

  it.each(recorded)('holds for the recorded incident %s', (name) => {
    expect(wrong(JSON.parse(readFileSync(join(scenarios, name, 'report.json'), 'utf8')))).toEqual([]);
  });

  it.each(Object.entries(subjects))('holds for an alert about: %s', { timeout: 60_000 }, async (subject, one) => {
    const { status, out, err } = await run(
      ['triage', '-', '--json', '--at', '2026-11-24T07:20:00Z'],
      { PROMETHEUS_URL: 'http://127.0.0.1:1' },
      JSON.stringify(body(one)),
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const report = JSON.parse(out);
    expect(report).toMatchObject({ version: 1, subject, at: '2026-11-24T07:20:00.000Z' });
    expect(wrong(report)).toEqual([]);
  });
});
