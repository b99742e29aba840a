import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceError } from '../../src/domain/gathered.ts';
import type { Window } from '../../src/domain/time.ts';
import type { ReceivedTrace } from '../../src/domain/trace.ts';
import type { TraceSearch, TraceSource } from '../../src/ports.ts';
import {
  crowdFailedId,
  crowdWindow,
  crowdWorstId,
  narrowId,
  story,
  storyEdge,
  storyStartMs,
  worstId,
  zerosId,
} from '../support/trace-story.ts';

/** A trace source over a store that was told the story and the crowd before it, or over answers recorded from one that was told the story. */
export type TraceBench = {
  readonly source: TraceSource;
  /** Holds the beginning of every trace of the story; of the crowd's, `crowdWindow` of it. */
  readonly window: Window;
  readonly close: () => Promise<void>;
};

/**
 * A recording holds no more than it holds: the traces that it gives back by their ids, and those of its search for calls of half a second and
 * more. A store that runs gives back all.
 */
type Recorded = { readonly byId: readonly string[]; readonly slow: readonly string[] };

type ContractOptions = {
  /** Why it cannot be run. */
  readonly skipped?: string | null;
  readonly recorded?: Recorded;
};

const slowIds = [worstId, narrowId, zerosId];
const idsOf = (traces: readonly ReceivedTrace[]): readonly string[] => traces.map(({ id }) => id);
const longestOf = ({ spans }: ReceivedTrace): number => Math.max(...spans.map(({ durationMicros }) => durationMicros ?? 0));
const patience = () => ({ signal: AbortSignal.timeout(10_000) });
const servicesOf = (trace: ReceivedTrace | null) => [...new Set(trace?.spans.map(({ service }) => service))].sort();

/** From the first span of these traces to just after the last: the window of a recording. */
export const windowOf = (traces: readonly ReceivedTrace[]): Window => {
  const starts = traces.flatMap(({ spans }) => spans.map(({ startMicros }) => (startMicros ?? 0) / 1000));
  return { startMs: Math.floor(Math.min(...starts)), endMs: Math.floor(Math.max(...starts)) + 1 };
};

