import { httpSource } from '../../../src/adapters/http/client.ts';
import { jaeger } from '../../../src/adapters/jaeger/trace-source.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { type TraceBench, traceSourceContract, windowOf } from '../../contracts/trace-source.ts';
import { recordedHttp, recordingsMissing } from '../../support/recorded-http.ts';
import { findJaeger, jaegerVersion } from '../../support/trace-engines.ts';
import { startJaeger } from '../../support/trace-servers.ts';
import { crowdSpans, crowdWindow, narrowId, storySpans, storyWindow, worstId, zerosId } from '../../support/trace-story.ts';

const engine = await findJaeger();
const skipped = 'missing' in engine ? engine.missing : null;

/** A Jaeger that was told the story; without its newer API where `isOld`: asked for that, it then answers with its page, as those did that have none. */
const running = async (isOld: boolean): Promise<TraceBench> => {
  const server = await startJaeger('path' in engine ? engine.path : '');
  const window = storyWindow(Date.now());
  await server.tell([...storySpans(window), ...crowdSpans(crowdWindow(window))]);
  const http = httpSource({ name: 'Jaeger', url: server.url });
  const old = {
    ...http,
    request: (call: Parameters<typeof http.request>[0]) =>
      http.request({ ...call, path: call.path.replace('api/v3/', 'api/v9/') }),
  };
  const close = async (): Promise<void> => {
    await http.close();
    await server.stop();
  };
  return { source: jaeger(isOld ? old : http, systemClock), window, close };
};

traceSourceContract(`Jaeger ${jaegerVersion}`, () => running(false), { skipped });
traceSourceContract(`Jaeger ${jaegerVersion} by its older API`, () => running(true), { skipped });

const slow = [worstId, narrowId, zerosId];

const replayed = async (folder: string, search: string, fileFor: Parameters<typeof recordedHttp>[2]): Promise<TraceBench> => {
  const http = recordedHttp('Jaeger', folder, fileFor);
  const { text } = await http.request({ path: search, signal: new AbortController().signal });
  return {
    source: jaeger(http, systemClock),
    window: windowOf(readTraces(text)),
    close: http.close,
  };
};

const gone = { status: 404, text: '404 page not found\n' };

for (const [name, folder] of [
  ['Jaeger v2.13.0', 'jaeger-1.76.0'],
  ['Jaeger at 8498073ff809', 'jaeger-head'],
] as const)
  traceSourceContract(
    `recorded from ${name}`,
    () =>
      replayed(folder, 'api/v3/traces', (path) => {
        if (path === 'api/v3/services') return 'v3-services.json';
        if (path === 'api/v3/traces') return 'v3-search.json';
        if (path === `api/v3/traces/${worstId}`) return 'v3-trace.json';
        return path.startsWith('api/v3/traces/') ? 'v3-trace-not-found.json' : gone;
      }),
    { skipped: recordingsMissing, recorded: { byId: [worstId], slow } },
  );

traceSourceContract(
  'recorded from Jaeger v2.13.0 by its older API',
  () =>
    replayed('jaeger-1.76.0', 'api/traces', (path, query) => {
      if (path.startsWith('api/v3/')) return 'v3-trace-summaries.html';
      if (path === 'api/services') return 'legacy-services.json';
      if (path === 'api/traces') return query.has('tags') ? 'legacy-search-empty.json' : 'legacy-search.json';
      const files: Readonly<Record<string, string>> = { [worstId]: 'legacy-trace.json', [narrowId]: 'legacy-trace-64bit.json' };
      return files[path.replace('api/traces/', '')] ?? 'legacy-trace-not-found.json';
    }),
  { skipped: recordingsMissing, recorded: { byId: [worstId, narrowId], slow } },
);
