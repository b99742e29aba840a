import { afterEach, describe, expect, it } from 'vitest';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { tempo } from '../../../src/adapters/tempo/trace-source.ts';
import { traceFailureContract } from '../../contracts/trace-failures.ts';
import { storyEdge, worstId } from '../../support/trace-story.ts';
import { type Opened, openServer } from '../http/servers.ts';
import { answer, json, storeOf, traceBody } from './stores.ts';

traceFailureContract(
  'Tempo',
  (http) => tempo(http, { nowMs: () => Date.now() }),
  () => null,
);

const nowMs = 1_795_393_000_000;
const clock = { nowMs: () => nowMs };
const patience = () => ({ signal: AbortSignal.timeout(5_000) });
const wanted = {
  edge: storyEdge,
  window: { startMs: nowMs - 360_000, endMs: nowMs - 60_000 },
  leastMicros: 1,
  isFailed: false,
  most: 3,
};
const ofSearch = (status: number, text = '') =>
  tempo(
    storeOf(() => answer(status, text)),
    clock,
  ).search(wanted, patience());
const ofId = (status: number, text = '') =>
  tempo(
    storeOf(() => answer(status, text)),
    clock,
  ).byId(worstId, patience());

describe('a Tempo that does not answer', () => {
  it.each([
    [
      400,
      'limit 200 exceeds max limit 100',
      'unsupported',
      /did not understand the question \(limit 200 exceeds max limit 100\)/,
    ],
    [400, '<html>bad</html>', 'unsupported', /\(HTTP 400\)/],
    [401, 'no org id', 'refused', /wants the name of a tenant/],
    [401, '', 'refused', /refused the credentials/],
    [403, 'Forbidden', 'refused', /refused the credentials/],
    [404, '404 page not found', 'absent', /no such address/],
    [422, 'trace exceeds max size', 'too-expensive', /larger than it may give back/],
    [429, 'rate limited', 'too-expensive', /fewer calls/],
    [500, 'context canceled', 'unreachable', /in trouble/],
    [503, '', 'unreachable', /in trouble/],
    [200, '<html>login</html>', 'malformed', /web page/],
    [200, '{"traces":7}', 'malformed', /./],
  ])('says so: HTTP %i with %j is %s', async (status, text, reason, words) => {
    for (const asked of [ofSearch(status, text), ofId(status, text)]) {
      const said = expect(asked).rejects;
      await said.toMatchObject({ name: 'SourceError', source: 'Tempo', reason });
      await said.toThrow(words);
    }
  });

  it('keeps what it could not be asked apart from what it does not have', async () => {
    for (const text of ['', '\n', 'trace not found', 'trace not found\n']) expect(await ofId(404, text)).toBeNull();
    await expect(ofId(404, '<html>nginx</html>')).rejects.toMatchObject({ reason: 'absent' });
  });

  it('is not asked for what is no id', async () => {
    const store = storeOf(() => json({}));
    for (const id of ['../../flush', 'zzzz', '', '0'.repeat(32)])
      expect(await tempo(store, clock).byId(id, patience())).toBeNull();
    expect(store.asked).toEqual([]);
  });

  it('says of a trace that it cut that it is not whole', async () => {
    const call = { id: worstId, micros: 5000, startMs: nowMs };
    const store = storeOf(() => json({ ...traceBody(call), status: 'PARTIAL', message: 'trace exceeds max size' }));
    expect(await tempo(store, clock).byId(worstId, patience())).toMatchObject({
      isTruncated: true,
      spans: [{ durationMicros: 5000 }],
    });
  });

  it('is asked once for one trace by many', async () => {
    const store = storeOf(() => json(traceBody({ id: worstId, micros: 5000, startMs: nowMs })));
    const source = tempo(store, clock);
    await Promise.all(Array.from({ length: 20 }, () => source.byId(worstId, patience())));
    expect(store.asked).toHaveLength(1);
  });
});

describe('a Tempo behind a gateway', () => {
  let server: Opened | null = null;
  afterEach(() => server?.close());

  it('is asked under its prefix, for its tenant, with the query encoded', async () => {
    server = await openServer((_, response) => response.end('{"traces":[]}'));
    const url = `http://127.0.0.1:${server.port}/api/traces/v1/shop/tempo`;
    const http = httpSource({ name: 'Tempo', url, tenant: 'shop|web' });
    await tempo(http, clock).search(
      { ...wanted, edge: { ...storyEdge, destination: { ...storyEdge.destination, service: 'a&q={}#' } } },
      patience(),
    );
    await http.close();
    const [first] = server.requests;
    const asked = new URL(first?.url ?? '', 'http://tempo');
    expect(asked.pathname).toBe('/api/traces/v1/shop/tempo/api/search');
    expect(first?.headers['x-scope-orgid']).toBe('shop|web');
    expect([...asked.searchParams.keys()]).toEqual(['q', 'limit', 'spss', 'start', 'end']);
    expect(asked.searchParams.get('q')).toContain('a&q=\\\\{\\\\}#');
  });
});
