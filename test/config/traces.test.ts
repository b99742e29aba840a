import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Environment } from '../../src/config/values.ts';
import { type Command, type Config, formatMistakes, readSettings } from '../../src/config.ts';
import { settingsFrom } from '../../src/wiring.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-traces-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const prometheus = { PROMETHEUS_URL: 'http://prometheus:9090' };
const tempo = { TRACES_URL: 'http://tempo:3200', TRACES_STORE: 'tempo' };

const configOf = (env: Environment, command: Command = 'triage'): Config => {
  const read = readSettings(env, command);
  if (!read.ok) throw new Error(formatMistakes(read.mistakes));
  return read.config;
};
const mistakesOf = (env: Environment, command: Command = 'triage'): string => {
  const read = readSettings(env, command);
  return read.ok ? 'none' : formatMistakes(read.mistakes);
};
const tracesOf = (env: Environment) => configOf({ ...prometheus, ...env }).clusters[0]?.traces;

describe('the settings of a trace store', () => {
  it('are those of a source, its kind, and where people open traces', () => {
    const env = {
      ...tempo,
      TRACES_BEARER_TOKEN_FILE: fileWith('token', 'canary'),
      TRACES_TENANT: 'team-a|team-b',
      TRACES_CA_FILE: fileWith('ca.pem', 'x'),
      TRACES_SERVER_NAME: 'tempo.internal',
      TRACES_GRAFANA_DATASOURCE: 'tempo-prod',
      GRAFANA_URL: 'https://grafana.example',
      TRACES_SAMPLING_PERCENT: '0.5',
      TRACES_SECONDS: '1.5',
      EXEMPLAR_LABELS: 'trace.id, tid',
    };
    expect(tracesOf(env)).toEqual({
      source: {
        url: 'http://tempo:3200',
        bearerTokenFile: join(folder, 'token'),
        tenant: 'team-a|team-b',
        caFile: join(folder, 'ca.pem'),
        serverName: 'tempo.internal',
      },
      store: 'tempo',
      ui: null,
      grafanaDatasource: 'tempo-prod',
      samplingRatio: 0.005,
    });
    const config = configOf({ ...prometheus, ...env });
    expect(config).toMatchObject({ tracesSeconds: 1.5, exemplarLabels: ['trace.id', 'tid'] });
    expect(config.secrets).toContain('canary');
  });

  it('name histograms with exemplars of their own, whose unit is told by the end of their name', () => {
    const file = fileWith(
      'exemplars.yaml',
      [
        'exemplars:',
        '  - { metric: grpc_server_handling_seconds_bucket, callee: [job, service] }',
        '  - metric: rpc_took_ms',
        '    caller: [from]',
        '    errors: { label: code, begins: ["5", Unavailable] }',
        '  - { metric: took, unit: milliseconds, callee: [to] }',
      ].join('\n'),
    );
    expect(configOf({ ...prometheus, CONFIG_FILE: file }).exemplarMetrics).toEqual([
      { metric: 'grpc_server_handling_seconds', unit: 'seconds', caller: [], callee: ['job', 'service'], errors: null },
      {
        metric: 'rpc_took_ms',
        unit: 'milliseconds',
        caller: ['from'],
        callee: [],
        errors: { label: 'code', begins: ['5', 'Unavailable'] },
      },
      { metric: 'took', unit: 'milliseconds', caller: [], callee: ['to'], errors: null },
    ]);
  });

  it('may all be left out: then there is no store, and the usual patience and labels', () => {
    expect(tracesOf({})).toBeNull();
    expect(configOf(prometheus)).toMatchObject({ tracesSeconds: 3, exemplarLabels: null, exemplarMetrics: [] });
  });

  it.each<[string, Environment, string]>([
    [
      'an address without its kind',
      { TRACES_URL: 'http://tempo:3200' },
      'TRACES_STORE: is missing; expected jaeger, tempo or zipkin, because TRACES_URL is set',
    ],
    [
      'a kind without its address',
      { TRACES_STORE: 'jaeger' },
      'TRACES_URL: is missing; expected it, because TRACES_STORE is set',
    ],
    [
      'pages without a store',
      { TRACES_UI_URL: 'https://jaeger.example' },
      'TRACES_URL: is missing; expected it, because TRACES_UI_URL',
    ],
    [
      'a kind that there is not',
      { ...tempo, TRACES_STORE: 'loki' },
      'TRACES_STORE: is "loki"; expected jaeger, tempo or zipkin, for example',
    ],
    [
      'a data source without a Grafana',
      { ...tempo, TRACES_GRAFANA_DATASOURCE: 'uid' },
      'GRAFANA_URL: is missing; expected it, because TRACES_GRAFANA_DATASOURCE is set',
    ],
    [
      'a data source of a store with pages of its own',
      { ...tempo, TRACES_STORE: 'zipkin', TRACES_GRAFANA_DATASOURCE: 'uid', GRAFANA_URL: 'https://g' },
      'TRACES_GRAFANA_DATASOURCE: is set; expected it with tempo alone: zipkin has pages of its own',
    ],
    [
      'two places to open a trace',
      { ...tempo, TRACES_GRAFANA_DATASOURCE: 'uid', GRAFANA_URL: 'https://g', TRACES_UI_URL: 'https://j' },
      'TRACES_UI_URL and TRACES_GRAFANA_DATASOURCE: is set both',
    ],
    [
      'a data source by its name',
      { ...tempo, TRACES_GRAFANA_DATASOURCE: 'My Tempo', GRAFANA_URL: 'https://g' },
      'expected the UID of a data source',
    ],
    ['a patience of nothing', { ...tempo, TRACES_SECONDS: '0' }, 'TRACES_SECONDS: is "0"; expected seconds between 0.1 and 60'],
    ['labels that are none', { ...tempo, EXEMPLAR_LABELS: 'trace id="x"' }, 'EXEMPLAR_LABELS: is "trace id='],
    ['a certificate without its key', { ...tempo, TRACES_CERT_FILE: '/dev/null' }, 'TRACES_KEY_FILE: is missing'],
    [
      'two kinds of credentials',
      { ...tempo, TRACES_BEARER_TOKEN: 'x', TRACES_USERNAME: 'u' },
      'TRACES_BEARER_TOKEN and TRACES_USERNAME: is set both',
    ],
  ])('%s is one mistake', (_, env, words) => {
    const told = mistakesOf({ ...prometheus, ...env });
    expect(told).toContain(words);
    expect(told.split('\n')).toHaveLength(2);
  });

  it('are guessed where they are spelt otherwise', () => {
    expect(mistakesOf({ ...prometheus, TRACES_URL: tempo.TRACES_URL, TRACE_STORE: 'tempo' })).toContain(
      'TRACE_STORE: is not a setting; expected TRACES_STORE; did you mean that?',
    );
  });

  it('that are wrong themselves are told once', () => {
    const told = mistakesOf({ ...prometheus, TRACES_URL: 'tempo:3200', TRACES_STORE: 'grafana' });
    expect(
      told
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(':')[0]),
    ).toEqual(['TRACES_URL', 'TRACES_STORE']);
  });
});

