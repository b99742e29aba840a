import { describe, expect, it } from 'vitest';
import { istio } from '../src/dialects/istio.ts';
import { labelsOf } from '../src/domain/alert.ts';
import type { Evidence } from '../src/domain/evidence.ts';
import type { Exemplar } from '../src/domain/exemplar.ts';
import type { TraceSearch, Tracing } from '../src/domain/tracing.ts';
import { follow } from '../src/follow-trace.ts';
import type { Cluster } from '../src/inquiry.ts';
import type { ExemplarSource, TraceSource } from '../src/ports.ts';
import { askedFor, measure } from '../src/triage.ts';
import { call, holding } from './support/metrics.ts';
import { edgeNamed, nowMs } from './support/report.ts';
import { exemplarsOf, type Hop, requestTrace, silentStore, storeWith, tracingBy } from './support/trace-store.ts';

const failing = [
  ...call('frontend', 'checkout', { 200: 3000 }),
  ...call('checkout', 'payments', { 200: 2700, 503: 300 }),
  ...call('payments', 'bank', { 200: 2700, 503: 300 }),
];
const slow = [...call('frontend', 'checkout', { 200: 3000 }), ...call('checkout', 'payments', { 200: 3000 })];

const clusterWith = (rows: ReturnType<typeof call>, traces?: TraceSource, exemplars?: ExemplarSource): Cluster => ({
  name: 'prod',
  dialect: istio,
  metrics: holding(rows),
  rules: null,
  deadlineMs: 2000,
  ...(traces === undefined ? {} : { tracing: tracingBy(traces, exemplars) }),
});

const followedIn = async (cluster: Cluster): Promise<Evidence> =>
  follow(cluster, await measure(cluster, askedFor(edgeNamed()), [], nowMs));

const tracingIn = async (cluster: Cluster): Promise<Tracing> => {
  const { tracing } = await followedIn(cluster);
  if (!tracing?.ok) throw new Error('no tracing');
  return tracing.value;
};

const pay = (tookMs: number, more: Partial<Hop> = {}): Hop => ({
  from: 'checkout',
  to: 'payments',
  startMs: 10,
  tookMs,
  ...more,
});
const order = (tookMs: number): Hop => ({ from: 'frontend', to: 'checkout', startMs: 0, tookMs });
const bank = (tookMs: number, more: Partial<Hop> = {}): Hop => ({ from: 'payments', to: 'bank', startMs: 20, tookMs, ...more });
const minutesAgo = (minutes: number): number => nowMs - minutes * 60_000;
const many = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the worst request of an edge', () => {
  it('is one that failed where the edge fails, however long others took', async () => {
    const { worst, by } = await tracingIn(
      clusterWith(
        failing,
        storeWith([
          requestTrace(1, minutesAgo(2), order(900), pay(800)),
          requestTrace(2, minutesAgo(2), order(90), pay(60, { code: '503' }), bank(30, { code: '503', flags: 'UF' })),
          requestTrace(3, minutesAgo(2), order(70), pay(40, { code: '503', flags: 'UF' })),
        ]),
      ),
    );
    expect(by).toBe('errors');
    expect(worst?.trace.id).toMatch(/2$/);
    expect(worst?.sentence).toMatch(/^checkout → payments failed after 60 ms/);
    expect(worst?.found).toEqual({ way: 'search', of: 2, isCut: false });
  });

  it('is one that failed where metrics found the trouble, before a longer one that failed of something else', async () => {
    const { worst } = await tracingIn(
      clusterWith(
        failing,
        storeWith([
          requestTrace(1, minutesAgo(2), order(900), pay(800, { code: '503' }), {
            ...bank(700, { code: '503' }),
            to: 'ledger',
          }),
          requestTrace(2, minutesAgo(2), order(90), pay(60, { code: '503' }), bank(30, { code: '503', flags: 'UF' })),
        ]),
      ),
    );
    expect(worst?.trace.id).toMatch(/2$/);
  });

  it('is one that was refused where those are more, which take no time: of a sample, not of the longest', async () => {
    const refusing = [...call('frontend', 'checkout', { 200: 3000 }), ...call('checkout', 'payments', { 200: 2700, 403: 300 })];
    const asked: TraceSearch[] = [];
    const answered = many(30, (index) => requestTrace(100 + index, minutesAgo(1), order(900), pay(800 + index)));
    const refused = requestTrace(1, minutesAgo(1), order(30), pay(2, { code: '403' }));
    const store = storeWith([...answered, refused], (wanted) => asked.push(wanted));
    const { worst, by } = await tracingIn(clusterWith(refusing, store));
    expect([by, worst?.trace.id]).toEqual(['errors', refused.id]);
    expect(asked[0]).toMatchObject({ leastMicros: null, isFailed: false, most: 60 });
  });

  it('is the longest where it is slow, compared with normal requests from before it began', async () => {
    const normal = many(20, (index) => requestTrace(100 + index, minutesAgo(20) - index * 1000, order(60), pay(40), bank(20)));
    const { worst } = await tracingIn(
      clusterWith(
        slow,
        storeWith([
          ...normal,
          requestTrace(1, minutesAgo(1), order(2600), pay(2400), bank(2300)),
          requestTrace(2, minutesAgo(1), order(1600), pay(1500), bank(1400)),
        ]),
      ),
    );
    expect(worst?.trace.id).toMatch(/1$/);
    expect(worst?.analysis.comparedWith).toBe(20);
    expect(worst?.analysis.culprit).toMatchObject({ service: 'bank.shop', time: 'own' });
    expect(worst?.sentence).toMatch(/took 2.4 s \(usually 40 ms\)/);
  });

  it('is looked for in the window of the figures, from the bucket of the 95th percentile on, and normal ones before it', async () => {
    const asked: TraceSearch[] = [];
    const cluster = clusterWith(
      slow,
      storeWith([], (wanted) => asked.push(wanted)),
    );
    const evidence = await measure(cluster, askedFor(edgeNamed()), [], nowMs);
    const now = { boundsSeconds: [0.1, 1], counts: [900, 100, 0] };
    const latency = { now, halves: null, previous: null, local: [], base: [] };
    const readings = evidence.readings.map((one) => ({
      ...one,
      caller: one.caller === null ? null : { ...one.caller, latency },
    }));
    await follow(cluster, { ...evidence, readings });
    const [worst, usual] = asked;
    expect(worst).toMatchObject({ window: evidence.window, isFailed: false, leastMicros: 100_000 });
    expect(usual).toMatchObject({ window: { endMs: evidence.window.startMs }, leastMicros: null });
  });

  it('holds the edge: a longer trace of other calls is none of it', async () => {
    const { worst } = await tracingIn(
      clusterWith(
        slow,
        storeWith([
          requestTrace(1, minutesAgo(1), order(9000), { from: 'checkout', to: 'cart', startMs: 5, tookMs: 8900 }),
          requestTrace(2, minutesAgo(1), order(1000), pay(950)),
        ]),
      ),
    );
    expect(worst?.trace.id).toMatch(/2$/);
  });

  it('may be incomplete when it ended a moment ago', async () => {
    const late = requestTrace(1, nowMs - 4000, order(1000), pay(950));
    const { worst } = await tracingIn(clusterWith(slow, storeWith([late])));
    expect(worst?.mayBeIncomplete).toBe(true);
  });
});

