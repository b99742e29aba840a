import { describe, expect, it } from 'vitest';
import { tempo } from '../../../src/adapters/tempo/trace-source.ts';
import { traceSourceContract } from '../../contracts/trace-source.ts';
import { recordingsMissing } from '../../support/recorded-http.ts';
import { narrowId, storyEdge, worstId, zerosId } from '../../support/trace-story.ts';
import { answer, ok, recorded, recordedClock, recordedStore, recordedWindow, storeOf } from './stores.ts';

const patience = () => ({ signal: AbortSignal.timeout(5_000) });

traceSourceContract(
  'recorded from Tempo v3.0.3',
  async () => {
    const store = recordedStore();
    return {
      source: tempo(store, recordedClock),
      window: recordedWindow,
      close: store.close,
    };
  },
  { skipped: recordingsMissing, recorded: { byId: [worstId], slow: [worstId, narrowId, zerosId] } },
);

describe.skipIf(recordingsMissing)(
  `recorded from Tempo v3.0.3${recordingsMissing ? ` (skipped: ${recordingsMissing})` : ''}`,
  () => {
    const wanted = { edge: storyEdge, window: recordedWindow, leastMicros: 500_000, isFailed: false, most: 20 };

    it('is read with its ids in base64, its kinds and its codes in words', async () => {
      const trace = await tempo(recordedStore(), recordedClock).byId(worstId, patience());
      expect(trace?.spans.map(({ id, kind, isError }) => [id, kind, isError])).toEqual([
        ['a11bad00deadbeef', 'server', true],
        ['a11bad00deadbe2e', 'client', true],
        ['a11bad00deadbe3d', 'server', true],
        ['a11bad00deadbe0c', 'client', false],
      ]);
    });

    it('is read through the first version of the API, where that is all there is', async () => {
      const store = storeOf(({ path }) =>
        path.startsWith('api/v2/') ? answer(404, '404 page not found') : ok(recorded('v1-trace.json')),
      );
      const source = tempo(store, recordedClock);
      for (const _ of [1, 2]) expect((await source.byId(worstId, patience()))?.spans).toHaveLength(4);
      expect(store.asked.map(({ path }) => path)).toEqual([
        `api/v2/traces/${worstId}`,
        `api/traces/${worstId}`,
        `api/traces/${worstId}`,
      ]);
    });

    it('has no trace where either version says so in its way', async () => {
      const second = storeOf(() => ok(recorded('v2-trace-not-found.json')));
      expect(await tempo(second, recordedClock).byId('f'.repeat(32), patience())).toBeNull();
      expect(second.asked).toHaveLength(1);
      const first = storeOf(() => answer(404, recorded('v1-trace-not-found.txt')));
      expect(await tempo(first, recordedClock).byId('f'.repeat(32), patience())).toBeNull();
    });

    it('gives ids whole again whose zeros were cut off', async () => {
      const store = storeOf(({ path }) => (path === 'api/search' ? ok(recorded('search-leading-zero.json')) : answer(404)));
      expect(await tempo(store, recordedClock).search(wanted, patience())).toEqual({ traces: [], seen: 3, isCut: true });
      expect(store.asked.map(({ path }) => path).filter((path) => path.startsWith('api/v2/'))).toEqual(
        [worstId, narrowId, zerosId].map((id) => `api/v2/traces/${id}`),
      );
    });

    it('says what its parser did not understand', async () => {
      const store = storeOf(() => answer(400, recorded('search-bad-query.txt')));
      await expect(tempo(store, recordedClock).search(wanted, patience())).rejects.toMatchObject({
        reason: 'unsupported',
        message: 'did not understand the question (invalid TraceQL query: parse error at line 1, col 3: unknown identifier: bad)',
      });
    });
  },
);
