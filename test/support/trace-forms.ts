import type { ToldSpan } from './trace-story.ts';

/** Spans of the story as stores are told them. */

const textOf = (key: string, value: string) => ({ key, value: { stringValue: value } });

const otlpSpan = (span: ToldSpan) => ({
  traceId: span.traceId,
  spanId: span.id,
  ...(span.parentId === null ? {} : { parentSpanId: span.parentId }),
  name: span.name,
  kind: span.kind === 'server' ? 2 : 3,
  startTimeUnixNano: `${span.startMicros}000`,
  endTimeUnixNano: `${span.startMicros + span.durationMicros}000`,
  attributes: [
    ...(span.code === null
      ? [textOf('db.system', 'postgresql')]
      : [{ key: 'http.status_code', value: { intValue: `${span.code}` } }]),
    ...(span.parentId === null ? [textOf('http.method', 'GET')] : []),
    ...(span.peer === null ? [] : [textOf('peer.service', span.peer)]),
    ...(span.cluster === null ? [] : [textOf('upstream_cluster.name', span.cluster)]),
  ],
  status: span.isFailed ? { code: 2 } : {},
});

/** The body of `POST /v1/traces` (OTLP/HTTP, JSON). */
export const asOtlp = (spans: readonly ToldSpan[]): object => ({
  resourceSpans: [...Map.groupBy(spans, ({ service }) => service)].map(([service, own]) => ({
    resource: { attributes: [textOf('service.name', service), textOf('k8s.namespace.name', 'shop')] },
    scopeSpans: [{ spans: own.map(otlpSpan) }],
  })),
});

const zipkinSpan = (span: ToldSpan) => ({
  traceId: span.traceId,
  id: span.id,
  ...(span.parentId === null ? {} : { parentId: span.parentId }),
  name: span.name,
  kind: span.kind.toUpperCase(),
  timestamp: span.startMicros,
  duration: span.durationMicros,
  localEndpoint: { serviceName: span.service },
  ...(span.peer === null ? {} : { remoteEndpoint: { serviceName: span.peer } }),
  tags: {
    'k8s.namespace.name': 'shop',
    ...(span.code === null ? { 'db.system': 'postgresql' } : { 'http.status_code': `${span.code}` }),
    ...(span.parentId === null ? { 'http.method': 'GET' } : {}),
    ...(span.cluster === null ? {} : { 'upstream_cluster.name': span.cluster }),
    ...(span.isFailed ? { error: '' } : {}),
  },
});

/** The body of `POST /api/v2/spans` (Zipkin's JSON, version 2). */
export const asZipkin = (spans: readonly ToldSpan[]): readonly object[] => spans.map(zipkinSpan);
