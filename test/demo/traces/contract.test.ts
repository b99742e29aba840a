import { httpSource } from '../../../src/adapters/http/client.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import { serveTraces } from '../../../src/demo/traces/server.ts';
import { startTraceBox } from '../../../src/demo/traces/store.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';
import { traceSourceContract } from '../../contracts/trace-source.ts';
import { asZipkin } from '../../support/trace-forms.ts';
import { crowdSpans, crowdWindow, storySpans, storyWindow } from '../../support/trace-story.ts';

traceSourceContract('the demo’s store, read as Zipkin', async () => {
  const window = storyWindow(Date.now());
  const box = startTraceBox();
  box.take(asZipkin([...storySpans(window), ...crowdSpans(crowdWindow(window))]) as readonly ZipkinSpan[]);
  const server = await serveTraces(box);
  const http = httpSource({ name: 'Zipkin', url: server.url });
  const close = async (): Promise<void> => {
    await http.close();
    await server.stop();
  };
  return { source: zipkin(http, systemClock), window, close };
});
