import { existsSync, readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import { istio } from '../src/dialects/istio.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { MetricsSource } from '../src/ports.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { call, down, holding } from './support/metrics.ts';
import { nowMs, setting } from './support/report.ts';

const demo = [
  ...call('frontend', 'checkout', { 200: 3000 }),
  ...call('checkout', 'payments', { 200: 2700, 503: 300 }),
  ...call('refunds', 'payments', { 200: 11, 500: 1 }),
  ...call('checkout', 'bank/ledger', { 200: 600 }),
  ...call('frontend', 'search', { 200: 0 }),
];

const cluster = (name: string, metrics: MetricsSource): Cluster => ({
  name,
  dialect: istio,
  metrics,
  rules: null,
  deadlineMs: 2000,
});
const answer = async (text: string, ...clusters: readonly Cluster[]) => {
  const world = {
    clusters: clusters.length > 0 ? clusters : [cluster('demo', holding(demo))],
    clock: { nowMs: () => nowMs, sleep: async () => undefined },
    charts: null,
    settingOf: () => setting,
  };
  const reply = await ask(world, text);
  expect(blockProblems(reply.message.blocks, () => 'missing')).toEqual([]);
  return { ...reply, words: spoken(reply.message) };
};
const words = async (text: string, ...clusters: readonly Cluster[]): Promise<string> => (await answer(text, ...clusters)).words;
const rowsIn = (text: string): readonly string[] => text.split('\n').filter((line) => / {2}\d/.test(line));

describe('/mesh stat', () => {
  it('shows the edges into and out of a workload, as linkerd viz stat does', async () => {
    const text = await words('stat payments');
    expect(text).toMatch(/Edges of payments in demo/);
    expect(text).toMatch(/From\s+To\s+Success\s+RPS\s+p50\s+p95\s+p99\s+Refused/);
    expect(rowsIn(text)).toEqual([
      expect.stringMatching(/^checkout\s+payments\s+90 %\s+10\/s/),
      expect.stringMatching(/^refunds\s+payments\s+11 of 12\s+0\.04\/s/),
    ]);
    expect(rowsIn(await words('stat checkout')).length).toBe(3);
  });

  it('says so when the window is too short for two scrapes, and does not call that no data', async () => {
    const full = holding(demo);
    const rarely: MetricsSource = {
      ...full,
      instant: (promql, atMs, how) => (promql.includes('[60s]') ? holding([]) : full).instant(promql, atMs, how),
    };
    expect(await words('stat payments --window 1m', cluster('demo', rarely))).toBe(
      'Nothing can be counted over 1 min: that takes two scrapes. Add --window 5m.',
    );
    expect(await words('stat payments --window 1m', cluster('demo', holding([])))).toMatch(/^No data/);
  });

  it('shows one edge, all edges, or those of a namespace', async () => {
    expect(rowsIn(await words('stat checkout → payments')).length).toBe(1);
    expect(rowsIn(await words('stat')).length).toBe(4);
    expect(rowsIn(await words('stat --namespace bank'))).toEqual([expect.stringMatching(/^checkout\s+ledger/)]);
  });

  it('counts the connections of bare TCP, and never those that requests came in', async () => {
    const bare = (to: string, flags: string, value: number) => ({
      series: {
        ...call('checkout', to, {})[0]?.series,
        __name__: istio.metrics.connections ?? '',
        le: '',
        request_protocol: 'tcp',
        response_flags: flags,
      },
      value,
    });
    const mixed = [...demo, bare('redis', '-', 540), bare('redis', 'UF,URX', 60), bare('payments', '-', 9000)];
    const text = await words('stat checkout', cluster('demo', holding(mixed)));
    expect(rowsIn(text).filter((line) => /redis|payments/.test(line))).toEqual([
      expect.stringMatching(/^checkout\s+payments\s+90 %\s+10\/s /),
      expect.stringMatching(/^checkout\s+redis\s+90 %\s+2\/s TCP\s+–\s+–\s+–/),
    ]);
    expect(text).toMatch(/TCP: connections that ended/);
    expect(await words('stat payments')).not.toMatch(/TCP/);
  });

  it('narrows by namespace the end that has the name, not its partners', async () => {
    expect(
      rowsIn(await words('stat shop/checkout'))
        .map((line) => line.split(/\s+/)[1])
        .sort(),
    ).toEqual(['checkout', 'ledger', 'payments']);
    expect(await words('stat bank/payments')).toMatch(/payments is in shop, not in bank/);
    expect(await words('stat --namespace bnak')).toMatch(/Did you mean: bank\?/);
  });

  it('tells no traffic, an unknown name, no series and an unreachable source apart', async () => {
    expect(await words('stat search')).toMatch(/^No traffic: search is known in demo, but had no requests in the last 5 min/);
    expect(await words('stat paymets')).toMatch(/I know no workload or service paymets in demo\.\nDid you mean: payments\?/);
    expect(await words('stat payments', cluster('demo', holding([])))).toMatch(
      /^No data: demo has no series of istio_requests_total/,
    );
    expect(await words('stat', cluster('demo', holding([])))).toMatch(/^No data: demo has no series/);
    const no = (what: string): string => `No ${what} figures: Prometheus refused the connection.`;
    for (const asked of ['stat', 'stat payments'])
      expect(await words(asked, cluster('demo', down))).toBe(`${no('request')}\n${no('latency')}`);
    for (const asked of ['why payments', 'trace payments', 'edges payments', 'flags', 'routes payments'])
      expect(await words(asked, cluster('demo', down))).toMatch(
        /^(No request figures: Prometheus refused|No trace store)[^\n]*$/,
      );
  });

  it('reads buckets of latency only where latency is shown', async () => {
    const askedOf = async (text: string): Promise<readonly string[]> => {
      const asked: string[] = [];
      const { instant, ...metrics } = holding(demo);
      const listening = (...given: Parameters<MetricsSource['instant']>) => {
        asked.push(given[0]);
        return instant(...given);
      };
      await words(text, cluster('demo', { ...metrics, instant: listening }));
      return asked;
    };
    const buckets = /_bucket/;
    for (const text of ['stat', 'top payments']) {
      const asked = await askedOf(text);
      expect(asked.map((promql) => buckets.test(promql))).toEqual([false, true]);
    }
    for (const text of ['flags payments', 'edges payments']) {
      const asked = await askedOf(text);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.filter((promql) => buckets.test(promql))).toEqual([]);
    }
    expect((await askedOf('graph payments')).map((promql) => buckets.test(promql))).toEqual([false, false, true]);
  });

  it('says that two known workloads are no edge', async () => {
    expect(await words('stat payments → frontend')).toMatch(/There is no edge payments → frontend in demo: both are known/);
    expect(await words('stat payments → checkout')).toMatch(/not as caller and callee\. Did you mean checkout → payments\?/);
  });
});

