import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entry, run } from './run.ts';

const root = resolve(import.meta.dirname, '../..');
const recorded = join(root, 'test/scenarios/timeout');
const nowhere = { PROMETHEUS_URL: 'http://127.0.0.1:1' };
const patience = { timeout: 120_000 };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-triage-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const body = (more: object = {}) =>
  JSON.stringify({
    version: '4',
    receiver: 'edgewise',
    status: 'firing',
    groupKey: '{}:{}',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'DiskFull', severity: 'page' },
        annotations: {},
        startsAt: '2026-11-24T07:15:20Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '9ca2e1d3a0b4c5f6',
        ...more,
      },
    ],
  });

describe('edgewise triage', () => {
  it.each([
    [
      "an answer of Prometheus' alerts API",
      '{"status":"success","data":{"alerts":[]}}',
      /it is an answer of Prometheus' HTTP API/,
    ],
    ["an answer of Alertmanager's alerts API", '[{"fingerprint":"a","labels":{}}]', /it is an answer of Alertmanager's API/],
    ['a file of rules', '{"groups":[]}', /it is a file of alert rules/],
    ['saved evidence', '{"version":1,"atMs":1,"subject":{}}', /evidence, which `--replay FOLDER` reads/],
    ['nothing', '', /body is .*expected the JSON of an Alertmanager webhook/],
  ])('says what was given instead of a webhook body: %s', patience, async (_name, input, says) => {
    const { status, out, err } = await run(['triage', '-'], nowhere, input);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^the body was refused: /);
    expect(err).toMatch(says);
  });

  it.each(['2026-11-24T07:20:00Z', '2026-11-24 08:20:00+01:00', '1795504800', '1795504800000'])(
    'takes --at %s for one and the same moment',
    patience,
    async (at) => {
      const { status, out } = await run(['triage', '-', '--json', '--at', at], nowhere, body());
      expect({ status, at: JSON.parse(out).at }).toEqual({ status: 0, at: '2026-11-24T07:20:00.000Z' });
    },
  );

  it.each(['yesterday', '2026', '2026-11-24', '2026-11-24T07:20:00', 'Nov 24 2026', '-5', '1e9', ''])(
    'refuses --at "%s": a year, a day or a time without its zone is no moment',
    patience,
    async (at) => {
      const { status, err } = await run(['triage', '-', `--at=${at}`], nowhere, body());
      expect(status).toBe(2);
      expect(err).toContain('expected a time with its zone such as 2026-11-24T07:15:20Z, or seconds since 1970');
    },
  );

  it.each([
    ['a file and --replay', ['triage', 'webhook.json', '--replay', recorded], /either webhook.json or --replay/],
    ['--at and --replay', ['triage', '--replay', recorded, '--at', '1795504800'], /evidence holds its own clock/],
    ['a folder as the body', ['triage', tmpdir()], /cannot be read \(EISDIR\)/],
    [
      '--out where no folder can be',
      ['triage', '--replay', recorded, '--out', '/proc/edgewise'],
      /--out \/proc\/edgewise cannot be made/,
    ],
    ['--out that is a file', ['triage', '--replay', recorded, '--out', entry], /is a file, not a folder/],
  ])('ends with 2 and one line for %s', patience, async (_name, words, says) => {
    const { status, out, err } = await run(words, nowhere);
    expect({ status, out, lines: err.trimEnd().split('\n').length }).toEqual({ status: 2, out: '', lines: 1 });
    expect(err).toMatch(says);
  });

  it.each([
    ['no object', '[]'],
    ['nothing inside', '{}'],
    ['another version', '{"version":2}'],
    ['no alert', '{"version":1,"atMs":1,"cluster":"a","alerts":[]}'],
  ])('ends with 2 for evidence with %s', patience, async (name, text) => {
    const place = join(folder, name);
    mkdirSync(place);
    writeFileSync(join(place, 'evidence.json'), text);
    const { status, err } = await run(['triage', '--replay', place]);
    expect(status).toBe(2);
    expect(err).toContain('evidence.json is not evidence of version 1');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('ends with 2 and one line for evidence that was cut inside', patience, async () => {
    const place = join(folder, 'cut');
    mkdirSync(place);
    const evidence = JSON.parse(readFileSync(join(recorded, 'evidence.json'), 'utf8'));
    writeFileSync(join(place, 'evidence.json'), JSON.stringify({ ...evidence, readings: [{}] }));
    const { status, out, err } = await run(['triage', '--replay', place]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^the evidence is damaged inside: [^\n]+\n$/);
  });

  it('replays a recorded incident without any setting, into a folder that it makes', patience, async () => {
    const place = join(folder, 'new/report');
    const { status, err } = await run(['triage', '--replay', recorded, '--out', place]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const again = await run(['triage', '--replay', place, '--out', place, '--json']);
    expect(again).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(again.out)).toMatchObject({ version: 1, verdict: { rule: 'upstream-timeout' } });
  });

  it('asks about each alert of a body at its own cluster', patience, async () => {
    const settings = join(folder, 'clusters.yaml');
    const clusters = ['eu', 'us'].map((name, at) => ({ name, prometheus: { url: `http://127.0.0.1:${at + 1}` } }));
    writeFileSync(settings, JSON.stringify({ clusters }));
    const ends = { source_workload: 'checkout', destination_service: 'payments.shop.svc.cluster.local', reporter: 'source' };
    const { alerts, ...rest } = JSON.parse(body());
    const of = (cluster: string) => ({ ...alerts[0], labels: { alertname: 'Errors', cluster, ...ends }, fingerprint: cluster });
    const input = JSON.stringify({ ...rest, alerts: ['eu', 'us', 'elsewhere'].map(of) });
    const { status, out } = await run(['triage', '-', '--json', '--at', '1795504800'], { CONFIG_FILE: settings }, input);
    expect(status).toBe(0);
    const reports: { cluster: string; subject: string; alerts: { fingerprint: string }[]; gaps: unknown[] }[] = JSON.parse(out);
    expect(reports.map(({ cluster, alerts: told }) => [cluster, told.map(({ fingerprint }) => fingerprint)])).toEqual([
      ['eu', ['eu']],
      ['us', ['us']],
      ['elsewhere', ['elsewhere']],
    ]);
    expect(JSON.stringify(reports[2]?.gaps)).toContain('is not configured for cluster elsewhere');
  });

  it('reports an alert that is resolved already', patience, async () => {
    const { status, out, err } = await run(
      ['triage', '-'],
      nowhere,
      body({ status: 'resolved', endsAt: '2026-11-24T07:19:00Z' }).replace('"status":"firing"', '"status":"resolved"'),
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('DiskFull');
  });

  it('ends quietly when its reader leaves, and with 1 when nothing can be written', patience, () => {
    const shell = (text: string) =>
      spawnSync('sh', ['-c', text], { encoding: 'utf8', env: { ...process.env, NODE: process.execPath } });
    const replay = `"$NODE" ${entry} triage --replay ${recorded} --json`;
    expect(shell(`{ ${replay}; echo "end $?" >&2; } | true`)).toMatchObject({ stderr: 'end 0\n' });
    if (process.platform === 'linux')
      expect(shell(`${replay} > /dev/full`)).toMatchObject({ status: 1, stderr: 'the answer cannot be written (ENOSPC)\n' });
  });
});
