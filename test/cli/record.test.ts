import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording, recordingFile } from '../../src/recording/folder.ts';
import { engineFor } from '../support/engine.ts';
import { nowMs } from '../support/report.ts';
import { type Flow, scrapesOf, seriesOf } from '../support/seeded-mesh.ts';
import { type SeededPrometheus, type SeededSeries, seededPrometheus } from '../support/seeded-prometheus.ts';
import { wireStore } from '../support/wire-store.ts';
import { open } from './doctor-servers.ts';
import { run } from './run.ts';

const patience = { timeout: 120_000 };
const engine = await engineFor('prometheus');
const atMs = nowMs + 150_000;
const at = new Date(atMs).toISOString();

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-record-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const edge = {
  source_workload: 'zebra-orders-v3',
  source_workload_namespace: 'acme-shop',
  destination_service_name: 'alpaca-pay',
  destination_service_namespace: 'acme-finance',
};

const alert = (labels: Readonly<Record<string, string>>, more: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'AlpacaPayErrors', severity: 'page', team: 'quokka', ...labels },
  annotations: { summary: 'Alpaca-pay fails for {{ quokka }}', runbook_url: 'https://wiki.acme.example/alpaca' },
  startsAt: new Date(nowMs + 90_000).toISOString(),
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: '',
  fingerprint: '9ca2e1d3a0b4c5f6',
  ...more,
});

const bodyOf = (...alerts: readonly object[]): string =>
  JSON.stringify({ version: '4', receiver: 'edgewise', status: 'firing', groupKey: '{}:{}', alerts });

const read = (...path: readonly string[]): string => readFileSync(join(folder, ...path), 'utf8');
const unpacked = (place: string): string => gunzipSync(readFileSync(join(folder, place, recordingFile))).toString('utf8');

