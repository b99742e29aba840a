import { plausibleMicros } from '../../domain/trace.ts';
import { attributesOf, type Facts, otlpFacts, serviceOf } from './attributes.ts';
import { type Ids, idsOf } from './ids.ts';
import { entriesOf, isObject, type JsonObject, listOf } from './json.ts';
import { microsOfNanos } from './micros.ts';
import { type Entry, isErrorCode, kindOf, noSpan, operationOf, saysError } from './told.ts';

/** OTLP's JSON, as it is and as Tempo and Jaeger's newer API write it (opentelemetry-proto, trace.proto). */

/** A span beside what its resource says. */
type Told = { readonly resource: Facts; readonly span: unknown };

/** Spans of all scopes: a resource has one for each library that made spans. */
const toldBy = (resourceSpans: unknown): readonly Told[] => {
  if (!isObject(resourceSpans)) return [{ resource: {}, span: null }];
  const { resource, scopeSpans, instrumentationLibrarySpans } = resourceSpans;
  const facts = otlpFacts(isObject(resource) ? resource['attributes'] : []);
  return [...entriesOf(scopeSpans), ...entriesOf(instrumentationLibrarySpans)]
    .flatMap((scope) => (isObject(scope) ? entriesOf(scope['spans']) : [null]))
    .map((span) => ({ resource: facts, span }));
};

const isFailed = (status: unknown): boolean => isObject(status) && isErrorCode(status['code']);

/** Start and end are rounded each, so that spans which touched still touch. */
const timesOf = ({ startTimeUnixNano, endTimeUnixNano }: JsonObject) => {
  const end = microsOfNanos(endTimeUnixNano);
  const isZero = startTimeUnixNano === 0 || startTimeUnixNano === '0';
  // A start that says zero is one where the end is counted from there too, as in traces written by hand.
  const start = microsOfNanos(startTimeUnixNano) ?? (isZero && end !== null && end < plausibleMicros ? 0 : null);
  return { startMicros: start, durationMicros: start !== null && end !== null && end >= start ? end - start : null };
};

/**
 * Its parent, which does not wait where the span is linked to it as well; without one, the first of its trace that it is linked to, since
 * Jaeger writes a link and FOLLOWS_FROM as each other.
 */
const parentOf = (
  { parentSpanId, links }: JsonObject,
  traceId: string,
  ids: Ids,
): { readonly parentId: string | null; readonly isAsync: boolean } => {
  const linked = listOf(links)
    .filter(isObject)
    .flatMap((link) => (ids.trace(link['traceId']) === traceId ? (ids.span(link['spanId']) ?? []) : []));
  const parentId = ids.span(parentSpanId) ?? linked[0] ?? null;
  return { parentId, isAsync: parentId !== null && linked.includes(parentId) };
};

const entryOf = ({ resource, span }: Told, ids: Ids): Entry => {
  const traceId = isObject(span) ? ids.trace(span['traceId']) : null;
  const id = isObject(span) ? ids.span(span['spanId']) : null;
  if (!isObject(span) || traceId === null || id === null) return noSpan(traceId, span);
  const facts = { ...resource, ...otlpFacts(span['attributes']) };
  return {
    traceId,
    span: {
      traceId,
      id,
      ...parentOf(span, traceId, ids),
      isShared: false,
      service: serviceOf(resource) ?? serviceOf(facts),
      operation: operationOf(span['name']),
      kind: kindOf(span['kind']) ?? kindOf(facts['span.kind']),
      ...timesOf(span),
      isError: isFailed(span['status']) || saysError(facts),
      attributes: attributesOf(facts),
    },
  };
};

/** Entries of `resourceSpans` or `batches`; one service may come in several of them. `given`: how ids are written, where that is known. */
export const otlpEntries = (resources: readonly unknown[], given: Ids | null): readonly Entry[] => {
  const told = resources.flatMap(toldBy);
  const ids = given ?? idsOf(told.map(({ span }) => (isObject(span) ? span['traceId'] : null)));
  return told.map((one) => entryOf(one, ids));
};