describe('/mesh top', () => {
  it('begins with what fails or is refused most, then with what is slowest', async () => {
    const text = await words(
      'top',
      cluster('demo', holding([...demo, ...call('frontend', 'wiki', { 200: 9 }, { response_flags: '-' })])),
    );
    expect(text).toMatch(/Worst edges of demo/);
    expect(text).toMatch(/From\s+To\s+Failed\/min\s+Refused\/min\s+Success\s+RPS\s+p99/);
    expect(rowsIn(text).map((line) => line.split(/\s{2,}/).slice(0, 3))).toEqual([
      ['checkout', 'payments', '60'],
      ['refunds', 'payments', '< 1'],
      expect.arrayContaining(['–']),
      expect.arrayContaining(['–']),
      expect.arrayContaining(['–']),
    ]);
  });
});

describe('/mesh flags', () => {
  const flagged = [
    ...demo,
    ...call('checkout', 'payments', { 503: 40 }, { response_flags: 'UH' }),
    ...call('checkout', 'payments', { 403: 7 }, { response_flags: 'UAEX' }),
    ...call('checkout', 'payments', { 200: 3 }, { response_flags: 'UPE' }),
    ...call('checkout', 'payments', { 200: 2 }, { response_flags: 'UPE', reporter: 'destination' }),
  ];

  it('says how requests ended that did not end well, what it means, and who saw it', async () => {
    const text = await words('flags checkout → payments', cluster('demo', holding(flagged)));
    expect(text).toMatch(/Response flags and codes of checkout → payments in demo/);
    expect(text.split('\n').filter((line) => line.startsWith('checkout'))).toEqual([
      expect.stringMatching(/503 +answered by the application +9\.8 % +300 +– +failed/),
      expect.stringMatching(/503 UH +no healthy endpoint to send to +1\.3 % +40 +– +failed/),
      expect.stringMatching(/200 UPE +the callee broke the protocol or died in its answer +0\.1 % +3 +2 +failed/),
      expect.stringMatching(/403 UAEX +refused by the external authorization service +0\.2 % +7 +– +refused/),
    ]);
  });

  it('says so where everything ended well', async () => {
    expect(await words('flags frontend → checkout')).toMatch(
      /every request was answered well, without a response flag, in the last 5 min/,
    );
  });
});

