import { describe, expect, it } from 'vitest';
import type { HttpSource } from '../../../src/adapters/http/client.ts';
import { tempo } from '../../../src/adapters/tempo/trace-source.ts';
import { nobody } from '../../../src/domain/edge.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { TraceSearch } from '../../../src/ports.ts';
import { traceSourceContract } from '../../contracts/trace-source.ts';
import { asOtlp } from '../../support/trace-forms.ts';
import { crowdSpans, crowdWindow, storyEdge, storySpans, storyWindow, type ToldSpan } from '../../support/trace-story.ts';
import { answer, type Call, callsStore, json, storeOf } from './stores.ts';

/** The calls of the edge among these spans, each with its whole trace: what a store that knows edges would search in. */
const callsIn = (spans: readonly ToldSpan[]): readonly Call[] =>
  [...Map.groupBy(spans, ({ traceId }) => traceId)].flatMap(([id, own]) =>
    own
      .filter(({ cluster }) => cluster?.includes('checkout'))
      .map(({ durationMicros, startMicros, isFailed }) => ({
        id,
        micros: durationMicros,
        startMs: startMicros / 1000,
        isFailed,
        spans: asOtlp(own),
      })),
  );

traceSourceContract('a store that searches as Tempo does', async () => {
  const nowMs = Date.now();
  const window = storyWindow(nowMs);
  const store = callsStore(callsIn([...storySpans(window), ...crowdSpans(crowdWindow(window))]).toReversed(), nowMs);
  return { source: tempo(store, { nowMs: () => nowMs }), window, close: store.close };
});

const nowMs = 1_795_393_000_000;
const window = { startMs: nowMs - 360_000, endMs: nowMs - 60_000 };
const patience = () => ({ signal: AbortSignal.timeout(5_000) });
const idOf = (place: number): string => (place + 1).toString(16).padStart(32, '0');
/** So many calls of 1 ms, 2 ms …, the longest in the middle, kept in an order that has nothing to do with it. */
const manyCalls = (count: number): readonly Call[] =>
  Array.from({ length: count }, (_, place) => ({
    id: idOf(place),
    micros: (1 + ((place * 7919) % count)) * 1000,
    startMs: window.startMs + (place % 200_000),
  }));
const search = (store: ReturnType<typeof storeOf>, wanted: Partial<TraceSearch> = {}) =>
  tempo(store, { nowMs: () => nowMs }).search(
    { edge: storyEdge, window, leastMicros: 1, isFailed: false, most: 3, ...wanted },
    patience(),
  );
const lengths = (traces: readonly { readonly spans: readonly { readonly durationMicros: number | null }[] }[]) =>
  traces.map(({ spans }) => spans[0]?.durationMicros);
const searches = (store: ReturnType<typeof storeOf>) => store.asked.filter(({ path }) => path === 'api/search');
const metrics = (store: ReturnType<typeof storeOf>) => store.asked.filter(({ path }) => path === 'api/metrics/query_range');

