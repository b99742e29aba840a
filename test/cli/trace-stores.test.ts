import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findJaeger, findZipkin } from '../support/trace-engines.ts';
import { startJaeger, startZipkin, type TraceServer } from '../support/trace-servers.ts';
import { narrowId, storySpans, storyWindow, worstId } from '../support/trace-story.ts';
import { run } from './run.ts';

const engines = [
  ['jaeger', 'Jaeger', await findJaeger(), startJaeger],
  ['zipkin', 'Zipkin', await findZipkin(), startZipkin],
] as const;
const skipped = (engine: Awaited<ReturnType<typeof findZipkin>>): string =>
  'path' in engine ? '' : ` (skipped: ${engine.missing})`;
const patience = { timeout: 120_000 };

describe.each(engines)('%s as it runs', (store, name, engine, startStore) => {
  describe.skipIf('missing' in engine)(`is asked by the command line${skipped(engine)}`, () => {
    let server: TraceServer;
    beforeAll(async () => {
      server = await startStore('path' in engine ? engine.path : '');
      await server.tell(storySpans(storyWindow(Date.now())));
    }, 180_000);
    afterAll(() => server?.stop());
    const env = (kind = store as string) => ({ TRACES_URL: server.url, TRACES_STORE: kind, TRACES_SECONDS: '20' });

    it('for one trace, also of 64 bits', patience, async () => {
      for (const id of [worstId, narrowId.slice(16)]) {
        const { status, out } = await run(['trace', id], env());
        expect(status).toBe(0);
        expect(out).toContain(`\ntrace ${id.padStart(32, '0')}\nfound by its id, from ${name}\n${server.url}/`);
      }
      expect((await run(['trace', 'f'.repeat(32)], env())).err).toContain(`${name} has no trace ${'f'.repeat(32)}`);
    });

    it('for whether it is what was said, and whom it knows', patience, async () => {
      expect((await run(['doctor'], { PROMETHEUS_URL: 'http://127.0.0.1:1', ...env() })).out).toMatch(
        new RegExp(`ok {7}${name}: answers, and knows \\d services? \\(.*checkout`),
      );
      const other = store === 'jaeger' ? 'zipkin' : 'jaeger';
      expect((await run(['doctor'], { PROMETHEUS_URL: 'http://127.0.0.1:1', ...env(other) })).out).toContain(
        `it looks like ${name}`,
      );
      expect((await run(['doctor'], { PROMETHEUS_URL: 'http://127.0.0.1:1', ...env('tempo') })).out).toContain(
        `it looks like ${name}`,
      );
    });
  });
});
