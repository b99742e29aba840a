import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreQuestion } from '../../../src/adapters/traces/questions.ts';
import { type SearchableStore, worstTraces } from '../../../src/adapters/traces/worst.ts';
import { nobody } from '../../../src/domain/edge.ts';
import { SourceError } from '../../../src/domain/gathered.ts';
import type { ReceivedSpan, ReceivedTrace } from '../../../src/domain/trace.ts';
import type { TraceSearch } from '../../../src/ports.ts';
import { random } from '../../support/random.ts';

const window = { startMs: 1_795_504_500_000, endMs: 1_795_504_800_000 };
const edge = {
  cluster: null,
  source: { ...nobody, namespace: 'shop', workload: 'web' },
  destination: { ...nobody, namespace: 'shop', service: 'cart' },
};
const wanted: TraceSearch = { edge, window, leastMicros: 1, isFailed: false, most: 5 };
const patience = { signal: new AbortController().signal };

type Request = {
  readonly callee: string;
  readonly micros: number;
  readonly isFailed: boolean;
  /** The store knows that it failed. */
  readonly isMarked?: boolean;
  /** How the callee is named: by Envoy's cluster, of this subset, or by a library. */
  readonly subset?: string;
  readonly isLibrary?: boolean;
  /** How long the caller itself took. */
  readonly rootMicros?: number;
};

const clusterOf = (callee: string, subset = ''): string => `outbound|80|${subset}|${callee}.shop.svc.cluster.local`;

let next = 0;
const traceOf = (request: Request): ReceivedTrace => {
  const { callee, micros, isFailed, isMarked = isFailed, subset, isLibrary = false, rootMicros = micros } = request;
  next += 1;
  const id = next.toString(16).padStart(32, '0');
  const root: ReceivedSpan = {
    ...{ traceId: id, id: id.slice(16), parentId: null, isShared: false, isAsync: false, isError: false },
    ...{ service: 'web.shop', operation: 'call', kind: 'server', attributes: {} },
    startMicros: window.startMs * 1000 + next,
    durationMicros: rootMicros,
  };
  const call: ReceivedSpan = {
    ...root,
    ...{ id: `f${id.slice(17)}`, parentId: root.id, kind: 'client', durationMicros: micros, isError: isFailed && isMarked },
    attributes: {
      ...(isLibrary ? { 'peer.service': callee } : { 'upstream_cluster.name': clusterOf(callee, subset) }),
      ...(isFailed && !isMarked ? { response_flags: 'UT' } : {}),
    },
  };
  return { id, spans: [root, call], malformed: 0, isTruncated: false };
};

type Habits = {
  readonly hasTags: boolean;
  readonly hasMarks: boolean;
};

/** A store as they are: it looks at the spans of a service, takes what it meets first, and leaves out what it does not understand. */
const storeOf = (
  traces: readonly ReceivedTrace[],
  { hasTags, hasMarks }: Habits,
): SearchableStore & { readonly asked: StoreQuestion[] } => {
  const asked: StoreQuestion[] = [];
  return {
    asked,
    services: async () => ['web.shop'],
    calleesOf: async () => [],
    traces: async (question) => {
      asked.push(question);
      const { leastMicros, isMarked, callee, limit } = question;
      return traces
        .filter(({ spans }) =>
          spans.some(
            ({ durationMicros, isError, attributes }) =>
              (durationMicros ?? 0) >= (leastMicros ?? 0) &&
              (!isMarked || !hasMarks || isError) &&
              (callee === null || !hasTags || attributes[callee.key] === callee.value),
          ),
        )
        .slice(0, limit);
    },
  };
};

/** A crowd of requests: so many, of which so many are of the edge, have failed, or are told by a library. */
const crowdOf = (
  size: number,
  seed: number,
  share: Readonly<Record<'edge' | 'failed' | 'marked' | 'library' | 'canary', number>>,
): readonly Request[] => {
  const { uniform, pick } = random(seed);
  return Array.from({ length: size }, () => {
    const micros = 1 + Math.floor(5_000_000 * uniform() ** 3);
    return {
      callee: uniform() < share.edge ? 'cart' : pick(['stock', 'users']),
      micros,
      isFailed: uniform() < share.failed,
      isMarked: uniform() < share.marked,
      isLibrary: uniform() < share.library,
      ...(share.canary === 0 ? {} : { subset: uniform() < share.canary ? 'canary' : 'stable' }),
      rootMicros: micros + Math.floor(2_000_000 * uniform()),
    };
  });
};