describe('a search of Tempo, which ends with the first that match', () => {
  it('asks once where all that match come at once', async () => {
    const store = callsStore(manyCalls(150), nowMs);
    const { traces, seen, isCut } = await search(store);
    expect([lengths(traces), seen, isCut]).toEqual([[150_000, 149_000, 148_000], 150, false]);
    expect([searches(store).length, metrics(store).length]).toEqual([1, 0]);
  });

  it('finds the worst of thousands by what metrics say of the longest', async () => {
    const store = callsStore(manyCalls(7000), nowMs, 7);
    const { traces, isCut } = await search(store, { most: 1 });
    expect([lengths(traces), isCut]).toEqual([[7_000_000], false]);
    expect(searches(store).map(({ query }) => query.get('q'))).toEqual([
      expect.stringContaining('duration>=1us'),
      expect.stringContaining('duration>=7000000us'),
    ]);
    expect(metrics(store)[0]?.query.get('q')).toMatch(/ \| max_over_time\(duration\)$/);
  });

  it('finds the worst of thousands where there are no metrics', async () => {
    const store = callsStore(manyCalls(7000), nowMs);
    const { traces, isCut } = await search(store);
    expect([lengths(traces), isCut]).toEqual([[7_000_000, 6_999_000, 6_998_000], false]);
    expect(searches(store)).toHaveLength(2);
  });

  it('goes on with what it saw where metrics promise more than there is', async () => {
    const store = callsStore(manyCalls(7000), nowMs, 60);
    const { traces, isCut } = await search(store);
    expect([lengths(traces), isCut]).toEqual([[7_000_000, 6_999_000, 6_998_000], false]);
    expect(searches(store)).toHaveLength(3);
  });

  it('says that there may be worse ones where no round came to its end', async () => {
    const equals = manyCalls(900).map((call) => ({ ...call, micros: 15_000_000 }));
    const store = callsStore(equals, nowMs);
    const { traces, seen, isCut } = await search(store);
    expect([traces.length, seen, isCut]).toEqual([3, 200, true]);
    expect(searches(store)).toHaveLength(3);
  });

  it('looks for any length once, and says where there is more', async () => {
    const store = callsStore(manyCalls(7000), nowMs, 7);
    const { seen, isCut } = await search(store, { leastMicros: null });
    expect([seen, isCut, store.asked.length]).toEqual([200, true, 4]);
  });

  it('looks for failed ones by their status', async () => {
    const calls = manyCalls(900).map((call, place) => ({ ...call, isFailed: place % 30 === 0 }));
    const { traces, seen, isCut } = await search(callsStore(calls, nowMs), { isFailed: true });
    expect([traces.length, seen, isCut]).toEqual([3, 30, false]);
    expect(traces.every(({ spans }) => spans[0]?.isError)).toBe(true);
  });

  it('asks for whole seconds, both ends, and no more than a week', async () => {
    const store = callsStore(manyCalls(3), nowMs);
    await search(store, { window: { startMs: window.startMs + 1, endMs: window.endMs + 1 } });
    const week = await search(store, { window: { startMs: nowMs - 30 * 86_400_000, endMs: window.endMs } });
    await search(store, { window: { startMs: window.endMs, endMs: window.endMs } });
    const ranges = searches(store).map(({ query }) => [Number(query.get('start')), Number(query.get('end'))]);
    expect(ranges[0]).toEqual([window.startMs / 1000, window.endMs / 1000 + 1]);
    expect(ranges[1]).toEqual([window.endMs / 1000 - 168 * 3600, window.endMs / 1000]);
    expect(week.isCut).toBe(true);
    for (const [start = 0, end = 0] of ranges) expect(start).toBeLessThan(end);
  });

  it('does not see its newest half minute, and says so', async () => {
    const calls: readonly Call[] = [
      { id: idOf(0), micros: 1_000_000, startMs: nowMs - 40_000 },
      { id: idOf(1), micros: 9_000_000, startMs: nowMs - 10_000 },
    ];
    const { traces, isCut } = await search(callsStore(calls, nowMs), { window: { startMs: nowMs - 300_000, endMs: nowMs } });
    expect([lengths(traces), isCut]).toEqual([[1_000_000], true]);
  });

  it('takes nothing from outside of a window that lies within that half minute', async () => {
    const store = callsStore(manyCalls(20), nowMs);
    const told = await search(store, { window: { startMs: nowMs - 20_000, endMs: nowMs } });
    expect(told).toEqual({ traces: [], seen: 0, isCut: true });
  });

  it('says that a worse one may be missing where one that was told of cannot be had', async () => {
    const calls = manyCalls(3);
    const store = callsStore(calls, nowMs);
    const worst = `api/v2/traces/${calls.find(({ micros }) => micros === 3000)?.id}`;
    const broken = (what: 'gone' | 'large') =>
      storeOf((asked) => {
        if (asked.path !== worst) return store.request({ path: asked.path, query: [...asked.query], signal: patience().signal });
        return what === 'large' ? answer(422, 'trace exceeds max size') : json({ trace: {}, metrics: {} });
      });
    for (const what of ['gone', 'large'] as const) {
      const { traces, seen, isCut } = await search(broken(what));
      expect([lengths(traces), seen, isCut]).toEqual([[2000, 1000], 3, true]);
    }
  });

  it('reads the worst one alone where it is too large to be read beside others', async () => {
    const calls = manyCalls(3);
    const store = callsStore(calls, nowMs);
    const worst = `api/v2/traces/${calls.find(({ micros }) => micros === 3000)?.id}`;
    const large: HttpSource = {
      ...store,
      request: (call) =>
        call.path === worst && (call.maxBytes ?? 0) < 20 * 1024 * 1024
          ? Promise.reject(new SourceError('Tempo', 'too-expensive', 'answered with more than 8 MiB'))
          : store.request(call),
    };
    const { traces, isCut } = await tempo(large, { nowMs: () => nowMs }).search(
      { edge: storyEdge, window, leastMicros: 1, isFailed: false, most: 3 },
      patience(),
    );
    expect([lengths(traces), isCut]).toEqual([[3000, 2000, 1000], false]);
  });

  it('tells what it has where a later round fails', async () => {
    const store = callsStore(manyCalls(900), nowMs);
    const broken = storeOf((asked) =>
      asked.path === 'api/search' && !asked.query.get('q')?.includes('duration>=1us')
        ? answer(503)
        : store.request({ path: asked.path, query: [...asked.query], signal: patience().signal }),
    );
    const { traces, seen, isCut } = await search(broken);
    expect([traces.length, seen, isCut]).toEqual([3, 200, true]);
  });

  /** A source over 900 calls, which never answers what is asked so; with two seconds of patience, and knowledge of it. */
  const withPatience = (isSlow: (path: string) => boolean) => {
    const store = callsStore(manyCalls(900), nowMs);
    const slow = storeOf((asked) =>
      isSlow(asked.path)
        ? new Promise(() => undefined)
        : store.request({ path: asked.path, query: [...asked.query], signal: patience().signal }),
    );
    const untilMs = performance.now() + 2000;
    const ask = { signal: AbortSignal.timeout(2000), leftMs: () => untilMs - performance.now() };
    const wanted = { edge: storyEdge, window, leastMicros: 1, isFailed: false, most: 3 };
    return tempo(slow, { nowMs: () => nowMs }).search(wanted, ask);
  };

  it('does not wait for metrics as long as there is patience', async () => {
    const { traces, isCut } = await withPatience((path) => path === 'api/metrics/query_range');
    expect([lengths(traces), isCut]).toEqual([[900_000, 899_000, 898_000], false]);
  });

  it('tells what it has before patience is over', async () => {
    const worst = manyCalls(900).find(({ micros }) => micros === 900_000)?.id;
    const { traces, isCut } = await withPatience((path) => path === `api/v2/traces/${worst}`);
    expect([lengths(traces), isCut]).toEqual([[899_000, 898_000], true]);
  });

  it('fails where none of those that were told of can be had', async () => {
    const store = callsStore(manyCalls(3), nowMs);
    const broken = storeOf((asked) =>
      asked.path === 'api/search'
        ? store.request({ path: asked.path, query: [...asked.query], signal: patience().signal })
        : answer(429, 'too many requests'),
    );
    await expect(search(broken)).rejects.toMatchObject({ reason: 'too-expensive' });
  });

  it('reads hits of older versions, and leaves out those that are none', async () => {
    const started = `${window.startMs + 1000}000000`;
    const old = { spans: [{ startTimeUnixNano: started, durationNanos: '5000000' }], matched: 1 };
    const store = storeOf(({ path }) =>
      path === 'api/search'
        ? json({
            traces: [
              { traceID: '1', rootServiceName: '<root span not yet received>', startTimeUnixNano: started, spanSet: old },
              { traceID: '2', rootServiceName: 'web', startTimeUnixNano: started, durationMs: 7 },
              { traceID: 'not an id', startTimeUnixNano: started, durationMs: 9 },
              { traceID: '3' },
            ],
          })
        : json({ trace: {} }),
    );
    expect((await search(store)).seen).toBe(2);
    expect(store.asked.filter(({ path }) => path.startsWith('api/v2/')).map(({ path }) => path)).toEqual([
      `api/v2/traces/${'2'.padStart(32, '0')}`,
      `api/v2/traces/${'1'.padStart(32, '0')}`,
    ]);
  });

  it('finds no trace where it answers with none at all', async () => {
    expect(await search(storeOf(() => json({ traces: null, metrics: {} })))).toEqual({ traces: [], seen: 0, isCut: false });
  });

  it('asks for the callee alone where the caller has no spans, and not where there is no caller', async () => {
    const store = callsStore([], nowMs);
    await search(store);
    await search(store, { edge: { ...storyEdge, source: nobody } });
    const [both, callee, again] = searches(store).map(({ query }) => query.get('q') ?? '');
    expect(both).toContain('frontend');
    expect(callee).not.toContain('frontend');
    expect(again).toBe(callee);
    expect(searches(store)).toHaveLength(3);
  });
});