describe('edgewise record', () => {
  it('keeps a failure too, and its replay tells the same gap', patience, async () => {
    const place = join(folder, 'down');
    const nowhere = { PROMETHEUS_URL: 'http://127.0.0.1:1', PROMETHEUS_BEARER_TOKEN: 'a-token-that-nobody-may-see' };
    const generatorURL = 'http://somebody:hunter2@prometheus.example/graph?token=a-token-that-nobody-may-see';
    const input = bodyOf(alert(edge, { generatorURL }));
    const { status, out, err } = await run(['record', '-', '--at', at, '--out', place], nowhere, input);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('of them failed');
    expect(out).not.toContain('The replay says something else');
    expect(unpacked('down')).not.toMatch(/a-token-that|hunter2|127\.0\.0\.1/);
    const again = await run(['triage', '--replay', place, '--json']);
    expect(again).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(again.out).gaps).toContainEqual(
      expect.objectContaining({ source: 'Prometheus', reason: 'unreachable', detail: 'refused the connection' }),
    );
  });

  it('keeps what the trace store answers, by its patience, and its replay asks nobody', patience, async () => {
    const place = join(folder, 'traced');
    const calls = [{ id: '5af7183fb1d4cf5fa11bad00deadbee1', startMs: atMs - 30_000, tookMs: 4200, code: '503' }];
    const store = wireStore('zipkin', calls);
    const { url, close } = await open(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://zipkin');
      const call = { path: pathname.slice(1), query: [...searchParams], signal: AbortSignal.timeout(10_000) };
      const { status, text } = await store.request(call);
      response.writeHead(status).end(text);
    });
    const env = { PROMETHEUS_URL: 'http://127.0.0.1:1', TRACES_URL: url, TRACES_STORE: 'zipkin', TRACES_SECONDS: '20' };
    const labels = { ...edge, source_workload: 'checkout', destination_service_name: 'payments' };
    const named = { ...labels, source_workload_namespace: 'shop', destination_service_namespace: 'shop' };
    const { status, err } = await run(['record', '-', '--at', at, '--out', place], env, bodyOf(alert(named)));
    await close();
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(readRecording(place).cluster.traces).toEqual({
      store: 'zipkin',
      seconds: 20,
      exemplarLabels: null,
      exemplarMetrics: [],
      samplingRatio: null,
    });
    expect(unpacked('traced')).not.toMatch(/jane|secrets|hunter2|127\.0\.0\.1/);
    const again = await run(['triage', '--replay', place, '--json']);
    expect(again).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(again.out).tracing.worst).toMatchObject({ traceId: calls[0]?.id });
  });

  it('takes the one alert that --alert counts', patience, async () => {
    const place = join(folder, 'second');
    const input = bodyOf(alert({ alertname: 'One' }), alert({ alertname: 'Two' }));
    const words = ['record', '-', '--out', place, '--alert'];
    expect((await run([...words, '2'], { PROMETHEUS_URL: 'http://127.0.0.1:1' }, input)).status).toBe(0);
    expect(readRecording(place).delivery).toMatchObject({ alerts: [{ labels: { alertname: 'Two' } }] });
    const { status, err } = await run([...words, '3'], { PROMETHEUS_URL: 'http://127.0.0.1:1' }, input);
    expect({ status, err }).toEqual({ status: 2, err: '--alert 3: the body holds 2 alerts, counted from 1\n' });
  });

  it('takes a question in place of a body, not beside one, and says what it takes', patience, async () => {
    const place = join(folder, 'asked');
    const nowhere = { PROMETHEUS_URL: 'http://127.0.0.1:1' };
    const question = ['--why', 'zebra-orders-v3 → alpaca-pay'];
    const { status, err } = await run(['record', ...question, '--at', at, '--out', place], nowhere);
    // A Prometheus that is down knows no edge: a question is then answered in words alone, which nothing could be learnt from.
    expect(status).toBe(2);
    expect(err).toContain('answered in words alone');
    expect((await run(['record', '-', ...question, '--out', place], nowhere, bodyOf(alert(edge)))).err).toContain(
      'give a webhook body (- for standard input), or --why',
    );
    expect((await run(['record', '--why', 'a b c', '--out', place], nowhere)).status).toBe(2);
  });

  it('with pseudonyms leaves nothing of before in clear beside it', patience, async () => {
    const place = join(folder, 'before');
    const nowhere = { PROMETHEUS_URL: 'http://127.0.0.1:1' };
    const words = ['record', '-', '--at', at, '--out', place];
    expect((await run(words, nowhere, bodyOf(alert(edge)))).status).toBe(0);
    const again = [...words, '--pseudonyms'];
    expect((await run(again, nowhere, bodyOf(alert(edge)))).status).toBe(0);
    expect(read('before', 'slack.json')).not.toContain('alpaca');
    writeFileSync(join(place, 'evidence.json'), 'alpaca');
    const { status, err } = await run(again, nowhere, bodyOf(alert(edge)));
    expect({ status, err }).toEqual({
      status: 2,
      err: `no recording was written: ${place} holds evidence.json from before, with names in clear. Give another folder.\n`,
    });
  });

  it('is of one cluster: of several it asks which, and what nobody configured it does not ask', patience, async () => {
    const settings = join(folder, 'clusters.yaml');
    const clusters = ['eu', 'us'].map((name, index) => ({ name, prometheus: { url: `http://127.0.0.1:${index + 1}` } }));
    writeFileSync(settings, JSON.stringify({ clusters }));
    const input = bodyOf(...['eu', 'us', 'moon'].map((cluster) => alert({ ...edge, cluster })));
    const place = join(folder, 'eu');
    const asked = (...more: readonly string[]) => run(['record', '-', '--out', place, ...more], { CONFIG_FILE: settings }, input);
    expect((await asked()).err).toMatch(/about several clusters \(eu, us, moon\): pick one of its alerts with --alert N/);
    expect((await asked('--alert', '3')).err).toMatch(/names the cluster moon, which is not configured/);
    expect((await asked('--alert', '1')).status).toBe(0);
    expect(read('eu', 'slack.json')).toContain('Prometheus (eu) refused the connection');
  });

  it('of a damaged recording the replay names the file and the field', patience, async () => {
    const place = mkdtempSync(join(folder, 'damaged-'));
    writeFileSync(join(place, recordingFile), 'no gzip');
    const { status, out, err } = await run(['triage', '--replay', place]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/recording\.json\.gz is damaged: it cannot be unpacked/);
  });
});

/** A third of the requests is refused. */
const flows: readonly Flow[] = [
  { caller: 'zebra-orders-v3', callee: 'alpaca-pay', perSecond: (time) => (time >= nowMs ? 7 : 10) },
  {
    caller: 'zebra-orders-v3',
    callee: 'alpaca-pay',
    code: '503',
    flags: 'UF',
    reporters: ['source'],
    perSecond: (time) => (time >= nowMs ? 3 : 0),
  },
  { caller: 'istio-ingressgateway', callee: 'alpaca-pay', perSecond: () => 5 },
];

const labelsFor = ({ callee, caller }: Flow): Readonly<Record<string, string>> => ({
  destination_service_namespace: callee === 'alpaca-pay' ? 'acme-finance' : 'acme-shop',
  source_workload_namespace: caller === 'istio-ingressgateway' ? 'istio-system' : 'acme-shop',
  destination_workload: `${callee}-v3`,
});

