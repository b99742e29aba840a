import { jaegerFacts, otlpFacts, zipkinFacts } from './attributes.ts';
import { documentsOf } from './documents.ts';
import { TraceFormatError } from './format-error.ts';
import { isObject, type JsonObject } from './json.ts';
import { operationOf } from './told.ts';

/** An answer of a trace store without all that nobody reads of it: of a span what may leave its store (`sharedAttributes`), its place and its times. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** What holds something: of OTLP, of Jaeger, of Zipkin, of Tempo's search and metrics. */
const containers = words(
  `resourceSpans batches resource scopeSpans instrumentationLibrarySpans spans links status result trace data processes process references
  localEndpoint remoteEndpoint traces spanSet spanSets series samples metrics error errors`,
);

const leaves = words(
  `traceId traceID spanId spanID parentSpanId parentSpanID parentId id name operationName kind shared refType processID serviceName
  startTimeUnixNano endTimeUnixNano startTime duration timestamp durationNanos durationMs matched completedJobs totalJobs value
  services data status code msg message error httpCode grpcCode searchEnabled`,
);

/** More than any of these answers is deep. */
const deepest = 16;

const names = words('name operationName');

/** A text at a place where something else is expected might be anything. */
const leaf = (key: string, value: unknown, isRoot: boolean): unknown => {
  if (typeof value === 'string' && names.has(key)) return operationOf(value);
  return isRoot || leaves.has(key) ? value : null;
};

const attributeLists: Readonly<Record<string, (value: unknown) => unknown>> = {
  attributes: (value) => Object.entries(otlpFacts(value)).map(([key, stringValue]) => ({ key, value: { stringValue } })),
  tags: (value) =>
    Array.isArray(value)
      ? Object.entries(jaegerFacts(value)).map(([key, text]) => ({ key, type: 'string', value: text }))
      : zipkinFacts(value),
};

const keptFields = (key: string, value: JsonObject, depth: number): JsonObject => {
  const isMap = key === 'processes';
  const isOutcome = key === 'status';
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]): readonly (readonly [string, unknown])[] => {
      const facts = Object.hasOwn(attributeLists, name) ? attributeLists[name] : undefined;
      if (facts !== undefined && !isMap) return [[name, facts(inner)]];
      // The words of a failure belong to whoever failed.
      if (isOutcome && name !== 'code') return [];
      return isMap || containers.has(name) || leaves.has(name) ? [[name, kept(isMap ? 'process' : name, inner, depth + 1)]] : [];
    }),
  );
};

const kept = (key: string, value: unknown, depth = 0): unknown => {
  if (depth > deepest) return null;
  if (Array.isArray(value)) return value.map((one) => kept(key, one, depth + 1));
  return isObject(value) ? keptFields(key, value, depth) : leaf(key, value, key === '');
};

/**
 * The answer as text, with what is read of it alone; read again, it is the same traces and hits. What is no JSON is the store's complaint, and stays;
 * of JSON that breaks off only that it does.
 */
export const sharedAnswer = (text: string): string => {
  try {
    return documentsOf(text)
      .map((document) => JSON.stringify(kept('', document)))
      .join('\n');
  } catch (error) {
    if (!(error instanceof TraceFormatError)) throw error;
    const [first = ''] = text.trimStart();
    return first === '{' || first === '[' ? first : text;
  }
};