describe('the settings of `edgewise trace` with an id', () => {
  it('are those of the store: Prometheus is not asked', () => {
    expect(configOf(tempo, 'trace').clusters).toMatchObject([{ name: 'default', traces: { store: 'tempo' } }]);
  });

  it('without a store say what to set', () => {
    expect(mistakesOf({}, 'trace')).toBe(
      'One setting is wrong:\n  TRACES_URL: is missing; expected the address of a trace store, beside TRACES_STORE, for example http://tempo:3200',
    );
    const clusters = fileWith('without.yaml', 'clusters:\n  - name: a\n    prometheus: { url: http://p }\n');
    expect(mistakesOf({ CONFIG_FILE: clusters }, 'trace')).toContain(
      'traces of a cluster in CONFIG_FILE: is missing; expected the url and store (jaeger, tempo or zipkin) of one',
    );
    expect(mistakesOf({ CONFIG_FILE: '/nowhere.yaml' }, 'trace').split('\n')).toHaveLength(2);
    expect(mistakesOf({ TRACES_STORE: 'tempo' }, 'trace').split('\n')).toHaveLength(2);
  });
});

const clusterWith = (traces: string): string =>
  `clusters:\n  - name: eu\n    prometheus: { url: http://p }\n    traces: ${traces}\n`;

