import { readTraces } from '../../../src/adapters/traces/wire.ts';
import type { ReceivedSpan } from '../../../src/domain/trace.ts';

/** The same two spans in every form: a call of `web` and its answer by `cart`, which failed. */
export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const [callId, answerId] = ['00f067aa0ba902b7', '53995c3f42cd8ad8'];
const startMicros = 1_795_392_000_000_001;

const nanos = (micros: number): string => `${BigInt(micros) * 1000n}`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

type Ids = { readonly trace: string; readonly call: string; readonly answer: string };
export const hex: Ids = { trace: traceId, call: callId, answer: answerId };
const base64Of = (id: string): string => Buffer.from(id, 'hex').toString('base64');
export const base64: Ids = { trace: base64Of(traceId), call: base64Of(callId), answer: base64Of(answerId) };

export const resourceSpans = (ids: Ids = hex, scopes = 'scopeSpans') => [
  {
    resource: { attributes: [text('service.name', 'web'), text('k8s.pod.name', 'web-1')] },
    [scopes]: [
      {
        scope: { name: 'http' },
        spans: [
          {
            traceId: ids.trace,
            spanId: ids.call,
            name: 'GET /cart',
            kind: 3,
            startTimeUnixNano: nanos(startMicros),
            endTimeUnixNano: nanos(startMicros + 900),
            attributes: [text('peer.service', 'cart'), { key: 'http.status_code', value: { intValue: '200' } }],
            status: {},
          },
        ],
      },
    ],
  },
  {
    resource: { attributes: [text('service.name', 'cart')] },
    [scopes]: [
      { scope: { name: 'empty' }, spans: [] },
      {
        scope: { name: 'http' },
        spans: [
          {
            traceId: ids.trace,
            spanId: ids.answer,
            parentSpanId: ids.call,
            name: 'GET /cart',
            kind: 'SPAN_KIND_SERVER',
            startTimeUnixNano: nanos(startMicros + 100),
            endTimeUnixNano: nanos(startMicros + 600),
            attributes: [],
            status: { code: 'STATUS_CODE_ERROR', message: 'no' },
          },
        ],
      },
    ],
  },
];

const tag = (key: string, value: unknown) => ({ key, type: 'string', value });

export const jaegerTrace = {
  traceID: traceId,
  spans: [
    {
      traceID: traceId,
      spanID: callId,
      operationName: 'GET /cart',
      references: [],
      startTime: startMicros,
      duration: 900,
      tags: [tag('span.kind', 'client'), tag('peer.service', 'cart'), { key: 'http.status_code', type: 'int64', value: 200 }],
      logs: [],
      processID: 'p1',
      warnings: null,
    },
    {
      traceID: traceId,
      spanID: answerId,
      operationName: 'GET /cart',
      references: [{ refType: 'CHILD_OF', traceID: traceId, spanID: callId }],
      startTime: startMicros + 100,
      duration: 500,
      tags: [tag('span.kind', 'server'), { key: 'error', type: 'bool', value: true }],
      logs: [],
      processID: 'p2',
      warnings: null,
    },
  ],
  processes: {
    p1: { serviceName: 'web', tags: [tag('k8s.pod.name', 'web-1')] },
    p2: { serviceName: 'cart', tags: [] },
  },
  warnings: null,
};

export const zipkinSpans = [
  {
    traceId,
    id: callId,
    kind: 'CLIENT',
    name: 'get /cart',
    timestamp: startMicros,
    duration: 900,
    localEndpoint: { serviceName: 'web', ipv4: '10.0.0.1' },
    remoteEndpoint: { serviceName: 'cart' },
    tags: { 'http.status_code': '200', 'k8s.pod.name': 'web-1' },
  },
  {
    traceId,
    id: answerId,
    parentId: callId,
    kind: 'SERVER',
    name: 'get /cart',
    timestamp: startMicros + 100,
    duration: 500,
    localEndpoint: { serviceName: 'cart' },
    tags: { error: '' },
  },
];

/** What the two spans are, whatever they were written in. */
export const expected: readonly ReceivedSpan[] = [
  {
    traceId,
    id: callId,
    parentId: null,
    isShared: false,
    isAsync: false,
    service: 'web',
    operation: 'GET /cart',
    kind: 'client',
    startMicros,
    durationMicros: 900,
    isError: false,
    attributes: { 'http.status_code': '200', 'k8s.pod.name': 'web-1', 'peer.service': 'cart' },
  },
  {
    traceId,
    id: answerId,
    parentId: callId,
    isShared: false,
    isAsync: false,
    service: 'cart',
    operation: 'GET /cart',
    kind: 'server',
    startMicros: startMicros + 100,
    durationMicros: 500,
    isError: true,
    attributes: {},
  },
];

/** The only span of what is read. */
export const only = (document: unknown): ReceivedSpan => {
  const [span] = readTraces(JSON.stringify(document)).flatMap(({ spans }) => spans);
  if (!span) throw new Error('no span');
  return span;
};

/** One span of OTLP with what is given in place of the usual. */
export const otlp = (given: object, resource: readonly object[] = []) => ({
  resourceSpans: [
    { resource: { attributes: resource }, scopeSpans: [{ spans: [{ traceId, spanId: callId, name: 'x', ...given }] }] },
  ],
});

export const jaeger = (given: object, processes: object = {}) => ({
  data: [{ traceID: traceId, spans: [{ traceID: traceId, spanID: callId, operationName: 'x', ...given }], processes }],
});

export const zipkin = (given: object) => [{ traceId, id: callId, name: 'x', ...given }];