describe('without a trace', () => {
  it('the share that is kept and the chance are known by counting', async () => {
    const kept = many(30, (index) => requestTrace(index, minutesAgo(1) - index * 1000, order(50), pay(30)));
    const { worst, seen, sampling, expected } = await tracingIn(clusterWith(failing, storeWith(kept)));
    expect(worst).toBeNull();
    expect(seen).toBe(30);
    expect(sampling).toMatchObject({ from: 'counted', rate: 30 / 3000 });
    expect(expected).toMatchObject({ requests: 3000, wanted: 300 });
    expect(expected?.chance).toBeCloseTo(1 - 0.99 ** 300, 5);
  });

  it('all that the store told of are counted, also those that it did not give back', async () => {
    const kept = many(90, (index) => requestTrace(index, minutesAgo(1) - index * 1000, order(50), pay(30)));
    expect(await tracingIn(clusterWith(failing, storeWith(kept)))).toMatchObject({
      worst: null,
      seen: 90,
      sampling: { from: 'counted', rate: 90 / 3000 },
    });
  });

  it('a store that stopped before its end, or did not answer the second question, may hold some', async () => {
    const empty = storeWith([]);
    const search = (second: TraceSource['search']): TraceSource => ({
      ...empty,
      search: (wanted, ask) => (wanted.leastMicros === null ? second(wanted, ask) : empty.search(wanted, ask)),
    });
    const cut = search(async () => ({ traces: [], seen: 0, isCut: true }));
    for (const store of [cut, search(silentStore.search)])
      expect(await tracingIn(clusterWith(failing, store))).toMatchObject({ worst: null, seen: 0, isCut: true });
    expect(await tracingIn(clusterWith(failing, empty))).toMatchObject({ worst: null, seen: 0, isCut: false });
  });

  it('a store that does not answer is a gap, and is not asked again', async () => {
    let calls = 0;
    const search: TraceSource['search'] = (...given) => {
      calls += 1;
      return silentStore.search(...given);
    };
    const counting = { ...silentStore, search };
    const { tracing, gaps } = await followedIn(clusterWith(failing, counting));
    expect(tracing).toMatchObject({ ok: false, gap: { source: 'Tempo', reason: 'timeout' } });
    expect(gaps.filter(({ source }) => source === 'Tempo')).toEqual([
      { what: 'trace', source: 'Tempo', reason: 'timeout', detail: 'did not answer in 1.8 s' },
    ]);
    expect(calls).toBe(2);
  });

  it('a cluster without a store stays as it was', async () => {
    expect(await followedIn(clusterWith(failing))).not.toHaveProperty('tracing');
  });
});

