import type { ZipkinSpan } from './zipkin-span.ts';

/** The questions of Zipkin's search, and what it answers to those it does not take (measured of Zipkin 3.6.1). */

/** Null: of any. Names are in lower case. */
export type TraceQuery = {
  readonly serviceName: string | null;
  readonly remoteServiceName: string | null;
  readonly spanName: string | null;
  /** A tag or annotation by its name; where a value is given, with that one. */
  readonly annotations: readonly (readonly [name: string, value: string | null])[];
  readonly leastMicros: number | null;
  readonly mostMicros: number | null;
  readonly endMs: number;
  readonly lookbackMs: number;
  readonly limit: number;
};

/** In the words of Zipkin, which are the body of its 400. */
export class Refusal extends Error {}

const dayMs = 86_400_000;

const nameIn = (given: URLSearchParams, key: string): string | null => {
  const name = given.get(key)?.toLowerCase() ?? '';
  return name === '' || name === 'all' ? null : name;
};

const wholeIn = (given: URLSearchParams, key: string): number | null => {
  const text = given.get(key);
  if (text === null || text === '') return null;
  if (!/^[+-]?\d+$/.test(text)) throw new Refusal(`For input string: "${text}"`);
  const value = Number(text);
  if (value <= 0) throw new Refusal(`${key} <= 0`);
  return value;
};

/** "error and http.status_code=503"; nothing but "and" is understood. */
const annotationsIn = (text: string): TraceQuery['annotations'] =>
  text
    .split(' and ')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? ([part, null] as const) : ([part.slice(0, at), part.slice(at + 1)] as const);
    });

/** Reads the parameters of a search; throws `Refusal`. */
export const queryOf = (given: URLSearchParams, nowMs: number): TraceQuery => {
  const leastMicros = wholeIn(given, 'minDuration');
  const mostMicros = wholeIn(given, 'maxDuration');
  if (mostMicros !== null && leastMicros === null) throw new Refusal('maxDuration is only valid with minDuration');
  if (mostMicros !== null && leastMicros !== null && mostMicros < leastMicros) throw new Refusal('maxDuration < minDuration');
  return {
    serviceName: nameIn(given, 'serviceName'),
    remoteServiceName: nameIn(given, 'remoteServiceName'),
    spanName: nameIn(given, 'spanName'),
    annotations: annotationsIn(given.get('annotationQuery') ?? ''),
    leastMicros,
    mostMicros,
    endMs: wholeIn(given, 'endTs') ?? nowMs,
    lookbackMs: wholeIn(given, 'lookback') ?? dayMs,
    limit: wholeIn(given, 'limit') ?? 10,
  };
};

const bears = (span: ZipkinSpan, name: string, value: string | null): boolean => {
  const tag = span.tags?.[name];
  if (tag !== undefined) return value === null || tag === value;
  return value === null && (span.annotations ?? []).some((annotation) => annotation.value === name);
};

/** Each condition may be met by a span of its own, but all of them by spans of the one service that is asked for. */
export const isMet = (query: TraceQuery, spans: readonly ZipkinSpan[]): boolean => {
  const { serviceName, remoteServiceName, spanName, annotations, leastMicros, mostMicros } = query;
  const own = serviceName === null ? spans : spans.filter(({ localEndpoint }) => localEndpoint?.serviceName === serviceName);
  const isLong = ({ duration = 0 }: ZipkinSpan): boolean =>
    leastMicros === null || (duration >= leastMicros && duration <= (mostMicros ?? Number.POSITIVE_INFINITY));
  return (
    own.length > 0 &&
    own.some(isLong) &&
    (spanName === null || own.some(({ name }) => name === spanName)) &&
    (remoteServiceName === null || own.some(({ remoteEndpoint }) => remoteEndpoint?.serviceName === remoteServiceName)) &&
    annotations.every(([name, value]) => own.some((span) => bears(span, name, value)))
  );
};
