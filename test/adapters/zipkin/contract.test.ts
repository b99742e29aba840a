import { describe, expect, it } from 'vitest';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { tracesAbout } from '../../../src/adapters/traces/about.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import { traceSourceContract, windowOf } from '../../contracts/trace-source.ts';
import { recordedHttp, recordingsMissing } from '../../support/recorded-http.ts';
import { findZipkin, zipkinVersion } from '../../support/trace-engines.ts';
import { startZipkin } from '../../support/trace-servers.ts';
import {
  crowdSpans,
  crowdWindow,
  narrowId,
  storyEdge,
  storySpans,
  storyWindow,
  worstId,
  zerosId,
} from '../../support/trace-story.ts';

const engine = await findZipkin();

traceSourceContract(
  `Zipkin ${zipkinVersion}`,
  async () => {
    const server = await startZipkin('path' in engine ? engine.path : '');
    const window = storyWindow(Date.now());
    await server.tell([...storySpans(window), ...crowdSpans(crowdWindow(window))]);
    const http = httpSource({ name: 'Zipkin', url: server.url });
    const close = async (): Promise<void> => {
      await http.close();
      await server.stop();
    };
    return { source: zipkin(http, systemClock), window, close };
  },
  { skipped: 'missing' in engine ? engine.missing : null },
);

describe.skipIf('missing' in engine)(
  `Zipkin ${zipkinVersion} without search${'missing' in engine ? ` (skipped: ${engine.missing})` : ''}`,
  () => {
    it('gives a trace by its id, and says why it finds none', { timeout: 120_000 }, async () => {
      const server = await startZipkin('path' in engine ? engine.path : '', { SEARCH_ENABLED: 'false' });
      const http = httpSource({ name: 'Zipkin', url: server.url });
      try {
        const window = storyWindow(Date.now());
        await server.tell(storySpans(window));
        const ask = { signal: AbortSignal.timeout(10_000) };
        const source = zipkin(http, systemClock);
        expect(await source.byId(worstId, ask)).toMatchObject({ id: worstId });
        const wanted = { edge: storyEdge, window, leastMicros: 1, isFailed: false, most: 5 };
        await expect(source.search(wanted, ask)).rejects.toMatchObject({ reason: 'unsupported', source: 'Zipkin' });
        expect(await tracesAbout(http, 'zipkin')(ask)).toMatchObject({ looksLike: 'zipkin', isSearchOff: true });
      } finally {
        await http.close();
        await server.stop();
      }
    });
  },
);

const byId: Readonly<Record<string, string>> = { [worstId]: 'trace.json', [narrowId]: 'trace-64bit.json' };

traceSourceContract(
  'recorded from Zipkin 3.6.1',
  async () => {
    const http = recordedHttp('Zipkin', 'zipkin', (path, query) => {
      if (path === 'api/v2/services') return 'services.json';
      if (path === 'api/v2/traces') return query.has('annotationQuery') ? 'search-error.json' : 'search.json';
      return byId[path.replace('api/v2/trace/', '')] ?? 'trace-not-found.txt';
    });
    const { text } = await http.request({ path: 'api/v2/traces', signal: new AbortController().signal });
    return {
      source: zipkin(http, systemClock),
      window: windowOf(readTraces(text)),
      close: http.close,
    };
  },
  { skipped: recordingsMissing, recorded: { byId: Object.keys(byId), slow: [worstId, narrowId, zerosId] } },
);