describe('headers that are not handed on', () => {
  it('are found where the trace stops at a callee that has calls of its own', async () => {
    const halves = many(30, (index) => [
      requestTrace(1000 + index, minutesAgo(1) - index * 1000, order(900 + index), pay(800 + index)),
      requestTrace(2000 + index, minutesAgo(1) - index * 1000, bank(20)),
    ]).flat();
    const { propagation, worst } = await tracingIn(
      clusterWith([...slow, ...call('payments', 'bank', { 200: 3000 })], storeWith(halves)),
    );
    expect(worst).not.toBeNull();
    expect(propagation).toMatchObject([{ service: 'payments', told: { verdict: 'drops' } }]);
  });

  it('are not asked for where the trace goes on', async () => {
    const asked: TraceSearch[] = [];
    const whole = many(30, (index) => requestTrace(index, minutesAgo(1), order(900 + index), pay(800), bank(700)));
    const rows = [...slow, ...call('payments', 'bank', { 200: 3000 })];
    const { propagation } = await tracingIn(
      clusterWith(
        rows,
        storeWith(whole, (wanted) => asked.push(wanted)),
      ),
    );
    expect(propagation).toEqual([]);
    expect(asked).toHaveLength(2);
  });
});

describe('exemplars', () => {
  const worst = requestTrace(1, minutesAgo(1), order(2600), pay(2400));
  const other = requestTrace(2, minutesAgo(1), order(1600), pay(1500));
  const at = minutesAgo(1);

  it('lead to the worst request, of which the message says so', async () => {
    const kept = [worst, other].map(({ id }, index) => ({ traceId: id, seconds: [2.4, 1.5][index] ?? 0, atMs: at }));
    const hidden = { ...storeWith([worst, other]), search: storeWith([]).search };
    const { worst: found, exemplars } = await tracingIn(clusterWith(slow, hidden, exemplarsOf(kept)));
    expect(found?.trace.id).toBe(worst.id);
    expect(found?.found).toEqual({ way: 'exemplar', of: 2 });
    expect(exemplars).toBeNull();
  });

  it('and search are equal ways: the worse of what they find is told', async () => {
    const kept = [{ traceId: other.id, seconds: 1.5, atMs: at }];
    const { worst: found } = await tracingIn(clusterWith(slow, storeWith([worst, other]), exemplarsOf(kept)));
    expect(found?.trace.id).toBe(worst.id);
    expect(found?.found).toEqual({ way: 'search', of: 2, isCut: false });
  });

  it('of another call lead nowhere: their trace holds the edge, and the call took another time', async () => {
    const kept = [{ traceId: worst.id, seconds: 7, atMs: at }];
    const hidden = { ...storeWith([worst]), search: storeWith([]).search };
    const { worst: found, exemplars } = await tracingIn(clusterWith(slow, hidden, exemplarsOf(kept)));
    expect(found).toBeNull();
    expect(exemplars).toBe('not-kept');
  });

  it('that are younger than their trace are looked for again', async () => {
    const young = [{ traceId: worst.id, seconds: 2.4, atMs: nowMs - 5000 }];
    expect(await tracingIn(clusterWith(slow, storeWith([]), exemplarsOf(young)))).toMatchObject({
      exemplars: 'not-kept',
      isYoung: true,
    });
    const old = [{ traceId: worst.id, seconds: 2.4, atMs: nowMs - 100_000 }];
    expect(await tracingIn(clusterWith(slow, storeWith([]), exemplarsOf(old)))).toMatchObject({ isYoung: false });
  });

  it('that are younger than their trace are looked for again also where the store could not be searched', async () => {
    let searches = 0;
    const store: TraceSource = {
      ...storeWith([]),
      search: (...given) => {
        searches += 1;
        return silentStore.search(...given);
      },
    };
    const young = exemplarsOf([{ traceId: worst.id, seconds: 2.4, atMs: nowMs - 5000 }]);
    const { tracing, gaps } = await followedIn(clusterWith(slow, store, young));
    expect(tracing).toMatchObject({ ok: true, value: { worst: null, isYoung: true, seen: 0, isCut: true } });
    expect(gaps).toContainEqual(expect.objectContaining({ what: 'trace', source: 'Tempo', reason: 'timeout' }));
    expect(searches).toBe(2);
  });

  it('are kept nowhere, written never, or of other times: three answers', async () => {
    const reason = async (exemplars: ExemplarSource) => (await tracingIn(clusterWith(slow, storeWith([]), exemplars))).exemplars;
    expect(await reason(exemplarsOf([], 'off'))).toBe('storage-off');
    expect(await reason(exemplarsOf([], 'on'))).toBe('none-written');
    expect(await reason(exemplarsOf([], 'unknown'))).toBe('none-known');
    expect(await reason(exemplarsOf([{ traceId: worst.id, seconds: 1, atMs: minutesAgo(120) }], 'on'))).toBe('none-in-window');
  });

  it('are looked for in all series where those of the longest buckets lead nowhere, each trace once', async () => {
    const asked: string[] = [];
    const lost = requestTrace(7, minutesAgo(1), order(5000), pay(4900));
    const store = { ...storeWith([worst, other]), search: storeWith([]).search };
    const byId: string[] = [];
    const counting: TraceSource = {
      ...store,
      byId: (id, ask) => {
        byId.push(id);
        return store.byId(id, ask);
      },
    };
    const all = [lost, other].map(({ id }, index) => ({ traceId: id, seconds: [4.9, 1.5][index] ?? 0, atMs: at }));
    const source = exemplarsOf(all, 'on', (promql) => asked.push(promql));
    const narrowed: ExemplarSource = {
      ...source,
      exemplars: async (promql, window, ask) => {
        const answer = await source.exemplars(promql, window, ask);
        return promql.includes('le=~') ? { ...answer, value: answer.value.slice(0, 1) } : answer;
      },
    };
    const { worst: found } = await tracingIn(clusterWith(slow, counting, narrowed));
    expect(found?.trace.id).toBe(other.id);
    expect(found?.found).toEqual({ way: 'exemplar', of: 2 });
    expect(asked).toHaveLength(2);
    expect(byId).toEqual([lost.id, other.id]);
  });

  it('of an answer that leaves something out are a gap where none leads to a trace', async () => {
    const warned = (kept: Parameters<typeof exemplarsOf>[0]): ExemplarSource => {
      const source = exemplarsOf(kept, 'unknown');
      const warnings = ['receive series from Addr: 10.0.0.1:10901: context deadline exceeded'];
      return { ...source, exemplars: async (...given) => ({ ...(await source.exemplars(...given)), warnings }) };
    };
    const none = await followedIn(clusterWith(slow, storeWith([]), warned([])));
    expect(none.tracing).toMatchObject({ value: { exemplars: 'not-asked' } });
    expect(none.gaps.filter(({ what }) => what === 'exemplars')).toMatchObject([
      { what: 'exemplars', source: 'Prometheus', reason: 'absent', detail: expect.stringMatching(/in part.*deadline exceeded/) },
    ]);
    const some = await followedIn(clusterWith(slow, storeWith([worst]), warned([{ traceId: worst.id, seconds: 2.4, atMs: at }])));
    expect([some.tracing?.ok, some.gaps.filter(({ what }) => what === 'exemplars')]).toEqual([true, []]);
  });

  it('whose labels hold no id that is known are told as such, unless one is', async () => {
    const source = exemplarsOf([{ traceId: worst.id, seconds: 2.4, atMs: at }]);
    const nameless = (more: readonly Exemplar[]): ExemplarSource => ({
      ...source,
      exemplars: async (...given) => {
        const answer = await source.exemplars(...given);
        return { ...answer, value: [...answer.value.map((one) => ({ ...one, traceId: null })), ...more] };
      },
    });
    expect((await tracingIn(clusterWith(slow, storeWith([]), nameless([])))).exemplars).toBe('no-id');
    const named = { traceId: worst.id, value: 2.4, atMs: at, series: labelsOf([]) };
    expect((await tracingIn(clusterWith(slow, storeWith([]), nameless([named])))).exemplars).toBe('not-kept');
  });

  it('whose traces the store was too slow to give are a gap, and not called lost', async () => {
    const store = { ...storeWith([]), byId: silentStore.byId };
    const { tracing, gaps } = await followedIn(
      clusterWith(slow, store, exemplarsOf([{ traceId: worst.id, seconds: 2.4, atMs: at }])),
    );
    expect(tracing).toMatchObject({ value: { worst: null, exemplars: 'not-asked' } });
    expect(gaps.filter(({ source }) => source === 'Tempo')).toMatchObject([{ what: 'trace', reason: 'timeout' }]);
  });

  it('cost at most two questions, and one more where there are none', async () => {
    const asked = async (...kept: Parameters<typeof exemplarsOf>[0]): Promise<number> => {
      let count = 0;
      const counting = exemplarsOf(kept, 'on', () => {
        count += 1;
      });
      await tracingIn(clusterWith(slow, storeWith([worst]), counting));
      return count;
    };
    expect(await asked({ traceId: worst.id, seconds: 2.4, atMs: at })).toBe(1);
    expect(await asked()).toBe(3);
  });
});
