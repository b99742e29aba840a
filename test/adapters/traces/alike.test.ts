import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpSource } from '../../../src/adapters/http/client.ts';
import { jaeger } from '../../../src/adapters/jaeger/trace-source.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { readTraces } from '../../../src/adapters/traces/wire.ts';
import { zipkin } from '../../../src/adapters/zipkin/trace-source.ts';
import type { Window } from '../../../src/domain/time.ts';
import type { ReceivedTrace, Trace } from '../../../src/domain/trace.ts';
import type { TraceSource } from '../../../src/ports.ts';
import { focusOf } from '../../../src/stages/follow/focus.ts';
import { orderTrace } from '../../../src/stages/follow/order.ts';
import { recordings } from '../../support/recorded-http.ts';
import { findJaeger, findZipkin } from '../../support/trace-engines.ts';
import { asOtlp } from '../../support/trace-forms.ts';
import { startJaeger, startZipkin, type TraceServer } from '../../support/trace-servers.ts';
import { story, storyEdge, storySpans, storyWindow, worstId } from '../../support/trace-story.ts';

const engines = { jaeger: await findJaeger(), zipkin: await findZipkin() };
const pathOf = (engine: (typeof engines)['jaeger']): string => ('path' in engine ? engine.path : '');
const missing = Object.values(engines).flatMap((engine) => ('missing' in engine ? [engine.missing] : []));
const skipped = missing.length === 0 ? '' : ` (skipped: ${missing.join('; ')})`;

const text = (stringValue: string) => ({ stringValue });
const oddId = 'aaaabbbbccccddddeeeeffff00001111';

/** Everything that spans of one trace may be beside ordinary, in OTLP. Whole microseconds: Jaeger's older API cuts what is shorter. */
const oddTrace = ({ startMs }: Window): object => {
  type Attributes = Readonly<Record<string, object>>;
  const listed = (attributes: Attributes) => Object.entries(attributes).map(([key, value]) => ({ key, value }));
  const span = (
    id: string,
    parent: string | null,
    name: string,
    kind: number,
    fromMicros: number,
    micros: number,
    attributes: Attributes,
    more = {},
  ) => ({
    ...{ traceId: oddId, spanId: id.padStart(16, '0'), name, kind, attributes: listed(attributes) },
    ...(parent === null ? {} : { parentSpanId: parent.padStart(16, '0') }),
    startTimeUnixNano: `${startMs * 1000 + fromMicros}000`,
    endTimeUnixNano: `${startMs * 1000 + fromMicros + micros}000`,
    ...more,
  });
  const front = { 'service.name': text('Front'), 'k8s.namespace.name': text('shop'), 'service.version': text('v1') };
  const resource = (attributes: Attributes, spans: readonly object[]) => ({
    resource: { attributes: listed(attributes) },
    scopeSpans: [{ spans }],
  });
  return {
    resourceSpans: [
      resource(front, [
        span('1', null, 'GET /ä?token=1', 2, 0, 5_000_000, {
          'http.status_code': { intValue: '503' },
          'service.version': text('v2'),
        }),
        span('2', '1', 'call', 3, 1, 1_000_000, {
          'http.status_code': text('0'),
          response_flags: text('UT'),
          'peer.service': text('back'),
        }),
        span('3', '1', 'within', 1, 10, 1, { error: { boolValue: true } }),
        span('4', '1', 'no kind', 0, 2_000_000, 0, { 'db.system': text('redis'), 'messaging.system': text('kafka') }),
        span('5', '1', 'send', 4, 2_000_000, 1, { 'rpc.grpc.status_code': { intValue: '14' } }),
        span('6', '5', 'got', 5, 6_000_000, 1, {}, { status: { code: 2, message: 'in vain' } }),
        span('7', '1', 'well', 3, 2_500_000, 1, { 'http.response.status_code': { intValue: '500' } }, { status: { code: 1 } }),
        span('8', 'dead', 'orphan', 3, 2_600_000, 1, { 'http.url': text('http://u:p@x/y?z=1') }),
        span('d', null, 'follows', 1, 3_000_000, 1, {}, { links: [{ traceId: oddId, spanId: '0000000000000007' }] }),
        span('e', '1', 'linked', 5, 3_100_000, 1, {}, { links: [{ traceId: oddId, spanId: '0000000000000001' }] }),
        span('9', '1', 'in words', 3, 2_600_000, 1, { error: text('connection reset') }),
      ]),
      resource({ 'service.name': text('back') }, [
        span('b', '2', 'call', 2, 2, 900_000, {}),
        span('c', 'b', 'work', 1, 3, 800, {}, { links: [{ traceId: oddId, spanId: '0000000000000003' }] }),
      ]),
    ],
  };
};

