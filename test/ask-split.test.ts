import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import { ambient } from '../src/dialects/ambient.ts';
import { istio } from '../src/dialects/istio.ts';
import { linkerd } from '../src/dialects/linkerd.ts';
import type { Dialect } from '../src/domain/dialect.ts';
import type { MetricsSource } from '../src/ports.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { expectEscaped } from './support/hostile.ts';
import { call, down, holding } from './support/metrics.ts';
import { nowMs, setting } from './support/report.ts';

const answered = async (text: string, metrics: MetricsSource, dialect: Dialect = istio) => {
  const cluster = { name: 'demo', dialect, metrics, rules: null, deadlineMs: 5000 };
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  const { message, ending } = await ask({ clusters: [cluster], clock, charts: null, settingOf: () => setting }, text);
  expect(blockProblems(message.blocks, () => 'missing')).toEqual([]);
  return { message, ending, text: spoken(message) };
};
const words = async (...asked: Parameters<typeof answered>): Promise<string> => (await answered(...asked)).text;

/** Rows of the table as lists of cells. */
const rowsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => /\d\/s/.test(line) && !line.includes(' ok, '))
    .map((line) => line.trim().split(/\s{2,}/));

const version = (name: string, requests: Readonly<Record<string, number>>, more: Readonly<Record<string, string>> = {}) =>
  call('checkout', 'payments', requests, { destination_version: name, ...more });
const podOf = (pod: string, requests: Readonly<Record<string, number>>, more: Readonly<Record<string, string>> = {}) =>
  call('checkout', 'payments', requests, { reporter: 'destination', pod, destination_version: 'v1', ...more });