/** What every trace source must do; run on each store and on recorded answers. */
export const traceSourceContract = (
  name: string,
  open: () => Promise<TraceBench>,
  { skipped = null, recorded }: ContractOptions = {},
): void => {
  describe.skipIf(skipped !== null)(`${name}: the trace source${skipped === null ? '' : ` (skipped: ${skipped})`}`, () => {
    let bench: TraceBench;
    beforeAll(async () => {
      bench = await open();
    }, 120_000);
    afterAll(() => bench?.close());
    const byIds = (ids: readonly string[]) => ids.filter((id) => recorded?.byId.includes(id) ?? true);
    const slow = () => slowIds.filter((id) => recorded?.slow.includes(id) ?? true);
    const search = (wanted: Partial<TraceSearch>) =>
      bench.source.search(
        { edge: storyEdge, window: bench.window, leastMicros: 500_000, isFailed: false, most: 20, ...wanted },
        patience(),
      );

    it('gives a trace whole, by its id', async () => {
      const trace = await bench.source.byId(worstId, patience());
      expect(trace).toMatchObject({ id: worstId, malformed: 0, isTruncated: false });
      expect(servicesOf(trace)).toEqual(['checkout', 'frontend']);
      expect(trace?.spans.filter(({ isError }) => isError)).toHaveLength(3);
      expect(trace && longestOf(trace)).toBe(4_200_000);
    });

    it('knows ids of 64 bits and ids that begin with zeros', async () => {
      for (const id of byIds([narrowId, zerosId])) expect((await bench.source.byId(id, patience()))?.id).toBe(id);
    });

    it('has no trace of an id that nobody sent', async () => {
      expect(await bench.source.byId('f'.repeat(32), patience())).toBeNull();
    });

    it('finds the calls that lasted long, whole, the longest first', async () => {
      const { traces, seen, isCut } = await search({});
      expect(idsOf(traces)).toEqual(slow());
      expect(seen).toBeGreaterThanOrEqual(traces.length);
      expect(isCut).toBe(false);
      for (const trace of traces.filter(({ id }) => byIds([id]).length > 0))
        expect(trace.spans).toHaveLength((await bench.source.byId(trace.id, patience()))?.spans.length ?? -1);
    });

    it('gives back no more than was asked for, and tells of the others', async () => {
      const { traces, seen } = await search({ most: 1 });
      expect(idsOf(traces)).toEqual([worstId]);
      expect(seen).toBeGreaterThanOrEqual(slow().length);
    });

    it('finds those that failed', async () => {
      expect(idsOf((await search({ isFailed: true })).traces)).toEqual([worstId]);
    });

    it('leaves out what is too short, whatever the store thought of it', async () => {
      const { traces } = await search({ leastMicros: 1_000_000 });
      expect(idsOf(traces)).toEqual([worstId]);
    });

    it('leaves out what began outside of the window', async () => {
      const { startMs } = bench.window;
      const early = await search({ window: { startMs: startMs - 60_000, endMs: startMs } });
      expect([idsOf(early.traces), early.seen]).toEqual([[], 0]);
    });

    it('finds nothing of services that the store does not know', async () => {
      const stranger = { namespace: 'elsewhere', workload: 'stranger', service: null };
      const none = await search({ edge: { cluster: null, source: stranger, destination: { ...stranger, service: 'stranger' } } });
      expect(none).toEqual({ traces: [], seen: 0, isCut: false });
    });

    it('does not wait longer than the one who asks', async () => {
      const late = { signal: AbortSignal.abort() };
      const wanted = { edge: storyEdge, window: bench.window, leastMicros: null, isFailed: false, most: 1 };
      for (const ask of [() => bench.source.byId(worstId, late), () => bench.source.search(wanted, late)]) {
        const error = await ask().catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(SourceError);
        expect(error).toMatchObject({ reason: 'timeout', source: bench.source.name });
      }
    });

    // A recording has no answers to what follows.
    if (recorded !== undefined) return;

    it('finds calls of any length, the longest first', async () => {
      const { traces, seen, isCut } = await search({ leastMicros: 1, most: 5 });
      expect(idsOf(traces)).toEqual(story.slice(0, 5).map(({ id }) => id));
      expect([seen, isCut]).toEqual([18, false]);
    });

    it('gives a sample of any length as it comes: not the longest', async () => {
      const { traces } = await search({ window: crowdWindow(bench.window), leastMicros: null, most: 20 });
      expect(traces).toHaveLength(20);
      const longest = await search({ window: crowdWindow(bench.window), leastMicros: 1, most: 20 });
      expect(idsOf(traces)).not.toEqual(idsOf(longest.traces));
    });

    it('counts a trace by when its call began', async () => {
      const [startMs, endMs] = [storyStartMs(bench.window, 3) - 500, storyStartMs(bench.window, 6) - 500];
      const { traces } = await search({ window: { startMs, endMs }, leastMicros: 1 });
      expect(idsOf(traces)).toEqual(story.slice(3, 6).map(({ id }) => id));
    });

    it('finds the worst of more calls than a store gives back, among those of others that last longer', async () => {
      const { traces, seen, isCut } = await search({ window: crowdWindow(bench.window), leastMicros: 1, most: 3 });
      expect(traces).toHaveLength(3);
      expect(traces[0]?.id).toBe(crowdWorstId);
      expect(isCut).toBe(false);
      expect(seen).toBeGreaterThan(3);
    });

    it('finds the one of many that failed at once', async () => {
      const { traces, isCut } = await search({ window: crowdWindow(bench.window), leastMicros: 1, isFailed: true, most: 3 });
      expect([idsOf(traces), isCut]).toEqual([[crowdFailedId], false]);
    });

    it('looks for the callee where the store does not know the caller', async () => {
      const gateway = { namespace: 'istio-system', workload: 'istio-ingressgateway', service: null };
      const { traces } = await search({ edge: { ...storyEdge, source: gateway } });
      expect(idsOf(traces)).toEqual(slowIds);
    });
  });
};
