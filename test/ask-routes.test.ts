import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import { renamed } from '../src/dialects/index.ts';
import { istio } from '../src/dialects/istio.ts';
import { linkerd } from '../src/dialects/linkerd.ts';
import type { Dialect } from '../src/domain/dialect.ts';
import type { MetricsSource } from '../src/ports.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { engineFor } from './support/engine.ts';
import { call, holding } from './support/metrics.ts';
import { nowMs, setting } from './support/report.ts';
import { type SeededSeries, seededPrometheus } from './support/seeded-prometheus.ts';

type Row = { readonly series: Readonly<Record<string, string>> & { readonly __name__: string }; readonly value: number };

const words = async (text: string, dialect: Dialect, metrics: MetricsSource, atMs = nowMs): Promise<string> => {
  const cluster = { name: 'demo', dialect, metrics, rules: null, deadlineMs: 5000 };
  const clock = { nowMs: () => atMs, sleep: async () => undefined };
  const { message } = await ask({ clusters: [cluster], clock, charts: null, settingOf: () => setting }, text);
  expect(blockProblems(message.blocks, () => 'missing')).toEqual([]);
  return spoken(message);
};

/** Rows of the table as lists of cells. */
const rowsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => /\d\/s/.test(line) && !line.includes(' ok, '))
    .map((line) => line.trim().split(/\s{2,}/));

const buckets = (metric: string, labels: Readonly<Record<string, string>>, value: number, bounds: readonly string[]): Row[] =>
  bounds.map((le, index) => ({ series: { __name__: metric, ...labels, le }, value: index === 0 ? value * 0.9 : value }));

/** What every proxy of Linkerd's prints of an edge, whatever routes there are. */
const edge = (value: number): Row => ({
  series: {
    ...{ __name__: 'response_total', direction: 'outbound', namespace: 'shop', deployment: 'checkout' },
    ...{
      dst_namespace: 'shop',
      dst_service: 'payments',
      dst_deployment: 'payments',
      classification: 'success',
      status_code: '200',
    },
  },
  value,
});

const profile = (direction: string, route: string, classification: string, value: number): readonly Row[] => {
  const labels = { direction, dst: 'payments.shop.svc.cluster.local:8080', rt_route: route, namespace: 'shop' };
  const own = { ...labels, deployment: direction === 'outbound' ? 'checkout' : 'payments' };
  return [
    {
      series: {
        __name__: 'route_response_total',
        ...own,
        classification,
        status_code: classification === 'failure' ? '500' : '200',
      },
      value,
    },
    ...buckets('route_response_latency_ms_bucket', own, value, ['100', '1000', '+Inf']),
  ];
};