describe('/mesh versions', () => {
  const mesh = [
    ...version('v1', { 200: 2700 }),
    ...version('v2', { 200: 150, 503: 120 }),
    ...version('unknown', { 503: 30 }, { destination_workload: 'unknown' }),
  ];

  it('tells share, success, rate and three quantiles of each, and the version that fails before all else', async () => {
    const text = await words('versions payments', holding(mesh));
    expect(text).toMatch(/Versions of payments in demo/);
    expect(text).toMatch(/Version\s+Share\s+Success\s+RPS\s+p50\s+p95\s+p99/);
    expect(rowsIn(text).map((row) => row.slice(0, 4))).toEqual([
      ['v1', '90 %', '100 %', '9/s'],
      ['v2', '9 %', '56 %', '0.9/s'],
      ['no version told', '1 %', '0 %', '0.1/s'],
    ]);
    expect(text).toMatch(/counted by the caller's proxies/);
    expect(text).toMatch(/1 % of requests tell no version: they reached none, or it has no label/);
    const sick = [...version('v1', { 200: 2700 }), ...version('v2', { 200: 150, 503: 150 })];
    expect(await words('versions payments', holding(sick))).toMatch(
      /^1 of 2 versions fails: v2 fails 50 % of its requests, the other none\n/,
    );
  });

  it('takes the revision where no version is printed, and says nothing of the one that nobody named', async () => {
    const text = await words(
      'versions payments',
      holding([
        ...version('unknown', { 200: 300 }, { destination_canonical_revision: 'canary' }),
        ...version('unknown', { 200: 300 }, { destination_canonical_revision: 'latest' }),
      ]),
    );
    expect(rowsIn(text).map(([name]) => name)).toEqual(expect.arrayContaining(['canary', 'no version told']));
  });

  it('of one caller counts that caller alone, and of a workload that workload', async () => {
    const both = [
      ...mesh,
      ...call('refunds', 'payments', { 200: 600 }, { destination_version: 'v3' }),
      ...version('v9', { 200: 900 }, { destination_workload: 'payments-v9' }),
    ];
    const names = async (text: string) => rowsIn(await words(text, holding(both))).map(([name]) => name);
    expect(await names('versions refunds → payments')).toEqual(['v3']);
    expect(await names('versions payments-v9')).toEqual(['v9']);
    expect(await names('versions payments')).toEqual(['v1', 'v9', 'v3', 'v2', 'no version told']);
  });

  it('takes the count of the callee only from callers that counted nothing', async () => {
    const seen = { reporter: 'destination', destination_version: 'v1' };
    const text = await words(
      'versions payments',
      holding([
        ...version('v1', { 200: 300 }),
        ...call('checkout', 'payments', { 200: 9000 }, seen),
        ...call('unknown', 'payments', { 200: 300 }, seen),
      ]),
    );
    expect(rowsIn(text).map((row) => row.slice(0, 4))).toEqual([['v1', '100 %', '100 %', '2/s']]);
    expect(text).toMatch(
      /counted by the callee's proxies, where no caller's reports|counted by .*callee's proxies.*caller's proxies/,
    );
  });

  it('that no label tells apart says which label to add', async () => {
    const text = await words('versions payments', holding(version('unknown', { 200: 3000 })));
    expect(rowsIn(text)).toEqual([]);
    expect(text).toMatch(/no request is told apart by version[\s\S]*label version or app\.kubernetes\.io\/version/);
    const rows = [
      {
        series: {
          ...{ __name__: 'response_total', direction: 'outbound', namespace: 'shop', deployment: 'checkout' },
          ...{ dst_namespace: 'shop', dst_service: 'payments', dst_deployment: 'payments', classification: 'success' },
        },
        value: 300,
      },
    ];
    expect(await words('versions payments', holding(rows), linkerd)).toMatch(
      /Linkerd prints no version, only the hash of the ReplicaSet \(dst_pod_template_hash by/,
    );
  });
});

describe('/mesh pods', () => {
  const at = call('checkout', 'payments', { 200: 3000, 503: 30 });
  const many = Array.from({ length: 11 }, (_, n) =>
    podOf(`payments-v1-7d9f6c5b8d-aaa${n < 10 ? `a${n}` : 'bb'}`, { 200: 250 }),
  ).flat();
  const bad = podOf('payments-v1-7d9f6c5b8d-x2k9q', { 200: 175, 503: 75 });

  it('says first how many fail, and lists the worst first with its version', async () => {
    const text = await words('pods payments', holding([...at, ...many, ...bad]));
    expect(text).toMatch(
      /^1 of 12 pods fails: payments-v1-7d9f6c5b8d-x2k9q fails 30 % of its requests, the others none\nPods of payments in demo/,
    );
    const [worst, ...others] = rowsIn(text);
    expect(worst?.slice(0, 4)).toEqual(['payments-v1-7d9f6c5b8d-x2k9q', '8.3 %', '70 %', '0.83/s']);
    expect(worst?.at(-1)).toBe('v1');
    expect(others).toHaveLength(11);
    expect(text).toMatch(/counted by the callee's proxies/);
  });

  it('says nothing of few where all fail alike, or so little failed that it may be chance', async () => {
    const alike = ['a', 'b', 'c'].flatMap((name) => podOf(`payments-${name}`, { 200: 200, 503: 50 }));
    const seldom = [...many, ...podOf('payments-z', { 200: 250, 503: 3 })];
    for (const mesh of [alike, seldom])
      expect(await words('pods payments', holding([...at, ...mesh]))).toMatch(/^Pods of payments/);
  });

  it('cuts what no screen holds, and says how much; counts those that got nothing', async () => {
    const crowd = Array.from({ length: 40 }, (_, n) => podOf(`payments-${n}`, { 200: 100 })).flat();
    const text = await words('pods payments', holding([...at, ...crowd, ...podOf('payments-idle', { 200: 0 })]));
    expect(rowsIn(text)).toHaveLength(30);
    expect(text).toMatch(/1 more without a request/);
    expect(text).toMatch(/10 more rows/);
  });

  it('has addresses where no label names a pod, and says that; with neither, that an aggregation dropped them', async () => {
    const scraped = call('checkout', 'payments', { 200: 300 }, { reporter: 'destination', instance: '10.0.0.7:15020' });
    const text = await words('pods payments', holding([...at, ...scraped]));
    expect(rowsIn(text)[0]?.[0]).toBe('10.0.0.7:15020');
    expect(text).toMatch(/no label names a pod: these are the addresses that are scraped/);
    const dropped = call('checkout', 'payments', { 200: 300 }, { reporter: 'destination' });
    expect(await words('pods payments', holding([...at, ...dropped]))).toMatch(
      /no request is told apart by pod[\s\S]*an aggregation \(recording rule, federation\) that drops both/,
    );
    expect(
      await words('pods payments', holding(call('checkout', 'payments', { 200: 300 }, { reporter: 'waypoint' })), ambient),
    ).toMatch(/in an ambient mesh waypoints count requests, and no pod of the callee does/);
  });

  it('tells pods of one name in two namespaces apart', async () => {
    const there = { destination_service_namespace: 'bank' };
    const mesh = [...at, ...call('checkout', 'bank/payments', { 200: 300 })];
    const text = await words(
      'pods payments',
      holding([...mesh, ...podOf('payments-0', { 200: 300 }), ...podOf('payments-0', { 503: 300 }, there)]),
    );
    expect(rowsIn(text).map(([name]) => name)).toEqual(['bank/payments-0', 'shop/payments-0']);
    const one = await words('pods bank/payments', holding([...mesh, ...podOf('payments-0', { 503: 300 }, there)]));
    expect(rowsIn(one).map(([name]) => name)).toEqual(['payments-0']);
  });
});

describe('what is told apart', () => {
  it.each(['versions', 'pods'])('/mesh %s asks for one workload, by one question of counts and one of buckets', async (verb) => {
    const asked: string[] = [];
    const source = holding([...call('checkout', 'payments', { 200: 300 }), ...podOf('payments-a', { 200: 300 })]);
    const spied: MetricsSource = {
      ...source,
      instant: (promql, atMs, patience) => {
        asked.push(promql);
        return source.instant(promql, atMs, patience);
      },
    };
    await words(`${verb} payments`, spied);
    // Where the workload is, and the two.
    expect(asked).toHaveLength(3);
    for (const promql of asked) expect(parser.parse(promql).toString()).not.toMatch(/⚠/);
    expect((await answered(verb, spied)).ending).toBe('unclear');
    expect(asked).toHaveLength(3);
    expect((await answered(`${verb} payments`, down)).text).toMatch(/No request figures: Prometheus refused/);
  });

  it('is said of a part whose figures could not be read', async () => {
    const source = holding([...call('checkout', 'payments', { 200: 300 }), ...podOf('payments-a', { 200: 300 })]);
    const half: MetricsSource = {
      ...source,
      instant: (promql, ...more) => (promql.includes('le)') || promql.includes(',le') ? down : source).instant(promql, ...more),
    };
    const text = await words('pods payments', half);
    expect(rowsIn(text)[0]?.slice(0, 7)).toEqual(['payments-a', '100 %', '100 %', '1/s', '–', '–', '–']);
    expect(text).toMatch(/No latency by pod: Prometheus refused/);
  });

  it.each(['<!channel> *b* & `c`', '<https://evil.example|x>', '_i_ ~s~ :bomb:', '\u202e@here'])(
    'is escaped, whatever its labels say: %s',
    async (hostile) => {
      const few = [...podOf('payments-a', { 200: 900 }), ...podOf(hostile, { 503: 300 }, { destination_version: hostile })];
      const mesh = [...version('v1', { 200: 900 }), ...version(hostile, { 503: 300 }), ...few];
      for (const verb of ['versions', 'pods']) {
        const { message, text } = await answered(`${verb} payments`, holding(mesh));
        expect(text).toMatch(/^1 of 2 (versions|pods) fails/);
        expectEscaped(message.text, message.blocks, /^!date\^\d+\^\{time\}\|[\d:]+$/);
      }
    },
  );
});