describe('/mesh edges', () => {
  const principal = (account: string): string => `spiffe://cluster.local/ns/shop/sa/${account}`;
  const atCallee = (from: string, to: string, requests: number, policy: string, identities: Readonly<Record<string, string>>) =>
    call(from, to, { 200: requests }, { reporter: 'destination', connection_security_policy: policy, ...identities });
  const secured = { source_principal: principal('checkout'), destination_principal: principal('payments') };
  const open = { source_principal: 'unknown', destination_principal: 'unknown' };
  const mesh = [
    ...call('checkout', 'payments', { 200: 300 }, { connection_security_policy: 'unknown', ...secured }),
    ...atCallee('checkout', 'payments', 300, 'mutual_tls', secured),
    ...call('legacy', 'payments', { 200: 50 }, { connection_security_policy: 'unknown', ...open }),
    ...atCallee('legacy', 'payments', 50, 'none', open),
    ...call('checkout', 'search', { 200: 9 }, { connection_security_policy: 'unknown', ...secured }),
    ...call('checkout', 'example.com', { 200: 9 }, { connection_security_policy: 'unknown', ...open }),
    ...atCallee('batch', 'payments', 75, 'mutual_tls', { ...secured, source_principal: principal('batch') }),
    ...atCallee('batch', 'payments', 25, 'none', open),
  ];

  it('says which are secured and between whom, those that are not first', async () => {
    const text = await words('edges', cluster('demo', holding(mesh)));
    expect(text).toMatch(/mTLS of edges of demo/);
    expect(text.split('\n').filter((line) => /^(checkout|legacy|batch)/.test(line))).toEqual([
      expect.stringMatching(/^legacy +payments +no +– +–/),
      expect.stringMatching(/^checkout +example\.com +not known +– +–/),
      expect.stringMatching(/^batch +payments +75 % +shop\/batch +shop\/payments/),
      expect.stringMatching(/^checkout +payments +yes +shop\/checkout +shop\/payments/),
      expect.stringMatching(/^checkout +search +yes +shop\/checkout +shop\/payments/),
    ]);
  });

  it('is no answer where the source fails, and says so', async () => {
    const full = holding(mesh);
    const half: MetricsSource = {
      ...full,
      instant: (promql, atMs, how) => (promql.includes('source_principal') ? down : full).instant(promql, atMs, how),
    };
    expect(await words('edges payments', cluster('demo', half))).toMatch(
      /nothing could be read in the last 5 min[\s\S]*No mTLS figures: Prometheus refused the connection/,
    );
  });
});

describe('/mesh diff', () => {
  const before = [
    ...call('frontend', 'checkout', { 200: 2990, 503: 10 }),
    ...call('checkout', 'payments', { 200: 2990, 503: 10 }),
    ...call('refunds', 'payments', { 200: 12 }),
    ...call('checkout', 'search', { 200: 400 }),
    ...call('checkout', 'bank/ledger', { 200: 2400 }),
  ];
  const twoMoments = (now: MetricsSource, earlier: MetricsSource): MetricsSource => ({
    ...now,
    instant: (promql, atMs, how) => (atMs < nowMs ? earlier : now).instant(promql, atMs, how),
  });
  const changes = (text: string): readonly (readonly string[])[] =>
    text
      .split('\n')
      .filter((line) => /^(checkout|frontend|refunds) /.test(line))
      .map((line) => line.split(/\s{2,}/));

  it('sets two moments side by side, what became worse first, and does not call chance a change', async () => {
    const text = await words('diff now..-1h', cluster('demo', twoMoments(holding(demo), holding(before))));
    expect(text).toMatch(/What changed on edges of demo[\s\S]*before: 1 h 00 min earlier/);
    expect(changes(text).map((row) => row.slice(0, 4))).toEqual([
      ['checkout', 'payments', 'fails more', '90 % (99.67 %)'],
      ['checkout', 'search', 'gone', '– (100 %)'],
      ['checkout', 'ledger', 'quieter', '100 %'],
      ['frontend', 'checkout', 'as before', '100 % (99.67 %)'],
      ['refunds', 'payments', 'as before', '11 of 12 (12 of 12)'],
    ]);
  });

  it('says what became better', async () => {
    const text = await words('diff checkout → payments', cluster('demo', twoMoments(holding(before), holding(demo))));
    expect(changes(text).map((row) => row.slice(0, 3))).toEqual([['checkout', 'payments', 'fails less']]);
  });

  it('compares nothing where the time before cannot be read, and says so', async () => {
    const text = await words('diff payments', cluster('demo', twoMoments(holding(demo), down)));
    expect(text).toMatch(
      /the time before could not be read[\s\S]*No request figures, latency figures: Prometheus refused the connection/,
    );
  });
});

