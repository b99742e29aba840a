import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startWire } from './wire.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

/** A back end that answers with its name, and keeps what it was asked. */
const backEnd = async (name: string) => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push([request.method, request.url, body].filter(Boolean).join(' '));
    response.writeHead(200, { 'content-type': 'application/json' }).end(`"${name}"`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const opened = async (zipkin: string | null) => {
  const wire = await startWire('http://127.0.0.1:1/webhook', zipkin);
  stops.push(wire.close);
  return wire;
};

describe('the wire between the bot and its back ends', () => {
  it('passes questions to metrics and to traces on, and keeps each with its answer under the name of its source', async () => {
    const [prometheus, zipkin] = [await backEnd('prometheus'), await backEnd('zipkin')];
    const wire = await opened(zipkin.url);
    wire.open('slow-bank', prometheus.url);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const metrics = await fetch(`${wire.prometheusOf('slow-bank')}/api/v1/query`, {
      method: 'POST',
      headers: form,
      body: 'query=up',
    });
    const services = await fetch(`${wire.tracesOf('slow-bank')}/api/v2/services`);
    expect([await metrics.json(), await services.json()]).toEqual(['prometheus', 'zipkin']);
    expect(prometheus.asked).toEqual(['POST /api/v1/query query=up']);
    expect(zipkin.asked).toEqual(['GET /api/v2/services']);
    expect(wire.exchanges().map(({ exchange }) => exchange)).toMatchObject([
      { source: 'Prometheus (slow-bank)', method: 'POST', path: 'api/v1/query', form: [['query', 'up']], status: 200 },
      { source: 'Zipkin (slow-bank)', method: 'GET', path: 'api/v2/services', query: [], status: 200, body: '"zipkin"' },
    ]);
  });

  it('finds no traces of the fault before: looked back is to the opening at most, though what was asked is kept', async () => {
    const zipkin = await backEnd('zipkin');
    const wire = await opened(zipkin.url);
    const beforeMs = Date.now();
    wire.open('slow-bank', 'http://127.0.0.1:1');
    const endMs = beforeMs + 30_000;
    const query = `serviceName=checkout.shop&annotationQuery=${encodeURIComponent('error and a=b|c')}&endTs=${endMs}&lookback=600000&limit=10`;
    await fetch(`${wire.tracesOf('slow-bank')}/api/v2/traces?${query}`);
    const sent = new URL(zipkin.asked[0]?.replace('GET ', '') ?? '', 'http://zipkin').searchParams;
    expect(Number(sent.get('lookback'))).toBeGreaterThan(29_000);
    expect(Number(sent.get('lookback'))).toBeLessThanOrEqual(30_000);
    expect([sent.get('endTs'), sent.get('annotationQuery'), sent.get('limit')]).toEqual([`${endMs}`, 'error and a=b|c', '10']);
    const [kept] = wire.exchanges();
    expect(kept?.exchange.query).toContainEqual(['lookback', '600000']);
    await fetch(`${wire.tracesOf('slow-bank')}/api/v2/traces?endTs=${beforeMs - 60_000}&lookback=1000`);
    expect(zipkin.asked[1]).toBe(`GET /api/v2/traces?endTs=${beforeMs - 60_000}&lookback=1`);
  });

  it('leaves a look back that is short enough as it is', async () => {
    const zipkin = await backEnd('zipkin');
    const wire = await opened(zipkin.url);
    wire.open('slow-bank', 'http://127.0.0.1:1');
    const endMs = Date.now() + 60_000;
    await fetch(`${wire.tracesOf('slow-bank')}/api/v2/traces?endTs=${endMs}&lookback=1000`);
    expect(zipkin.asked).toEqual([`GET /api/v2/traces?endTs=${endMs}&lookback=1000`]);
  });

  it('knows nothing of a cluster whose fault is over, and forgets what was kept', async () => {
    const zipkin = await backEnd('zipkin');
    const wire = await opened(zipkin.url);
    wire.open('slow-bank', zipkin.url);
    await fetch(`${wire.tracesOf('slow-bank')}/api/v2/services`);
    wire.open('no-endpoints', zipkin.url);
    expect((await fetch(`${wire.tracesOf('slow-bank')}/api/v2/services`)).status).toBe(503);
    expect((await fetch(`${wire.prometheusOf('slow-bank')}/api/v1/rules`)).status).toBe(503);
    expect(wire.exchanges()).toEqual([]);
  });

  it('has no address of a trace store where the lab has none', async () => {
    const wire = await opened(null);
    expect(wire.tracesOf('slow-bank')).toBeNull();
  });
});
