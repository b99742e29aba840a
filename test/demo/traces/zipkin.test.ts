import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { serveTraces, type TraceServer } from '../../../src/demo/traces/server.ts';
import { startTraceBox } from '../../../src/demo/traces/store.ts';
import type { ZipkinSpan } from '../../../src/demo/traces/zipkin-span.ts';

const nowMs = Date.now();
const paid = '5af7183fb1d4cf5fa11bad00deadbeef';

const span = (given: Partial<ZipkinSpan> & Pick<ZipkinSpan, 'traceId' | 'id'>): ZipkinSpan => ({
  kind: 'SERVER',
  name: 'GET /Cart',
  timestamp: (nowMs - 60_000) * 1000,
  duration: 20_000,
  localEndpoint: { serviceName: 'Frontend' },
  tags: { 'http.status_code': '200' },
  ...given,
});

/** The worst is the oldest. */
const spans: readonly ZipkinSpan[] = [
  span({ traceId: paid, id: 'a11bad00deadbeef', duration: 4_200_000, timestamp: (nowMs - 90_000) * 1000 }),
  span({
    traceId: paid,
    id: 'a11bad00deadbee1',
    parentId: 'a11bad00deadbeef',
    kind: 'CLIENT',
    name: 'checkout.shop.svc.cluster.local:8080/*',
    timestamp: (nowMs - 90_000) * 1000 + 1000,
    duration: 4_100_000,
    remoteEndpoint: { serviceName: 'Checkout' },
    tags: {
      error: '',
      'http.status_code': '503',
      upstream_cluster: 'outbound|8080||checkout.shop.svc.cluster.local',
    },
  }),
  span({
    traceId: paid,
    id: 'a11bad00deadbee2',
    parentId: 'a11bad00deadbee1',
    timestamp: (nowMs - 90_000) * 1000 + 2000,
    localEndpoint: { serviceName: 'checkout' },
    tags: { 'http.status_code': '500', version: 'v2' },
  }),
  span({ traceId: '0000000000000000463ac35c9f6413ad', id: '463ac35c9f6413ad', duration: 900_000 }),
  span({ traceId: '00ab83fb1d4cf5f0463ac35c9f6413ae', id: '463ac35c9f6413ae', timestamp: (nowMs - 30_000) * 1000 }),
];

let server: TraceServer;

beforeAll(async () => {
  const box = startTraceBox();
  box.take(spans);
  server = await serveTraces(box);
});
afterAll(() => server.stop());

const asked = async (path: string) => {
  const answer = await fetch(`${server.url}${path}`);
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};

/** Ids of the traces that a search finds, in its order. */
const found = async (query: string): Promise<readonly string[]> => {
  const { status, text } = await asked(`/api/v2/traces?${query}`);
  expect(status, query).toBe(200);
  return (JSON.parse(text) as ZipkinSpan[][]).map(([first]) => first?.traceId ?? '');
};

const [short, cut] = ['463ac35c9f6413ad', '00ab83fb1d4cf5f0463ac35c9f6413ae'];