describe('several clusters', () => {
  const [eu, us] = [cluster('eu', holding(demo)), cluster('us', holding(call('web', 'cart', { 200: 500 })))];
  it('are searched for the name, and asked about only where it is in more than one', async () => {
    expect(await words('stat cart', eu, us)).toMatch(/Edges of cart in us/);
    expect(await words('stat payments', eu, cluster('us', holding(demo)))).toMatch(
      /payments had requests in eu, us\. Which\? Add --cluster eu/,
    );
    expect(await words('stat payments --cluster us', eu, cluster('us', holding(demo)))).toMatch(/Edges of payments in us/);
    expect(await words('stat', eu, us)).toMatch(/Which cluster\? Add --cluster: eu, us/);
  });
  it('are found by name although another is down', async () => {
    expect(await words('stat payments', cluster('us', down), eu)).toMatch(/Edges of payments in eu/);
    expect(await words('stat nobody', cluster('us', down), eu)).toMatch(
      /I know no workload or service nobody in us, eu[\s\S]*refused the connection/,
    );
  });
  it('are named when the asked one is unknown', async () => {
    expect(await words('why cart --cluster uss', eu, us)).toMatch(
      /I do not know the cluster uss\. Did you mean us\?\nThere are: eu, us\./,
    );
  });
});

describe('/mesh why', () => {
  it.each([
    ['why payments', 'checkout → payments'],
    ['why refunds → payments', 'refunds → payments'],
    ['why payments-v1', 'checkout → payments'],
    ['why checkout/payments', 'checkout → payments'],
    ['why bank/ledger', 'checkout → ledger'],
  ])('%s is about %s', async (text, title) => {
    const { words: said, evidence } = await answer(text);
    expect(said).toMatch(new RegExp(`^⚪ ${title}`));
    expect(said).toMatch(/asked for, without an alert/);
    expect(evidence?.subject.kind).toBe('edge');
  });

  it.each([
    ['each request of its was tried four times at the callee', { 200: 300, 503: 900 }, 'checkout → payments'],
    ['it fails far more often than whoever has a name', { 200: 300, 503: 3000 }, 'unknown → payments'],
  ])('is about who has a name, though an unknown caller fails too: %s', async (_what, unknown, title) => {
    const rows = [
      ...call('checkout', 'payments', { 200: 2700, 503: 300 }),
      ...call('unknown', 'payments', unknown, { reporter: 'destination', source_workload_namespace: 'unknown' }),
    ];
    expect(await words('why payments', cluster('demo', holding(rows)))).toMatch(new RegExp(`^⚪ ${title}`));
  });

  it('of one that nobody calls says so', async () => {
    expect(await words('why frontend')).toMatch(/frontend calls others in demo, but nobody calls it/);
  });

  it('of a typing mistake has a guess for each end', async () => {
    expect(await words('why chekout → paymnets')).toMatch(
      /chekout in demo\.\nDid you mean: checkout\?\n.*paymnets in demo\.\nDid you mean: payments\?/,
    );
  });
});

describe('what a person types', () => {
  const recorded = (name: string): readonly string[] => {
    const file = `${process.env['EDGEWISE_FIXTURES']}/alerts/${name}_injection_values.json`;
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : [];
  };
  const hostile = fc.oneof(
    fc.constantFrom(
      'x"} or up{a="',
      '"} or vector(1)#',
      '<!channel>',
      '<https://evil.example|x>',
      '`id`',
      ':fire:',
      '__proto__',
      ...recorded('promql'),
      ...recorded('mrkdwn'),
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  /** Every selection of a query: its metric and the labels that it matches. */
  const selections = (promql: string): readonly string[] => {
    const found: string[] = [];
    parser.parse(promql).iterate({
      enter: ({ name, from, to }) => {
        expect(name).not.toBe('⚠');
        if (name === 'VectorSelector') found.push(promql.slice(from, to).split('{')[0] ?? '');
      },
    });
    return found;
  };

  it('adds no selection to a query, and no mention, link or command to an answer', async () => {
    const asked: string[] = [];
    const source = holding(demo);
    const spied = cluster('demo', {
      ...source,
      instant: (promql, atMs, patience) => {
        asked.push(promql);
        return source.instant(promql, atMs, patience);
      },
    });
    await fc.assert(
      fc.asyncProperty(
        hostile,
        fc.constantFrom(
          'stat',
          'why',
          'stat checkout →',
          'why --namespace',
          'stat --cluster',
          'graph',
          'routes',
          'versions',
          'pods',
          'pods checkout →',
          'silence',
          '',
        ),
        async (text, verb) => {
          asked.length = 0;
          const { message } = await answer(`${verb} ${text}`, spied);
          for (const promql of asked.slice(0, 2)) {
            const metrics = selections(promql);
            expect(metrics.length).toBe(promql.match(/increase\(/g)?.length);
            const { requests, connections, durationBucket } = istio.metrics;
            expect([requests, connections, durationBucket]).toEqual(expect.arrayContaining([...new Set(metrics)]));
          }
          const sent = JSON.stringify(message).replace(
            /<!date\^\d+\^\{time\}\|[\d:]+>|<https:\/\/(grafana|kiali)\.example[^>]*>/g,
            '',
          );
          expect(sent).not.toMatch(/[<>]/);
        },
      ),
      { numRuns: 150 },
    );
  }, 30_000);
});