describe('the trace store of a cluster in the YAML file', () => {
  it('is a source with its kind and pages', () => {
    const passwordFile = fileWith('password', 'canary-password');
    const path = fileWith(
      'edgewise.yaml',
      `${clusterWith(`{ store: jaeger, url: "http://jaeger:16686/base", ui: "https://jaeger.example", tenant: eu, username: u, passwordFile: ${passwordFile}, samplingPercent: 10 }`)}  - name: us\n    prometheus: { url: http://q }\n`,
    );
    const config = configOf({ CONFIG_FILE: path });
    expect(config.clusters.map(({ traces }) => traces)).toEqual([
      {
        source: { url: 'http://jaeger:16686/base', tenant: 'eu', username: 'u', passwordFile },
        store: 'jaeger',
        ui: 'https://jaeger.example',
        grafanaDatasource: null,
        samplingRatio: 0.1,
      },
      null,
    ]);
    expect(config.secrets).toContain('canary-password');
  });

  it.each<[string, string, string]>([
    ['without its kind', '{ url: http://t }', 'line 4, clusters[0].traces.store: is missing; expected jaeger, tempo or zipkin'],
    ['without its address', '{ store: tempo }', 'clusters[0].traces.url: is missing'],
    ['of nobody', '{ store: x, url: http://t }', 'clusters[0].traces.store: is "x"; expected jaeger, tempo or zipkin'],
    [
      'with a token in clear',
      '{ store: tempo, url: http://t, bearerToken: canary }',
      'expected bearerTokenFile (secrets come from files)',
    ],
    ['with a key of nobody', '{ store: tempo, url: http://t, datasource: x }', 'traces.datasource: is not a setting'],
    [
      'with a data source, and pages of its own',
      '{ store: jaeger, url: http://t, grafanaDatasource: x }',
      'expected it with tempo alone: jaeger has pages of its own',
    ],
    [
      'with two places to open a trace',
      '{ store: tempo, url: http://t, ui: http://u, grafanaDatasource: x }',
      'expected ui or grafanaDatasource',
    ],
    [
      'with a share of nothing',
      '{ store: tempo, url: http://t, samplingPercent: 0 }',
      'expected a percentage above 0, at most 100',
    ],
    ['with half a certificate', '{ store: tempo, url: http://t, certFile: /dev/null }', 'expected certFile and keyFile together'],
    [
      'with a file that is not there',
      '{ store: tempo, url: http://t, caFile: /nowhere.pem }',
      'traces.caFile: is "/nowhere.pem"; expected a file that can be read',
    ],
    [
      'with a data source and no Grafana',
      '{ store: tempo, url: http://t, grafanaDatasource: x }',
      'GRAFANA_URL: is missing; expected it, because grafanaDatasource in CONFIG_FILE is set',
    ],
  ])('%s is a mistake in words', (_, traces, words) => {
    const told = mistakesOf({ CONFIG_FILE: fileWith('wrong.yaml', clusterWith(traces)) });
    expect(told).toContain(words);
    expect(told).not.toContain('canary');
  });

  it('is not said twice', () => {
    const path = fileWith('both.yaml', clusterWith('{ store: tempo, url: http://t }'));
    expect(mistakesOf({ CONFIG_FILE: path, ...tempo })).toContain('TRACES_URL and clusters in CONFIG_FILE: is set both');
  });
});

describe('where people open traces', () => {
  const uiOf = (env: Environment) => settingsFrom(configOf({ ...prometheus, ...env }))(null, 'default').traceUi;
  it.each([
    [
      'of Jaeger where it is asked',
      { TRACES_URL: 'http://jaeger:16686', TRACES_STORE: 'jaeger' },
      { kind: 'jaeger', url: 'http://jaeger:16686' },
    ],
    [
      'of Zipkin where it is said',
      { TRACES_URL: 'http://zipkin:9411', TRACES_STORE: 'zipkin', TRACES_UI_URL: 'https://zipkin.example/zipkin' },
      { kind: 'zipkin', url: 'https://zipkin.example/zipkin' },
    ],
    ['of Tempo nowhere by itself', tempo, null],
    [
      'of Tempo in Grafana',
      { ...tempo, TRACES_GRAFANA_DATASOURCE: 'uid', GRAFANA_URL: 'https://grafana.example' },
      { kind: 'grafana', url: 'https://grafana.example', datasourceUid: 'uid' },
    ],
    [
      'of Tempo on the pages of Jaeger before it',
      { ...tempo, TRACES_UI_URL: 'https://j.example' },
      { kind: 'jaeger', url: 'https://j.example' },
    ],
    ['of nothing nowhere', {}, null],
  ])('is %s', (_, env, ui) => expect(uiOf(env)).toEqual(ui));
});
