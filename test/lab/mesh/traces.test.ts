import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import { scenarioNamed } from '../../../src/demo/mesh/faults.ts';
import { seeded } from '../../../src/demo/mesh/noise.ts';
import { startMesh } from '../../../src/demo/mesh/simulate.ts';
import { spansOf } from '../../../src/demo/traces/spans.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';
import { findZipkin, zipkinVersion } from '../../support/trace-engines.ts';
import { startZipkin } from '../../support/trace-servers.ts';
import { startTraceBox } from './traces.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A store that answers as it is told, and keeps what it was sent. */
const storeThat = async (status: number) => {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    bodies.push(body);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const boxFor = async (store: string | null) => {
  const box = await startTraceBox('127.0.0.1', store, 0);
  stops.push(box.stop);
  const tell = async (path: string, body: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${box.port}${path}`, { method: 'POST', body })).status;
  return { box, tell };
};

const settled = async (holds: () => boolean): Promise<void> => {
  for (let left = 100; left > 0 && !holds(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 20));
};

describe('where the proxies tell their spans', () => {
  it('takes them by either tracer, as its collector would answer', async () => {
    const { tell } = await boxFor(null);
    expect([await tell('/api/v2/spans', '[]'), await tell('/v1/traces', 'protobuf')]).toEqual([202, 200]);
  });

  it('passes Zipkin’s on as they are, in their order, and nothing else', async () => {
    const { bodies, url } = await storeThat(202);
    const { tell } = await boxFor(url);
    const ids = (): readonly string[] =>
      bodies.flatMap((body) => (JSON.parse(body) as { readonly id: string }[]).map(({ id }) => id));
    for (const body of ['[{"id":"1"},{"id":"2"}]', '[]', '[{"id":"3"}]\n', ' [{"id":"4"}]']) await tell('/api/v2/spans', body);
    await tell('/v1/traces', 'protobuf');
    await settled(() => ids().length === 4);
    expect(ids()).toEqual(['1', '2', '3', '4']);
  });

  it.each([
    ['refuses them', async () => (await storeThat(503)).url],
    ['is gone', async () => 'http://127.0.0.1:1'],
  ])('keeps no proxy waiting when the store %s, and counts what is lost', async (_, store) => {
    const { box, tell } = await boxFor(await store());
    expect(await tell('/api/v2/spans', '[]')).toBe(202);
    await settled(() => box.lost() > 0);
    expect(box.lost()).toBe(1);
  });
});

const engine = await findZipkin();
const missing = 'missing' in engine ? engine.missing : null;

describe.skipIf(missing !== null)(`Zipkin ${zipkinVersion} behind it${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('is asked by the bot for what proxies told a moment ago', async () => {
    const store = await startZipkin('path' in engine ? engine.path : '', { MEM_MAX_SPANS: '150000' });
    stops.push(store.stop);
    const { box, tell } = await boxFor(store.url);
    const endMs = Date.now();
    const random = seeded(1);
    const batches: (readonly ZipkinSpan[])[] = [];
    const mesh = startMesh(endMs - 10_000, {
      singlyFromMs: 0,
      watch: (request, atMs) => batches.push(spansOf(request, atMs, random)),
    });
    mesh.advance(endMs, scenarioNamed('no-endpoints')?.effects ?? []);
    expect(batches.length).toBeGreaterThan(300);
    for (const batch of batches) expect(await tell('/api/v2/spans', JSON.stringify(batch))).toBe(202);
    // Zipkin finds what it has answered for; the box answers before that.
    await box.passed();
    const http = httpSource({ name: 'Zipkin', url: store.url });
    stops.push(http.close);
    const edge = {
      cluster: null,
      source: { namespace: 'shop', workload: 'checkout', service: null },
      destination: { namespace: 'shop', workload: null, service: 'shipping' },
    };
    const window = { startMs: endMs - 20_000, endMs };
    const { traces } = await zipkin(http, systemClock).search(
      { edge, window, leastMicros: null, isFailed: true, most: 5 },
      { signal: AbortSignal.timeout(20_000) },
    );
    expect(box.lost()).toBe(0);
    expect(traces).toHaveLength(5);
    for (const { spans } of traces) expect(spans.some(({ attributes }) => attributes['response_flags'] === 'UH')).toBe(true);
  }, 120_000);
});