const shares = fc.record({
  edge: fc.constantFrom(0, 0.01, 0.1, 1),
  failed: fc.constantFrom(0, 0.003, 0.1, 1),
  marked: fc.constantFrom(0, 0.5, 1),
  library: fc.constantFrom(0, 1),
  canary: fc.constantFrom(0, 0.01, 0.5),
});
const habits = fc.record({ hasTags: fc.boolean(), hasMarks: fc.boolean() });
const sizes = fc.constantFrom(0, 1, 39, 40, 41, 160, 600, 3000);

/** The longest wanted call, by looking at all of them. */
const worstOf = (requests: readonly Request[], isFailed: boolean): number =>
  Math.max(-1, ...requests.filter((one) => one.callee === 'cart' && (one.isFailed || !isFailed)).map(({ micros }) => micros));

const callOf = (trace: ReceivedTrace | undefined): ReceivedSpan | undefined => trace?.spans[1];
const isOfEdge = (trace: ReceivedTrace | undefined): boolean =>
  Object.values(callOf(trace)?.attributes ?? {}).some((value) => value.includes('cart'));

describe('the worst traces of an edge', () => {
  it('are the worst there are, or said to be cut, whatever the store understands', async () => {
    let certain = 0;
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer(), shares, habits, fc.boolean(), async (size, seed, share, store, isFailed) => {
        const requests = crowdOf(size, seed, share);
        const { traces, isCut, seen } = await worstTraces(
          storeOf(requests.map(traceOf), store),
          { ...wanted, isFailed },
          patience,
        );
        expect(seen).toBeGreaterThanOrEqual(traces.length);
        // Marks that can be trusted are all that is looked at: a failure without a mark may be longer.
        const known = isFailed && store.hasMarks ? requests.filter((one) => one.isMarked || !one.isFailed) : requests;
        const worst = worstOf(known, isFailed);
        if (isCut || worst < 0) return;
        certain += 1;
        expect([isOfEdge(traces[0]), (callOf(traces[0])?.durationMicros ?? -1) >= worst]).toEqual([true, true]);
      }),
      { numRuns: 80 },
    );
    // It is not enough to always say "perhaps".
    expect(certain).toBeGreaterThan(5);
  });

  const crowd = (size: number): readonly Request[] =>
    Array.from({ length: size }, (_, index) => ({
      callee: index % 3 === 0 ? 'cart' : 'stock',
      micros: index % 3 === 0 ? 1000 + ((index * 7919) % 100_003) : 500_000 + index,
      isFailed: false,
    }));
  const worst: Request = { callee: 'cart', micros: 3_000_000, isFailed: false };

  it('are found in three rounds among thousands of calls of others that last longer', async () => {
    const store = storeOf([...crowd(5000), worst].map(traceOf), { hasTags: true, hasMarks: true });
    const { traces, isCut } = await worstTraces(store, wanted, patience);
    expect(traces.map((trace) => callOf(trace)?.durationMicros)[0]).toBe(3_000_000);
    expect(isCut).toBe(false);
    expect(store.asked.map(({ callee }) => callee?.value ?? null)).toEqual([
      null,
      null,
      clusterOf('cart'),
      null,
      clusterOf('cart'),
    ]);
  });

  it('may be missed by a store that cannot look for the callee, which is said', async () => {
    const store = storeOf([...crowd(5000), worst].map(traceOf), { hasTags: false, hasMarks: true });
    expect((await worstTraces(store, wanted, patience)).isCut).toBe(true);
  });

  /** A store that keeps to the service that it is asked for: the caller's spans, or those of the callee's proxy. */
  const byService = (traces: readonly ReceivedTrace[]) => {
    const answered = traces.map((trace): ReceivedTrace => {
      const [root, call] = trace.spans;
      if (root === undefined || call === undefined || !isOfEdge(trace)) return trace;
      const answer: ReceivedSpan = {
        ...call,
        ...{ id: `e${call.id.slice(1)}`, parentId: call.id, service: 'cart.shop', kind: 'server', attributes: {} },
      };
      return { ...trace, spans: [root, call, answer] };
    });
    const asked: StoreQuestion[] = [];
    const store: SearchableStore = {
      services: async () => ['web.shop', 'cart.shop', 'stock.shop'],
      calleesOf: async () => [],
      traces: async (question, ask) => {
        asked.push(question);
        const own = answered.map((trace) => ({
          ...trace,
          spans: trace.spans.filter(({ service }) => service === question.service),
        }));
        const found = await storeOf(own, { hasTags: true, hasMarks: true }).traces({ ...question, maxBytes: 0 }, ask);
        return found.map(({ id }) => answered.find((trace) => trace.id === id) ?? traceOf(worst));
      },
    };
    return { store, asked };
  };

  it('are looked for among the callee’s own spans where none of the caller’s first calls is of the edge', async () => {
    const others = Array.from({ length: 3000 }, (_, index) => ({ callee: 'stock', micros: 9_000_000 + index, isFailed: false }));
    const rare = Array.from({ length: 100 }, (_, index) => ({ ...worst, micros: 1000 + index }));
    const { store, asked } = byService([...others, ...rare, worst].map(traceOf));
    const { traces, seen } = await worstTraces(store, wanted, patience);
    expect(callOf(traces[0])?.durationMicros).toBe(3_000_000);
    expect(traces.every(isOfEdge)).toBe(true);
    expect(seen).toBeLessThanOrEqual(101);
    expect(asked.map(({ service }) => service)).toContain('cart.shop');
    const sample = await worstTraces(store, { ...wanted, leastMicros: null, most: 20 }, patience);
    expect(sample.traces).toHaveLength(20);
    expect(sample.traces.every(isOfEdge)).toBe(true);
  });

  it('are counted without what is none of the edge’s', async () => {
    const store = storeOf([...crowd(30), worst].map(traceOf), { hasTags: true, hasMarks: true });
    expect(await worstTraces(store, wanted, patience)).toMatchObject({ seen: 11, isCut: false });
  });

  it('that failed are those whose call of the edge did, not the longer ones whose other calls did', async () => {
    const other = (index: number): ReceivedTrace => {
      const trace = traceOf({ ...worst, micros: 2_000_000 + index });
      const [root, call] = trace.spans;
      if (root === undefined || call === undefined) return trace;
      const failing = { ...call, id: `d${call.id.slice(1)}`, isError: true, attributes: { 'peer.service': 'stock' } };
      return { ...trace, spans: [root, call, failing] };
    };
    const fast = traceOf({ ...worst, micros: 500, isFailed: true });
    const store = storeOf([...Array.from({ length: 30 }, (_, index) => other(index)), fast], { hasTags: true, hasMarks: true });
    const { traces } = await worstTraces(store, { ...wanted, isFailed: true }, patience);
    expect(traces.map(({ id }) => id)).toEqual([fast.id]);
  });

  it('are asked for once where all of them come back', async () => {
    const store = storeOf([worst].map(traceOf), { hasTags: true, hasMarks: true });
    expect(await worstTraces(store, wanted, patience)).toMatchObject({ seen: 1, isCut: false });
    expect(store.asked).toHaveLength(1);
  });

  it('that failed are found by the store’s marks, and without any by asking for more', async () => {
    const fast: Request = { callee: 'cart', micros: 500, isFailed: true };
    const orders = [true, false].flatMap((isFirst) => [true, false].map((hasMarks) => ({ isFirst, hasMarks })));
    for (const { isFirst, hasMarks } of orders) {
      const one = { ...fast, isMarked: hasMarks };
      const requests = isFirst ? [one, ...crowd(900)] : [...crowd(900), one];
      const store = storeOf(requests.map(traceOf), { hasTags: true, hasMarks: true });
      const { traces, isCut } = await worstTraces(store, { ...wanted, isFailed: true }, patience);
      expect(traces.map((trace) => callOf(trace)?.durationMicros)).toEqual([500]);
      expect(isCut).toBe(false);
    }
  });

  it('that failed may be missed where no mark is found and more calls are made than are given back, which is said', async () => {
    const fast: Request = { callee: 'cart', micros: 500, isFailed: true, isMarked: false };
    const store = storeOf([...crowd(9000), fast].map(traceOf), { hasTags: true, hasMarks: true });
    expect(await worstTraces(store, { ...wanted, isFailed: true }, patience)).toMatchObject({ traces: [], isCut: true });
  });

  it('are looked for by each subset of a callee, but not by many', async () => {
    const subsets = async (count: number) => {
      const requests = Array.from({ length: 60 }, (_, index) => ({
        ...worst,
        micros: 1000 + index,
        subset: `v${index % count}`,
      }));
      const store = storeOf(requests.map(traceOf), { hasTags: true, hasMarks: true });
      await worstTraces(store, wanted, patience);
      return [...new Set(store.asked.flatMap(({ callee }) => (callee === null ? [] : [callee.value])))];
    };
    expect(await subsets(3)).toEqual([...['v0', 'v1', 'v2'].map((subset) => clusterOf('cart', subset))]);
    expect(await subsets(4)).toEqual([]);
  });

  it('may be those of a canary that was not met, which is said', async () => {
    const stable = crowd(5000).map((one) => ({ ...one, subset: 'stable' }));
    const store = storeOf([...stable, { ...worst, micros: 300_000, subset: 'canary' }].map(traceOf), {
      hasTags: true,
      hasMarks: true,
    });
    expect((await worstTraces(store, wanted, patience)).isCut).toBe(true);
  });

  it('may bear another name where few were met, which is said', async () => {
    const rare = crowd(5000).map((one, index) => (index % 3 === 0 && index % 39 !== 0 ? { ...one, callee: 'users' } : one));
    const store = storeOf([...rare, { ...worst, micros: 300_000, isLibrary: true }].map(traceOf), {
      hasTags: true,
      hasMarks: true,
    });
    expect((await worstTraces(store, wanted, patience)).isCut).toBe(true);
  });

  it('are looked for by a name only where all of their calls have it', async () => {
    const requests = Array.from({ length: 60 }, (_, index) => ({ ...worst, micros: 1000 + index, isLibrary: index % 20 === 0 }));
    const store = storeOf(requests.map(traceOf), { hasTags: true, hasMarks: true });
    await worstTraces(store, wanted, patience);
    expect(new Set(store.asked.map(({ callee }) => callee))).toEqual(new Set([null]));
  });

  it('are looked for among shorter requests too, where long ones turn out to call for a short time', async () => {
    const others = Array.from({ length: 40 }, (_, index) => ({ ...worst, callee: 'stock', micros: 1_000_000 + index }));
    const long: Request = { ...worst, micros: 100_000, rootMicros: 2_000_000 };
    const hidden: Request = { ...worst, micros: 900_000 };
    const store = storeOf([...others, long, hidden].map(traceOf), { hasTags: true, hasMarks: true });
    const { traces, isCut } = await worstTraces(store, wanted, patience);
    expect([callOf(traces[0])?.durationMicros, isCut]).toEqual([900_000, false]);
    expect([...new Set(store.asked.map(({ leastMicros }) => leastMicros))]).toEqual([1, 1_000_037, 100_001]);
  });

  it('of the first round are given back where a later one fails or would come too late', async () => {
    const traces = crowd(5000).map(traceOf);
    const failing = storeOf(traces, { hasTags: true, hasMarks: true });
    const first = failing.traces;
    const broken: SearchableStore = {
      ...failing,
      traces: (question, ask) =>
        failing.asked.length > 0 ? Promise.reject(new SourceError('Jaeger', 'too-expensive', 'no')) : first(question, ask),
    };
    expect(await worstTraces(broken, wanted, patience)).toMatchObject({ seen: 14, isCut: true });

    const slow = storeOf(traces, { hasTags: true, hasMarks: true });
    let leftMs = 2000;
    const late: SearchableStore = {
      ...slow,
      traces: async (question, ask) => {
        leftMs -= 1100;
        return slow.traces(question, ask);
      },
    };
    expect(await worstTraces(late, wanted, { ...patience, leftMs: () => leftMs })).toMatchObject({ seen: 14, isCut: true });
    expect(slow.asked).toHaveLength(1);
  });

  it('that failed come from the question that is answered, and without the one for all of them there may be more', async () => {
    const one = storeOf([{ ...worst, isFailed: true }].map(traceOf), { hasTags: true, hasMarks: true });
    for (const isRefused of [true, false]) {
      const half: SearchableStore = {
        ...one,
        traces: (question, ask) =>
          question.isMarked === isRefused
            ? Promise.reject(new SourceError('Jaeger', 'too-expensive', 'no'))
            : one.traces(question, ask),
      };
      expect(await worstTraces(half, { ...wanted, isFailed: true }, patience)).toMatchObject({ seen: 1, isCut: !isRefused });
    }
  });

  it('come once where any will do, none of them for its length', async () => {
    const requests = Array.from({ length: 80 }, (_, index) => ({ ...worst, micros: 1000 + index }));
    const store = storeOf(requests.map(traceOf), { hasTags: true, hasMarks: true });
    const { traces, seen, isCut } = await worstTraces(store, { ...wanted, leastMicros: null }, patience);
    expect(traces.map((trace) => callOf(trace)?.durationMicros)).toEqual([1000, 1001, 1002, 1003, 1004]);
    expect([seen, isCut, store.asked.length]).toEqual([40, true, 1]);
  });

  it('come by the callee’s name where too few of any are of the edge, and then those of the edge first', async () => {
    const others = Array.from({ length: 39 }, () => ({ ...worst, callee: 'stock', micros: 9_000_000 }));
    const requests = [worst, ...others, ...Array.from({ length: 3 }, () => ({ ...worst, micros: 7 }))];
    const store = storeOf(requests.map(traceOf), { hasTags: true, hasMarks: true });
    const { traces, isCut } = await worstTraces(store, { ...wanted, leastMicros: null }, patience);
    expect(traces.map((trace) => callOf(trace)?.durationMicros)).toEqual([3_000_000, 7, 7, 7, 9_000_000]);
    expect([isCut, store.asked.map(({ callee, leastMicros }) => [callee?.value ?? null, leastMicros])]).toEqual([
      true,
      [
        [null, null],
        [clusterOf('cart'), null],
      ],
    ]);
  });

  it('come from the names that answer, and a name that does not leaves a cut', async () => {
    const one = storeOf([worst].map(traceOf), { hasTags: true, hasMarks: true });
    const refused = new SourceError('Jaeger', 'unreachable', 'is in trouble');
    const half: SearchableStore = {
      ...one,
      services: async () => ['web', 'web.shop'],
      traces: (question, ask) => (question.service === 'web' ? Promise.reject(refused) : one.traces(question, ask)),
    };
    expect(await worstTraces(half, wanted, patience)).toMatchObject({ seen: 1, isCut: true });
    const none: SearchableStore = { ...half, traces: () => Promise.reject(refused) };
    await expect(worstTraces(none, wanted, patience)).rejects.toBe(refused);
  });

  it('are found among a few at a time where more of them than that are too large to be read, which is said', async () => {
    const store = storeOf([...crowd(500), worst].map(traceOf), { hasTags: true, hasMarks: true });
    const large: SearchableStore = {
      ...store,
      traces: async (question, ask) => {
        const found = await store.traces(question, ask);
        if (found.length > 20) throw new SourceError('Jaeger', 'too-expensive', 'answered with more than 32 MiB');
        return found;
      },
    };
    const { traces, isCut } = await worstTraces(large, wanted, patience);
    expect([callOf(traces[0])?.durationMicros, isCut]).toEqual([3_000_000, true]);
    expect(store.asked.slice(0, 2).map(({ limit }) => limit)).toEqual([40, 5]);
    const sample = await worstTraces(large, { ...wanted, leastMicros: null }, patience);
    expect([sample.traces.length > 0, sample.isCut]).toEqual([true, true]);
    const busy: SearchableStore = {
      ...store,
      traces: () => Promise.reject(new SourceError('Jaeger', 'too-expensive', 'asks for fewer calls (HTTP 429)')),
    };
    await expect(worstTraces(busy, wanted, patience)).rejects.toThrow(/fewer calls/);
  });

  it('never cost more bytes than one answer may have', async () => {
    const store = storeOf(crowd(500).map(traceOf), { hasTags: true, hasMarks: true });
    await worstTraces(store, { ...wanted, isFailed: true }, patience);
    for (const { maxBytes } of store.asked) expect(maxBytes).toBeLessThanOrEqual(32 * 1024 * 1024);
  });
});