describe('/mesh routes where Linkerd has ServiceProfiles', () => {
  const mesh = [
    edge(4500),
    ...profile('outbound', 'POST /pay', 'success', 2700),
    ...profile('outbound', 'POST /pay', 'failure', 300).slice(0, 1),
    ...profile('outbound', 'GET /status/{id}', 'success', 1500),
    ...profile('outbound', '', 'success', 150),
    ...profile('inbound', 'POST /pay', 'success', 9999),
  ];

  it('has route, service, success, rate and three quantiles, as linkerd viz routes; what matches none is [DEFAULT]', async () => {
    const text = await words('routes payments', linkerd, holding(mesh));
    expect(text).toMatch(/Routes of payments in demo/);
    expect(text).toMatch(/Route\s+Service\s+Success\s+RPS\s+p50\s+p95\s+p99/);
    expect(rowsIn(text)).toEqual([
      ['POST /pay', 'payments', '90 %', '10/s', expect.stringMatching(/ms$/), expect.any(String), expect.any(String)],
      ['GET /status/{id}', 'payments', '100 %', '5/s', '56 ms', '550 ms', '910 ms'],
      ['[DEFAULT]', 'payments', '100 %', '0.5/s', '56 ms', '550 ms', '910 ms'],
    ]);
    expect(text).toMatch(/routes of ServiceProfiles, counted by the caller's proxies/);
  });

  it('takes the count of the callee only where no caller counted', async () => {
    const text = await words(
      'routes payments',
      linkerd,
      holding([edge(4500), ...profile('inbound', 'POST /pay', 'success', 900)]),
    );
    expect(rowsIn(text)[0]?.slice(0, 4)).toEqual(['POST /pay', 'payments', '100 %', '3/s']);
    expect(text).toMatch(/counted by the callee's proxies/);
  });
});

describe('/mesh routes where Linkerd has routes of the Gateway API', () => {
  const labels = {
    ...{ parent_name: 'payments', parent_namespace: 'shop', namespace: 'shop', deployment: 'checkout' },
    ...{ route_kind: 'HTTPRoute', route_name: 'pay' },
  };
  const http = (more: Readonly<Record<string, string>>, value: number): Row => ({
    series: { __name__: 'outbound_http_route_request_statuses_total', ...labels, ...more },
    value,
  });
  const grpc = (status: string, error: string, value: number): Row => ({
    series: {
      ...{ __name__: 'outbound_grpc_route_request_statuses_total', ...labels, route_kind: 'GRPCRoute', route_name: 'Charge' },
      ...{ grpc_status: status, error },
    },
    value,
  });

  it('a proxy that gives up has failed, a client that leaves has not', async () => {
    const text = await words(
      'routes payments',
      linkerd,
      holding([
        edge(600),
        http({ http_status: '200', error: '' }, 240),
        http({ http_status: '', error: 'FAIL_FAST' }, 30),
        http({ http_status: '', error: 'CANCEL' }, 30),
        ...buckets('outbound_http_route_request_duration_seconds_bucket', labels, 300, ['0.5', '1', '+Inf']),
      ]),
    );
    expect(rowsIn(text)[0]?.slice(0, 4)).toEqual(['pay', 'payments', '90 %', '1/s']);
    expect(text).toMatch(/routes of HTTPRoutes.*latency from four buckets only/s);
  });

  it('gRPC fails by its status, which is printed by name', async () => {
    const text = await words(
      'routes checkout → payments',
      linkerd,
      holding([
        edge(600),
        grpc('OK', '', 150),
        grpc('UNAVAILABLE', '', 60),
        grpc('NOT_FOUND', '', 60),
        grpc('', 'REQUEST_TIMEOUT', 30),
      ]),
    );
    expect(rowsIn(text)[0]?.slice(0, 4)).toEqual(['Charge', 'payments', '70 %', '1/s']);
  });

  it('without any, says what to define, and shows no table of one row', async () => {
    const text = await words(
      'routes payments',
      linkerd,
      holding([edge(600), http({ route_kind: 'default', route_name: 'http', http_status: '200', error: '' }, 600)]),
    );
    expect(rowsIn(text)).toEqual([]);
    expect(text).toMatch(/no request is counted by route in the last 5 min[\s\S]*define an HTTPRoute or a GRPCRoute/);
  });
});

describe('/mesh routes where Istio counts', () => {
  it('says which label is missing, and how one adds it', async () => {
    const text = await words('routes payments', istio, holding(call('checkout', 'payments', { 200: 300 })));
    expect(text).toMatch(/no request is counted by route[\s\S]*tagOverrides request_url_path \(value request\.url_path\)/);
  });

  it('takes the operation that somebody added, under its own name where it was renamed', async () => {
    const mesh = (label: string) => [
      ...call('checkout', 'payments', { 200: 540, 503: 60 }, { [label]: 'Charge' }),
      ...call('refunds', 'payments', { 200: 300 }, { [label]: 'Refund' }),
      ...call('refunds', 'payments', { 200: 30 }, { [label]: 'unknown' }),
    ];
    const firstCells = (text: string) => rowsIn(text).map((row) => row.slice(0, 4));
    const expected = [
      ['Charge', 'payments', '90 %', '2/s'],
      ['Refund', 'payments', '100 %', '1/s'],
      ['[DEFAULT]', 'payments', '100 %', '0.1/s'],
    ];
    expect(firstCells(await words('routes payments', istio, holding(mesh('request_operation'))))).toEqual(expected);
    const own = renamed(istio, { metrics: {}, labels: { request_operation: 'api_method' } });
    expect(firstCells(await words('routes payments', own, holding(mesh('api_method'))))).toEqual(expected);
    expect(firstCells(await words('routes refunds → payments', istio, holding(mesh('request_operation'))))).toEqual(
      expected.slice(1),
    );
  });
});

describe('the questions about routes', () => {
  it('are PromQL, whatever is asked', async () => {
    const asked: string[] = [];
    const source = holding([edge(600)]);
    const spied: MetricsSource = {
      ...source,
      instant: (promql, atMs, patience) => {
        asked.push(promql);
        return source.instant(promql, atMs, patience);
      },
    };
    for (const text of ['routes', 'routes payments', 'routes shop/payments', 'routes checkout → payments', 'routes -n shop'])
      for (const dialect of [linkerd, istio]) await words(text, dialect, spied);
    expect(asked.some((promql) => promql.includes('route_response_total'))).toBe(true);
    for (const promql of asked) expect(parser.parse(promql).toString()).not.toMatch(/⚠/);
  });
});

const engine = await engineFor('prometheus');

describe.skipIf(engine.path === '')(`/mesh routes, by a real Prometheus${engine.skipped}`, () => {
  it('finds the service in the host of a profile, with and without its namespace, and nobody whose name only begins alike', async () => {
    const atMs = Math.floor(Date.now() / 60_000) * 60_000;
    const series = ({ series: { __name__, ...labels }, value }: Row, host?: string): SeededSeries => ({
      labels: { __name__, job: 'linkerd-proxy', ...labels, ...(host === undefined ? {} : { dst: host }) },
      samples: Array.from(
        { length: 41 },
        (_, index) => [atMs - (40 - index) * 15_000, Math.round((value * index) / 20)] as const,
      ),
    });
    const mine = [...profile('outbound', 'POST /pay', 'success', 270), profile('outbound', 'POST /pay', 'failure', 30)[0] as Row];
    const { metrics, stop } = await seededPrometheus(engine.path, [
      series(edge(300)),
      ...mine.map((row) => series(row)),
      ...profile('outbound', 'GET /other', 'success', 3000).map((row) => series(row, 'payments-api.shop.svc.cluster.local:8080')),
      ...profile('outbound', 'GET /far', 'success', 3000).map((row) => series(row, 'payments.bank.svc.cluster.local:8080')),
    ]);
    try {
      const routes = async (text: string) => rowsIn(await words(text, linkerd, metrics, atMs)).map((row) => row.slice(0, 4));
      const own = ['POST /pay', 'payments', '90 %', '1/s'];
      expect(await routes('routes shop/payments')).toEqual([own]);
      expect(await routes('routes checkout → shop/payments')).toEqual([own]);
      expect(await routes('routes payments')).toEqual([
        ['GET /far', 'bank/payments', '100 %', '10/s'],
        ['POST /pay', 'shop/payments', '90 %', '1/s'],
      ]);
      expect((await routes('routes -n shop')).map(([route]) => route)).toEqual(['GET /other', 'POST /pay']);
    } finally {
      await stop();
    }
  });
});
