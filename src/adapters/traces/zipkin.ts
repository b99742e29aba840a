import { withoutSecrets } from './addresses.ts';
import { attributesOf, type Facts, serviceOf, zipkinFacts } from './attributes.ts';
import type { Ids } from './ids.ts';
import { isObject, shortText } from './json.ts';
import { microsOf } from './micros.ts';
import { type Entry, kindOf, noSpan, operationOf, saysError } from './told.ts';

/** Zipkin's JSON, version 2 (openzipkin/zipkin-api, zipkin2-api.yaml). */

const endpointName = (endpoint: unknown): string | null => (isObject(endpoint) ? shortText(endpoint['serviceName']) : null);

/** Zero is no time here: Zipkin's own way to say "unknown". */
const timeOf = (value: unknown): number | null => microsOf(value) || null;

const withPeer = (facts: Facts, peer: string | null): Facts =>
  peer === null ? facts : { 'peer.service': withoutSecrets('peer.service', peer), ...facts };

const entryOf = (span: unknown, ids: Ids): Entry => {
  const traceId = isObject(span) ? ids.trace(span['traceId']) : null;
  const id = isObject(span) ? ids.span(span['id']) : null;
  if (!isObject(span) || traceId === null || id === null) return noSpan(traceId, span);
  const facts = withPeer(zipkinFacts(span['tags']), endpointName(span['remoteEndpoint']));
  return {
    traceId,
    span: {
      traceId,
      id,
      parentId: ids.span(span['parentId']),
      isShared: span['shared'] === true,
      isAsync: false,
      service: endpointName(span['localEndpoint']) ?? serviceOf(facts),
      operation: operationOf(span['name']),
      kind: kindOf(span['kind']) ?? kindOf(facts['span.kind']),
      startMicros: timeOf(span['timestamp']),
      durationMicros: timeOf(span['duration']),
      isError: saysError(facts),
      attributes: attributesOf(facts),
    },
  };
};

const lowHalf = (traceId: string): string => (traceId.length === 32 ? traceId.slice(16) : traceId);

/**
 * Entries of one list of spans. A server that is not strict about trace ids joins what agrees in the lower half, where one tracer writes 64
 * bits and the next 128 (openzipkin/zipkin, zipkin-server/README.md, STRICT_TRACE_ID): they are one trace, under the widest of its ids.
 */
export const zipkinEntries = (spans: readonly unknown[], ids: Ids): readonly Entry[] => {
  const widest = new Map<string, string>();
  for (const span of spans) {
    const id = isObject(span) ? ids.trace(span['traceId']) : null;
    if (id !== null && id > (widest.get(lowHalf(id)) ?? '')) widest.set(lowHalf(id), id);
  }
  const trace = (value: unknown): string | null => {
    const id = ids.trace(value);
    return id === null ? null : (widest.get(lowHalf(id)) ?? id);
  };
  return spans.map((span) => entryOf(span, { ...ids, trace }));
};