/** As Brave and Envoy's default write a call: the server under the client's id (openzipkin/b3-propagation, "shared spans"). */
const sharedHalves = ({ startMs }: Window): readonly object[] => {
  const span = { traceId: 'beef00000000000a', id: '00000000000000a1', name: 'get', timestamp: startMs * 1000, duration: 900 };
  return [
    { ...span, kind: 'CLIENT', localEndpoint: { serviceName: 'frontend' } },
    {
      ...span,
      kind: 'SERVER',
      shared: true,
      timestamp: span.timestamp + 100,
      duration: 700,
      localEndpoint: { serviceName: 'checkout' },
    },
    {
      ...span,
      id: '00000000000000a2',
      parentId: span.id,
      kind: 'CLIENT',
      timestamp: span.timestamp + 200,
      duration: 500,
      localEndpoint: { serviceName: 'checkout' },
    },
  ];
};

/** All that every store can tell: Zipkin writes the names of operations in lower case. */
const told = (trace: ReceivedTrace | null): Trace | null => {
  if (trace === null) return null;
  const ordered = orderTrace(trace);
  const spans = ordered.spans.map((span) => ({ ...span, operation: span.operation.toLowerCase() }));
  return { ...ordered, spans };
};

describe.skipIf(missing.length > 0)(`one story told to real stores${skipped}`, () => {
  const window = storyWindow(Date.now());
  const servers: TraceServer[] = [];
  const sources: TraceSource[] = [];
  const posted = new Map(readTraces(JSON.stringify(asOtlp(storySpans(window)))).map((trace) => [trace.id, trace]));
  const patience = () => ({ signal: AbortSignal.timeout(20_000) });
  beforeAll(async () => {
    servers.push(await startJaeger(pathOf(engines.jaeger)), await startZipkin(pathOf(engines.zipkin)));
    for (const server of servers) await server.tell(storySpans(window));
    const [first, second] = servers.map(({ url }) => url);
    const open = (name: string, url = '') => httpSource({ name, url });
    const pages = open('Jaeger', first);
    const older = {
      ...pages,
      request: (call: Parameters<typeof pages.request>[0]) => {
        const isNewer = call.path.startsWith('api/v3/');
        return isNewer ? Promise.resolve({ status: 404, headers: {}, text: '404 page not found' }) : pages.request(call);
      },
    };
    sources.push(jaeger(pages, systemClock), jaeger(older, systemClock), zipkin(open('Zipkin', second), systemClock));
  }, 180_000);
  afterAll(async () => {
    for (const server of servers) await server.stop();
  });

  it('is the same by id, all eighteen traces of it', async () => {
    expect(posted.size).toBe(18);
    for (const { id } of story)
      for (const source of sources) expect(told(await source.byId(id, patience()))).toEqual(told(posted.get(id) ?? null));
  }, 60_000);

  it('is the same whatever is odd about it, by both of Jaeger’s APIs', async () => {
    const body = oddTrace(window);
    await servers[0]?.post(body);
    const posted = readTraces(JSON.stringify(body))[0] ?? null;
    for (const source of sources.slice(0, 2)) expect(told(await source.byId(posted?.id ?? '', patience()))).toEqual(told(posted));
  });

  it('is the same where the halves of a call share an id, by Zipkin', async () => {
    const spans = sharedHalves(window);
    await servers[1]?.post(spans);
    const posted = readTraces(JSON.stringify(spans))[0] ?? null;
    const trace = told((await sources[2]?.byId(posted?.id ?? '', patience())) ?? null);
    expect(trace).toEqual(told(posted));
    expect(trace?.spans.map(({ id, parent, service }) => [id, parent, service])).toEqual([
      ['00000000000000a1', null, 'frontend'],
      ['00000000000000a1/server', 0, 'checkout'],
      ['00000000000000a2', 1, 'checkout'],
    ]);
  });

  it('is the same by a search, and holds the edge', async () => {
    const wanted = { edge: storyEdge, window, leastMicros: 1, isFailed: false, most: 18 };
    for (const source of sources) {
      const { traces } = await source.search(wanted, patience());
      expect(traces.map(told)).toEqual(story.map(({ id }) => told(posted.get(id) ?? null)));
      for (const trace of traces) expect(focusOf(orderTrace(trace), storyEdge)).toBe(1);
    }
  }, 60_000);

  it.skipIf(recordings === null)(
    'is the same as recorded from Tempo v3.0.3 (skipped unless EDGEWISE_FIXTURES is set)',
    async () => {
      const file = join(recordings ?? '', 'trace-backends/tempo/v2-trace.json');
      const kept = told(readTraces(readFileSync(file, 'utf8'))[0] ?? null);
      for (const source of sources) {
        const trace = told(await source.byId(worstId, patience()));
        expect({ ...trace, startMicros: 0 }).toEqual({ ...kept, startMicros: 0 });
      }
    },
  );
});
