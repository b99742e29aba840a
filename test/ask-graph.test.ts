import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import type { AskWorld } from '../src/asking.ts';
import { istio } from '../src/dialects/istio.ts';
import { SourceError } from '../src/domain/gathered.ts';
import type { PictureSpec } from '../src/domain/message.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { ChartRenderer, MetricsSource } from '../src/ports.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { run } from './cli/run.ts';
import { engineFor } from './support/engine.ts';
import { call, down, holding } from './support/metrics.ts';
import { nowMs, setting } from './support/report.ts';
import { type Flow, scrapesOf, seriesOf } from './support/seeded-mesh.ts';
import { seededPrometheus } from './support/seeded-prometheus.ts';

const shop = [
  ...call('frontend', 'checkout', { 200: 3000 }),
  ...call('checkout-v1', 'payments', { 200: 2700, 503: 300 }),
  ...call('payments-v1', 'bank/ledger', { 200: 600 }),
  ...call('frontend', 'search', { 200: 900 }),
  ...call('frontend', 'idle', { 200: 0 }),
];

const cluster = (name: string, metrics: MetricsSource = holding(shop)): Cluster => ({
  name,
  dialect: istio,
  metrics,
  rules: null,
  deadlineMs: 2000,
});

/** Keeps what it was given to draw. */
const sketchbook = () => {
  const specs: PictureSpec[] = [];
  const draw: ChartRenderer['draw'] = async (spec) => {
    specs.push(spec);
    const { name, widthPx, heightPx, altText } = spec;
    return { name, png: new Uint8Array([1]), widthPx, heightPx, altText };
  };
  return { specs, charts: { draw, close: async () => undefined } };
};

const answer = async (text: string, world: Partial<AskWorld> = {}) => {
  const { specs, charts } = sketchbook();
  const reply = await ask(
    {
      clusters: [cluster('demo')],
      clock: { nowMs: () => nowMs, sleep: async () => undefined },
      charts,
      settingOf: () => setting,
      ...world,
    },
    text,
  );
  expect(blockProblems(reply.message.blocks, () => 'missing')).toEqual([]);
  return { ...reply, specs, words: spoken(reply.message) };
};

const pairs = (text: string): readonly string[] =>
  text
    .split('\n')
    .filter((line) => /\d\/s +\S/.test(line) && !line.includes(' ok, '))
    .map((line) => line.split(/\s+/).slice(0, 2).join(' → '));

describe('/mesh graph', () => {
  it('draws who calls whom around a workload, and says the same as a table, the sick edge first', async () => {
    const { words, specs, picture, ending } = await answer('graph payments');
    expect(ending).toBe('answered');
    expect(words).toMatch(/Who calls whom: payments in demo/);
    expect(pairs(words)).toEqual(['checkout-v1 → payments', 'frontend → checkout', 'payments-v1 → ledger']);
    expect(words).toMatch(/checkout-v1 +payments +90 % +10\/s/);
    expect((await picture)?.name).toBe('graph');
    expect(specs[0]?.texts[0]?.text).toBe('checkout → payments: 10 % failing');
    expect(specs[0]?.texts.map(({ text }) => text)).toContain('payments in demo · 5 min to 07:15:20 UTC');
  });

  it('of the cluster shows all that had requests', async () => {
    const { words } = await answer('graph');
    expect([...pairs(words)].sort()).toEqual([
      'checkout-v1 → payments',
      'frontend → checkout',
      'frontend → search',
      'payments-v1 → ledger',
    ]);
  });

  it('of an edge shows it with who calls its caller and what its callee calls, by the names of the table and of the picture', async () => {
    for (const caller of ['checkout-v1', 'checkout']) {
      const { words } = await answer(`graph ${caller} → payments`);
      expect(words).toMatch(new RegExp(`Who calls whom: ${caller} → payments in demo`));
      expect(pairs(words)).toEqual(['checkout-v1 → payments', 'frontend → checkout', 'payments-v1 → ledger']);
    }
    const { words, ending } = await answer('graph search → payments');
    expect([ending, words]).toEqual(['not-found', expect.stringMatching(/There is no edge search → payments in demo/)]);
  });

  it('of a namespace shows what is called there, by its name alone or as an option', async () => {
    for (const asked of ['graph bank', 'graph --namespace bank']) {
      const { words } = await answer(asked);
      expect(words).toMatch(/Who calls whom: demo \/ bank/);
      expect(pairs(words)).toEqual(['payments-v1 → ledger']);
    }
  });

  it('of a mesh without requests says so, and draws nothing', async () => {
    const clusters = [cluster('demo', holding(call('frontend', 'idle', { 200: 0 })))];
    const { words, specs } = await answer('graph', { clusters });
    expect(words).toMatch(/Who calls whom: demo: no edge with requests in the last 5 min/);
    expect(specs).toEqual([]);
  });

  it('of a name that is neither has a guess', async () => {
    const { words, picture, ending } = await answer('graph paymets');
    expect(ending).toBe('not-found');
    expect(words).toMatch(/I know no workload or service paymets in demo\.\nDid you mean: payments, payments-v1\?/);
    expect(await picture).toBeNull();
  });

  it('is words where nobody draws, and says so where drawing failed', async () => {
    const silent = await answer('graph payments', { charts: null });
    expect(pairs(silent.words).length).toBe(3);
    expect(silent.words).not.toMatch(/picture/);
    const draw = async () => {
      throw new SourceError('pictures', 'timeout', 'was not drawn within 8 s');
    };
    const failed = await answer('graph payments', { charts: { draw, close: async () => undefined } });
    expect(pairs(failed.words).length).toBe(3);
    expect(failed.words).toMatch(/No picture: pictures was not drawn within 8 s/);
  });

  it('shows one hop where the rest of the mesh cannot be read, and says what is missing', async () => {
    const full = holding(shop);
    const narrow: MetricsSource = {
      ...full,
      instant: (promql, atMs, how) =>
        (promql.includes('"payments"') ? full : { ...full, instant: down.instant }).instant(promql, atMs, how),
    };
    const { words } = await answer('graph payments', { clusters: [cluster('demo', narrow)] });
    expect(pairs(words)).toEqual(['checkout-v1 → payments']);
    expect(words).toMatch(/checkout-v1 +payments +90 % +10\/s +\d+ ms/);
    expect(words).toMatch(/No request figures, latency figures: Prometheus refused the connection/);
  });

  it('asks which cluster, where a name is in several', async () => {
    const clusters = [cluster('eu'), cluster('us')];
    expect((await answer('graph payments', { clusters })).words).toMatch(/payments had requests in eu, us\. Which\?/);
    expect((await answer('graph bank', { clusters: [cluster('eu', holding([])), cluster('us')] })).words).toMatch(
      /Who calls whom: us \/ bank/,
    );
  });
});