describe('the trace store of the demo, asked as Zipkin is', () => {
  it('gives the newest first and cuts by age, not by duration', async () => {
    expect(await found('')).toEqual([cut, short, paid]);
    expect(await found('limit=2')).toEqual([cut, short]);
  });

  it.each([
    ['serviceName=FRONTEND', [cut, short, paid]],
    ['serviceName=', [cut, short, paid]],
    ['serviceName=nobody', []],
    ['serviceName=frontend&remoteServiceName=checkout', [paid]],
    ['remoteServiceName=CHECKOUT', [paid]],
    ['spanName=get%20/cart&limit=1', [cut]],
    ['minDuration=500000', [short, paid]],
    ['minDuration=500000&maxDuration=1000000', [short]],
    ['annotationQuery=error', [paid]],
    ['annotationQuery=error%20and%20http.status_code%3D503', [paid]],
    ['annotationQuery=error%20or%20http.status_code%3D503', []],
    ['annotationQuery=http.status_code%3D404', []],
    [`annotationQuery=${encodeURIComponent('upstream_cluster=outbound|8080||checkout.shop.svc.cluster.local')}`, [paid]],
    ['serviceName=frontend&annotationQuery=version', []],
    ['serviceName=frontend&minDuration=4200000&annotationQuery=error', [paid]],
    [`endTs=${nowMs - 45_000}&lookback=30000`, [short]],
    [`endTs=${nowMs * 1000}`, []],
    ['lookback=100000000000000000', [cut, short, paid]],
    ['sort=duration', [cut, short, paid]],
  ])('finds by %s', async (query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  it.each([
    ['limit=0', 'limit <= 0'],
    ['limit=-1', 'limit <= 0'],
    ['limit=abc', 'For input string: "abc"'],
    ['minDuration=0', 'minDuration <= 0'],
    ['minDuration=500ms', 'For input string: "500ms"'],
    ['minDuration=0.5', 'For input string: "0.5"'],
    ['maxDuration=5', 'maxDuration is only valid with minDuration'],
    ['minDuration=5&maxDuration=4', 'maxDuration < minDuration'],
    ['endTs=0', 'endTs <= 0'],
    ['lookback=0', 'lookback <= 0'],
  ])('refuses %s', async (query, words) => {
    expect(await asked(`/api/v2/traces?${query}`)).toEqual({ status: 400, type: 'text/*', text: words });
  });

  it.each([
    [paid, 3],
    ['463ac35c9f6413ad', 1],
    ['0000000000000000463ac35c9f6413ad', 1],
    ['ab83fb1d4cf5f0463ac35c9f6413ae', 1],
  ])('gives a trace by its id: %s', async (id, count) => {
    const [trace] = readTraces((await asked(`/api/v2/trace/${id}`)).text);
    expect(trace).toMatchObject({ id: id.padStart(32, '0'), malformed: 0 });
    expect(trace?.spans).toHaveLength(count);
  });

  it.each([
    ['ffffffffffffffff', 404, 'ffffffffffffffff not found'],
    [paid.slice(16), 404, `${paid.slice(16)} not found`],
    [paid.toUpperCase(), 400, `${paid.toUpperCase()} should be lower-hex encoded with no prefix`],
    [`0${paid}`, 400, 'traceId.length > 32'],
  ])('has no trace %s', async (id, status, text) => {
    expect(await asked(`/api/v2/trace/${id}`)).toEqual({ status, type: 'text/*', text });
  });

  it('knows its services, whom they call, and their spans, in lower case', async () => {
    expect(JSON.parse((await asked('/api/v2/services')).text)).toEqual(['checkout', 'frontend']);
    expect(JSON.parse((await asked('/api/v2/remoteServices?serviceName=Frontend')).text)).toEqual(['checkout']);
    expect(JSON.parse((await asked('/api/v2/spans?serviceName=frontend')).text)).toEqual([
      'checkout.shop.svc.cluster.local:8080/*',
      'get /cart',
    ]);
    expect((await asked('/api/v2/spans')).status).toBe(400);
  });

  it('is healthy, and knows no other address', async () => {
    expect(JSON.parse((await asked('/health')).text)).toMatchObject({ status: 'UP' });
    for (const path of ['/', '/api/v2/trace/', '/v1/traces', '/api/v2/trace/a/b', '//', '/zipkin/'])
      expect(await asked(path), path).toMatchObject({ status: 404, text: '404 Not Found' });
    expect((await fetch(`${server.url}/api/v2/traces`, { method: 'POST' })).status).toBe(405);
  });
});

describe('what it keeps', () => {
  const query = {
    ...{ serviceName: null, remoteServiceName: null, spanName: null, annotations: [], leastMicros: null, mostMicros: null },
    ...{ endMs: nowMs, lookbackMs: 86_400_000, limit: 100 },
  };
  const idOf = (index: number): string => `${index}`.padStart(16, '0');
  const many = Array.from({ length: 9 }, (_, index) => span({ traceId: idOf(index + 1), id: idOf(1) }));

  it('is the newest traces of a bounded number', () => {
    const box = startTraceBox({ traces: 5, bytes: 1e9 });
    box.take(many);
    expect(
      box
        .search(query)
        .map(([first]) => first?.traceId)
        .sort(),
    ).toEqual([5, 6, 7, 8, 9].map(idOf));
  });

  it('is what fits into so many bytes', () => {
    const each = JSON.stringify([many[0]]).length;
    const box = startTraceBox({ traces: 100, bytes: 3 * each + 10 });
    box.take(many);
    expect(box.search(query)).toHaveLength(3);
  });

  it('is each span once, however often it is told, and the spans of one trace together', () => {
    const box = startTraceBox();
    const more = span({ traceId: idOf(1), id: idOf(2), parentId: idOf(1) });
    box.take(many.slice(0, 1));
    box.take([...many.slice(0, 1), more]);
    expect(box.trace(idOf(1))?.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
  });
});

const recorded = join(process.env['EDGEWISE_FIXTURES'] ?? '/nowhere', 'trace-backends', 'zipkin');
const isThere = existsSync(recorded);

describe.skipIf(!isThere)(`Zipkin’s own answers (${isThere ? '' : 'skipped: '}EDGEWISE_FIXTURES/trace-backends)`, () => {
  const read = (file: string): string => readFileSync(join(recorded, file), 'utf8');
  const { responses } = JSON.parse(isThere ? read('index.json') : '{"responses":{}}') as {
    responses: Record<string, { request: string; status: number; contentType: string }>;
  };
  const asks = Object.entries(responses).filter(([file]) => !['health.json', 'info.json'].includes(file));
  let own: TraceServer;
  beforeAll(async () => {
    const box = startTraceBox();
    box.take(JSON.parse(read('spans-posted.json')) as ZipkinSpan[]);
    own = await serveTraces(box);
  });
  afterAll(() => own.stop());

  it.each(asks)('are given by the demo’s store too: %s', async (file, { request, status, contentType }) => {
    // The spans were recorded long before now, and the default is to look back a day.
    const separator = request.includes('?') ? '&' : '?';
    const path = request.replace('GET ', '');
    const isSearch = path.startsWith('/api/v2/traces');
    const answer = await fetch(`${own.url}${path}${isSearch ? `${separator}lookback=100000000000000` : ''}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, contentType]);
    const text = await answer.text();
    if (contentType !== 'application/json') expect(text).toBe(read(file).trimEnd());
    else expect(JSON.parse(text)).toEqual(JSON.parse(read(file)));
  });
});
