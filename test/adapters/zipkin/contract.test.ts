import { httpSource } from '../../../src/adapters/http/client.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import { traceSourceContract, windowOf } from '../../contracts/trace-source.ts';
import { recordedHttp, recordingsMissing } from '../../support/recorded-http.ts';
import { findZipkin, zipkinVersion } from '../../support/trace-engines.ts';
import { startZipkin } from '../../support/trace-servers.ts';
import { crowdSpans, crowdWindow, narrowId, storySpans, storyWindow, worstId, zerosId } from '../../support/trace-story.ts';

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
