import { describe, expect, it } from 'vitest';
import { ask } from '../src/ask.ts';
import { istio } from '../src/dialects/istio.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { MetricsSource, TraceSource } from '../src/ports.ts';
import { spoken } from '../src/stages/compose/spoken.ts';
import { blockProblems } from '../src/workspace/block-rules.ts';
import { call, holding } from './support/metrics.ts';
import { nowMs, setting } from './support/report.ts';
import { requestTrace, silentStore, storeWith, tracingBy } from './support/trace-store.ts';

const rows = [...call('frontend', 'checkout', { 200: 3000 }), ...call('checkout', 'payments', { 200: 3000 })];
const slow = requestTrace(
  7,
  nowMs - 60_000,
  { from: 'frontend', to: 'checkout', startMs: 0, tookMs: 1000 },
  { from: 'checkout', to: 'payments', startMs: 10, tookMs: 950 },
  { from: 'payments', to: 'bank', startMs: 20, tookMs: 900 },
);

const clusterWith = (name: string, traces?: TraceSource): Cluster => ({
  name,
  dialect: istio,
  metrics: holding(rows),
  rules: null,
  deadlineMs: 2000,
  ...(traces === undefined ? {} : { tracing: tracingBy(traces) }),
});

const answer = async (text: string, ...clusters: readonly Cluster[]) => {
  const clock = { nowMs: () => nowMs, sleep: async () => undefined };
  const reply = await ask({ clusters, clock, charts: null, settingOf: () => setting }, text);
  expect(blockProblems(reply.message.blocks, () => 'missing')).toEqual([]);
  return { ...reply, words: spoken(reply.message) };
};

describe('/mesh trace worst', () => {
  it.each([
    'trace worst checkout → payments',
    'trace checkout payments',
    'trace worst payments',
    'Trace Worst “checkout” —> payments',
  ])('explains the worst request of the edge: %s', async (text) => {
    const { words, ending } = await answer(text, clusterWith('prod', storeWith([slow])));
    expect(ending).toBe('answered');
    expect(words).toMatch(/^\*?checkout → payments\*? took 950 ms/);
    expect(words).toMatch(/Whose\s+Time\s+In/);
    expect(words).toMatch(/bank\s+899 ms/);
    expect(words).toMatch(/2 smaller parts/);
    expect(words).toMatch(/found by search, the worst of 1 trace in Tempo/);
    expect(words).toMatch(new RegExp(`trace ${slow.id}`));
  });

  it('asks for the counts of the edge and its buckets of now, and nothing else of a triage', async () => {
    const asked: string[] = [];
    const inner = holding(rows);
    const noting = (promql: string): void => void asked.push(promql);
    const metrics: MetricsSource = {
      ...inner,
      instant: (promql, ...more) => {
        noting(promql);
        return inner.instant(promql, ...more);
      },
      range: (promql, ...more) => {
        noting(promql);
        return inner.range(promql, ...more);
      },
    };
    const cluster = { ...clusterWith('prod', storeWith([slow])), metrics };
    expect((await answer('trace worst checkout → payments', cluster)).json).toMatchObject({ traceId: slow.id });
    const some = asked.length;
    asked.length = 0;
    await answer('why checkout → payments', cluster);
    expect(some).toBeLessThan(asked.length - 3);
    expect(some).toBeLessThanOrEqual(6);
  });

  it('says why there is none', async () => {
    expect((await answer('trace worst checkout → payments', clusterWith('prod', storeWith([])))).words).toMatch(
      /No trace of a slow request:\*? Tempo holds no trace of this edge in the window/,
    );
    expect((await answer('trace worst checkout → payments', clusterWith('prod', silentStore))).words).toMatch(
      /No trace.*: Tempo did not answer in 1\.8 s/,
    );
    const { words, ending } = await answer('trace worst checkout → payments', clusterWith('prod'));
    expect(ending).toBe('not-found');
    expect(words).toMatch(/No trace store is configured: set TRACES_URL/);
  });

  it('asks for the edge where it is not named, and knows names as the other questions do', async () => {
    const cluster = clusterWith('prod', storeWith([slow]));
    expect((await answer('trace worst', cluster)).words).toMatch(/^Which trace\?/);
    expect((await answer('trace worst checkout → paymints', cluster)).words).toMatch(/Did you mean: payments\?/);
  });
});

describe('a triage that somebody asks for', () => {
  it('looks for the worst request as soon as the edge is measured, while the walk goes on', async () => {
    const log: string[] = [];
    const inner = holding([
      ...call('checkout', 'payments', { 200: 700, 503: 300 }),
      ...call('payments', 'bank', { 200: 700, 503: 300 }),
    ]);
    const metrics: MetricsSource = {
      ...inner,
      instant: async (...given) => {
        log.push('metrics');
        return inner.instant(...given);
      },
      range: async (...given) => {
        log.push('metrics');
        return inner.range(...given);
      },
    };
    const store = storeWith([slow]);
    const search: TraceSource['search'] = (...given) => {
      log.push('traces');
      return store.search(...given);
    };
    const cluster = { ...clusterWith('prod', { ...store, search }), metrics };
    expect((await answer('why checkout → payments', cluster)).ending).toBe('answered');
    expect(log.indexOf('traces')).toBeGreaterThan(log.indexOf('metrics'));
    expect(log.indexOf('traces')).toBeLessThan(log.lastIndexOf('metrics'));
    // What the walk finds out is told of the trace all the same, and nothing is asked twice.
    expect(log.filter((kind) => kind === 'traces').length).toBeLessThanOrEqual(3);
  });
});

describe('/mesh trace with an id', () => {
  it('explains that trace, whichever cluster holds it, its leading zeros cut off or not', async () => {
    const cut = { ...slow, id: '00ab83fb1d4cf5f0463ac35c9f6413ae' };
    const clusters = [clusterWith('eu', storeWith([])), clusterWith('us', storeWith([cut]))];
    for (const id of [cut.id, 'ab83fb1d4cf5f0463ac35c9f6413ae', '0xAB83FB1D4CF5F0463AC35C9F6413AE']) {
      const { words, ending } = await answer(`trace ${id}`, ...clusters);
      expect(ending).toBe('answered');
      expect(words).toMatch(/took 1 s/);
      expect(words).toMatch(/found by its id, from Tempo/);
    }
  });

  it('says who has none, and who did not answer', async () => {
    const { words, ending } = await answer(
      'trace 4bf92f3577b34da6',
      clusterWith('eu', storeWith([])),
      clusterWith('us', silentStore),
    );
    expect(ending).toBe('not-found');
    expect(words).toMatch(/Tempo has no trace 00000000000000004bf92f3577b34da6/);
    expect(words).toMatch(/No trace: Tempo did not answer in 1\.8 s/);
  });
});