describe('/mesh doctor', () => {
  const findings = [
    { mark: 'ok' as const, text: 'Prometheus: answers', advice: null },
    { mark: 'warning' as const, text: 'Rules: no alert rules', advice: 'Add some' },
    { mark: 'failure' as const, text: 'Tempo: refused the connection', advice: 'Check TRACES_URL' },
  ];

  it('begins with what is broken, and says what to do', async () => {
    const asked: (string | null)[] = [];
    const examine = async (name: string | null) => {
      asked.push(name);
      return findings;
    };
    const { words, ending } = await answer('doctor --cluster demo', { examine });
    expect([asked, ending]).toEqual([['demo'], 'answered']);
    expect(words).toMatch(/1 failure, 1 warning; 1 well\n+🔴 Tempo: refused the connection\n +→ Check TRACES_URL\n🟡 Rules/);
  });

  it('is told where nobody offers it, of an unknown cluster, and where it broke', async () => {
    expect((await answer('doctor')).words).toMatch(/“edgewise doctor”/);
    const examine = async () => {
      throw new SourceError('PostgreSQL', 'unreachable', 'refused the connection');
    };
    expect((await answer('doctor --cluster demmo', { examine })).words).toMatch(/Did you mean demo\?/);
    expect((await answer('doctor', { examine })).words).toBe(
      'Nobody knows how the sources are: PostgreSQL refused the connection.',
    );
  });
});

describe('what only Slack can do', () => {
  it.each(['ack', 'unack', 'silence payments 2h', 'unsilence payments'])('/mesh %s is said to be done there', async (text) => {
    const { words, ending } = await answer(text);
    expect([words, ending]).toEqual([`/mesh ${text.split(' ')[0]} is done in Slack.`, 'not-found']);
  });
});

const engine = await engineFor('prometheus');

describe.skipIf(engine.path === '')(
  `edgewise graph and routes on the command line, by a real Prometheus${engine.skipped}`,
  () => {
    it('print the table and keep the picture', async () => {
      const atMs = Math.floor(Date.now() / 15_000) * 15_000;
      // The command line has the clock of this machine, which goes on while it starts.
      const scrapes = scrapesOf({ everySeconds: 15, fromMs: atMs - 600_000, toMs: atMs + 90_000 });
      const flows: readonly Flow[] = [
        { caller: 'frontend', callee: 'checkout', perSecond: () => 40 },
        { caller: 'checkout-v1', callee: 'payments', perSecond: () => 18, labels: { request_operation: 'Charge' } },
        { caller: 'checkout-v1', callee: 'payments', perSecond: () => 2, code: '503', labels: { request_operation: 'Charge' } },
      ];
      const { url, stop } = await seededPrometheus(
        engine.path,
        flows.flatMap((flow) => seriesOf(flow, scrapes)),
      );
      const folder = mkdtempSync(join(tmpdir(), 'edgewise-graph-'));
      try {
        const env = { PROMETHEUS_URL: url };
        const graph = await run(['graph', 'payments', '--out', folder], env);
        expect([graph.status, graph.err]).toEqual([0, '']);
        expect(pairs(graph.out)).toEqual(['checkout-v1 → payments', 'frontend → checkout']);
        expect(graph.out).toMatch(/graph\.png: Who calls whom: payments in .*checkout → payments 10 % failing, 20\/s, p95/);
        expect(readFileSync(join(folder, 'graph.png')).subarray(1, 4).toString()).toBe('PNG');
        const routes = await run(['routes', 'payments', '--json'], env);
        expect(routes.status).toBe(0);
        const table = (JSON.parse(routes.out).blocks as { type: string; rows?: { text: string }[][] }[]).find(
          ({ type }) => type === 'table',
        );
        expect(table?.rows?.map((row) => row.map(({ text }) => text).slice(0, 4))).toEqual([
          ['Route', 'Service', 'Success', 'RPS'],
          ['Charge', 'payments', '90 %', '20/s'],
        ]);
        const asked = await run(['ask', 'stat', 'checkout-v1', '→', 'payments'], env);
        expect([asked.status, pairs(asked.out)]).toEqual([0, ['checkout-v1 → payments']]);
      } finally {
        rmSync(folder, { recursive: true });
        await stop();
      }
    }, 60_000);
  },
);
