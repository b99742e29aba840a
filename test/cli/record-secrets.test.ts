import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entries } from '../../src/config/entries.ts';
import { recordingFile } from '../../src/recording/folder.ts';
import { run } from './run.ts';

const patience = { timeout: 120_000 };
const secretNames = entries.filter(({ isSecret }) => isSecret).map(({ name }) => name);
/** One a setting, with signs that JSON, Go and addresses write otherwise; its letters stand in nothing else. */
const canaryOf = (name: string): string => `k4n4ry+${name}/"&<'=`;
const basic = (pair: string): string => Buffer.from(pair).toString('base64');

/** What a source repeats of what it was told, as proxies and pages for debugging do, in the spellings of other programs. */
const echoOf = (headers: IncomingHttpHeaders, canaries: readonly string[]): string =>
  [
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
    `per-tenant limit of tenant: ${String(headers['x-scope-orgid'])} reached`,
    ...canaries.flatMap((canary) => [
      canary,
      encodeURIComponent(canary),
      JSON.stringify({ canary }),
      encodeURIComponent(`t=${canary}`),
    ]),
    ...canaries.map((canary) => `postgres://u:${encodeURIComponent(canary)}@db/x?password=${encodeURIComponent(canary)}`),
  ].join(' | ');

const asGo = (value: unknown): string =>
  JSON.stringify(value).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');

let folder: string;
let server: Server;
let canaries: readonly string[] = [];
let heard = new Set<string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-canary-'));
  server = createServer((request, response) => {
    for (const name of ['authorization', 'x-scope-orgid']) heard.add(String(request.headers[name]));
    const echo = echoOf(request.headers, canaries);
    const isRefused = heard.size % 2 === 0 && request.url?.includes('query');
    const data = request.url?.includes('rules')
      ? {
          groups: [
            { name: 'g', file: echo, rules: [{ type: 'alerting', name: 'A', query: 'up', annotations: { echo }, labels: {} }] },
          ],
        }
      : { resultType: 'vector', result: [{ metric: { echo }, value: [1, '1'] }] };
    response.writeHead(isRefused ? 422 : 200, { 'content-type': 'application/json' });
    response.end(
      asGo(isRefused ? { status: 'error', errorType: 'execution', error: echo } : { status: 'success', data, warnings: [echo] }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const body = (): string =>
  JSON.stringify({
    version: '4',
    receiver: 'edgewise',
    status: 'firing',
    groupKey: '{}:{}',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'ErrorsHigh', source_workload: 'orders', destination_service_name: 'payments' },
        annotations: { description: canaries.join(' '), link: `https://x.example/?a=${encodeURIComponent(canaries.join(','))}` },
        startsAt: '2026-11-24T07:15:20Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: `http://u:${encodeURIComponent(canaries[0] ?? '')}@prometheus/graph?g0.expr=up`,
        fingerprint: '9ca2e1d3a0b4c5f6',
      },
    ],
  });

const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `${text}\n`);
  return path;
};

const passwords = { RULES_USERNAME: 'rita', ALERTMANAGER_USERNAME: 'anna', TRACES_USERNAME: 'vera' };
const sources = (): Record<string, string> => ({
  PROMETHEUS_URL: address(),
  PROMETHEUS_TENANT: 'k4n4ry-tenant',
  RULES_URL: address(),
  ALERTMANAGER_URL: address(),
  TRACES_URL: address(),
  TRACES_STORE: 'zipkin',
  ...passwords,
});
/** Tokens of sources that have a password. */
const unfit = (name: string): boolean => /^(RULES|ALERTMANAGER|TRACES)_BEARER|^PROMETHEUS_PASSWORD/.test(name);
const fit = secretNames.filter((name) => !unfit(name));

const inVariables = () => ({ ...sources(), ...Object.fromEntries(fit.map((name) => [name, canaryOf(name)])) });
const inFiles = () => ({
  ...sources(),
  ...Object.fromEntries(fit.map((name) => [`${name}_FILE`, fileWith(name, canaryOf(name))])),
});
const inYaml = () => {
  const url = address();
  const clusters = [
    {
      name: 'eu',
      prometheus: { url, bearerTokenFile: fileWith('a', canaryOf('PROMETHEUS_BEARER_TOKEN')), tenant: 'k4n4ry-tenant' },
      rules: { url, username: 'rita', passwordFile: fileWith('b', canaryOf('RULES_PASSWORD')) },
      alertmanager: { url, username: 'anna', passwordFile: fileWith('c', canaryOf('ALERTMANAGER_PASSWORD')) },
      traces: { store: 'zipkin', url, username: 'vera', passwordFile: fileWith('d', canaryOf('TRACES_PASSWORD')) },
    },
  ];
  const others = fit.filter((name) => !/^(PROMETHEUS|RULES|ALERTMANAGER|TRACES)_/.test(name));
  return {
    CONFIG_FILE: fileWith('edgewise.yaml', JSON.stringify({ clusters })),
    ...Object.fromEntries(others.map((name) => [name, canaryOf(name)])),
  };
};

describe('a recording holds no secret of the settings', () => {
  it.each([
    ['variables', inVariables],
    ['files that variables name', inFiles],
    ['files that the YAML file names', inYaml],
  ])('that come from %s, whatever repeats them', patience, async (what, settings) => {
    canaries = fit.map(canaryOf);
    heard = new Set();
    const place = join(folder, what.replaceAll(' ', '-'));
    const proxy = { HTTPS_PROXY: `http://kim:${encodeURIComponent(canaryOf('PROXY'))}@proxy.example:3128` };
    canaries = [...canaries, canaryOf('PROXY')];
    const { status, out, err } = await run(['record', '-', '--out', place], { ...settings(), ...proxy }, body());
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const told = [`Bearer ${canaryOf('PROMETHEUS_BEARER_TOKEN')}`, 'k4n4ry-tenant'];
    const pairs = [
      `rita:${canaryOf('RULES_PASSWORD')}`,
      `anna:${canaryOf('ALERTMANAGER_PASSWORD')}`,
      `vera:${canaryOf('TRACES_PASSWORD')}`,
    ].map(basic);
    // The source was told them: what it repeats is no empty case.
    expect([...heard]).toEqual(expect.arrayContaining([...told, `Basic ${pairs[0]}`]));
    const files = readdirSync(place).filter((name) => name !== recordingFile);
    const written = gunzipSync(readFileSync(join(place, recordingFile))).toString('utf8');
    expect(written).toContain('***');
    for (const text of [written, out, ...files.map((name) => readFileSync(join(place, name), 'utf8'))]) {
      expect(text.match(/.{0,60}k4n4ry.{0,60}/gi)).toBe(null);
      for (const pair of pairs) expect(text).not.toContain(pair);
    }
    expect(await run(['triage', '--replay', place])).toMatchObject({ status: 0, err: '' });
  });

  it('nor does the mistake of a setting, nor an error', async () => {
    const wrong = {
      PROMETHEUS_URL: 'http://k4n4ry-user@prometheus:9090',
      ALERTMANAGER_URL: 'http://u:k4n/k4n4ry@x',
      RULES_URL: 'http://x/?sig=k4n4ry',
    };
    const { status, err } = await run(['record', '-', '--out', join(folder, 'wrong')], wrong, body());
    expect(status).toBe(2);
    expect(err.split('\n').length).toBeGreaterThan(3);
    expect(err).not.toMatch(/k4n4ry/);
  });
});