const seeded = (): readonly SeededSeries[] => {
  const times = scrapesOf({ fromMs: nowMs - 3 * 3_600_000, toMs: atMs, everySeconds: 15 });
  const kube = (name: string, labels: Readonly<Record<string, string>>, value: number): SeededSeries => ({
    labels: { __name__: name, namespace: 'acme-finance', ...labels },
    samples: times.map((time, index) => [time, name.endsWith('_total') ? index * value : value] as const),
  });
  const pod = 'alpaca-pay-v3-6d5f7c9b4-x2x4d';
  return [
    ...flows.flatMap((flow) => seriesOf({ ...flow, labels: labelsFor(flow) }, times)),
    kube('container_cpu_usage_seconds_total', { pod, container: 'alpaca' }, 3),
    kube('kube_replicaset_created', { replicaset: 'alpaca-pay-v3-6d5f7c9b4' }, nowMs / 1000 - 60),
    kube(
      'kube_replicaset_owner',
      { replicaset: 'alpaca-pay-v3-6d5f7c9b4', owner_name: 'alpaca-pay-v3', owner_kind: 'Deployment' },
      1,
    ),
  ];
};

const expression =
  'sum by (destination_service_name) (rate(istio_requests_total{destination_service=~"alpaca-pay[.]acme-.*|",response_code=~"5.."}[2m])) > 0.1';
const generatorURL = `http://prometheus.acme.example:9090/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`;

describe.skipIf(engine.path === '')(`edgewise record of a real Prometheus${engine.skipped}`, () => {
  let source: SeededPrometheus;
  beforeAll(async () => {
    source = await seededPrometheus(engine.path, seeded());
  }, 120_000);
  afterAll(() => source?.stop());

  const recorded = async (place: string, input: string, ...more: readonly string[]) =>
    run(['record', '-', '--at', at, '--out', join(folder, place), ...more], { PROMETHEUS_URL: source.url }, input);

  it.each([
    ['whose labels name its edge', 'labels', bodyOf(alert(edge))],
    ['whose rule names it', 'rule', bodyOf(alert({ destination_service_name: 'alpaca-pay' }, { generatorURL }))],
  ])('gives the same message again, byte for byte, for an alert %s', patience, async (_name, place, input) => {
    const live = await run(
      ['triage', '-', '--at', at, '--out', join(folder, `${place}-live`)],
      { PROMETHEUS_URL: source.url },
      input,
    );
    expect(live).toMatchObject({ status: 0, err: '' });
    const { status, out, err } = await recorded(place, input);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toContain('The replay says something else');
    const again = await run(['triage', '--replay', join(folder, place), '--out', join(folder, `${place}-again`)]);
    expect(again).toMatchObject({ status: 0, err: '', out: live.out });
    expect(JSON.parse(read(place, 'report.json'))).toMatchObject({ verdict: { rule: 'connection-failure' } });
    for (const other of [place, `${place}-again`]) expect(read(other, 'slack.json')).toBe(read(`${place}-live`, 'slack.json'));
  });

  it.each([[], ['--pseudonyms']])('gives the same answer again to a question without an alert %s', patience, async (...more) => {
    const place = `asked${more.length}`;
    const words = ['--why', 'zebra-orders-v3 → alpaca-pay', '--at', at, '--out', join(folder, place)];
    const { status, out, err } = await run(['record', ...words, ...more], { PROMETHEUS_URL: source.url });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).not.toContain('The replay says something else');
    const again = await run(['triage', '--replay', join(folder, place), '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ verdict: { rule: 'connection-failure' }, alerts: [] });
    if (more.length > 0) expect(`${out}${unpacked(place)}`).not.toMatch(/zebra|alpaca/);
  });

  it.each([
    ['whose labels name its edge', 'labels-named', bodyOf(alert(edge))],
    ['whose rule names it', 'rule-named', bodyOf(alert({ destination_service_name: 'alpaca-pay' }, { generatorURL }))],
  ])('with --pseudonyms too, and holds no name, for an alert %s', patience, async (_name, place, input) => {
    const { status, out, err } = await recorded(place, input, '--pseudonyms');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('a replay of what is written gives the same verdict');
    expect(out).toMatch(/words of meshes.*: .*ingressgateway/);
    const again = await run(['triage', '--replay', join(folder, place), '--out', join(folder, `${place}-again`)]);
    expect(again).toMatchObject({ status: 0, err: '' });
    expect(read(`${place}-again`, 'slack.json')).toBe(read(place, 'slack.json'));
    const report = JSON.parse(read(place, 'report.json'));
    expect(report.verdict).toMatchObject({ rule: 'connection-failure', side: 'network/TLS' });
    expect(report.verdict.at.source.workload).toMatch(/^[a-z]+-[a-z]+-v3$/);
    expect(JSON.stringify(report.changes)).toMatch(/rolled out \([a-z]+-[a-z]+-v3-6d5f7c9b4\)/);
    for (const file of [
      unpacked(place),
      ...readdirSync(join(folder, place))
        .filter((one) => one.endsWith('.json'))
        .map((one) => read(place, one)),
    ])
      expect(file).not.toMatch(/acme|alpaca|quokka|zebra|orders|finance|9ca2e1d3/i);
  });
});
