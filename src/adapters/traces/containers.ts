import { TraceFormatError } from './format-error.ts';
import { entriesOf, isObject, type JsonObject } from './json.ts';
import { described, isOldZipkinSpan } from './refusals.ts';

/** Spans of a document, by the form that they are written in. */
type Part =
  | { readonly form: 'otlp'; readonly resources: readonly unknown[] }
  | { readonly form: 'jaeger'; readonly traces: readonly unknown[] }
  | { readonly form: 'zipkin'; readonly lists: readonly (readonly unknown[])[] };

/** What the documents of an answer hold; `isPartial` where the store says that it is not all. */
export type Contents = { readonly parts: readonly Part[]; readonly isPartial: boolean };

const resourceKeys = ['resourceSpans', 'batches'];

const hasResources = (value: unknown): value is JsonObject =>
  isObject(value) && resourceKeys.some((key) => Object.hasOwn(value, key));

/** OTLP's own envelope, and Tempo's first one. */
const otlpPart = (value: JsonObject): Part => ({ form: 'otlp', resources: resourceKeys.flatMap((key) => entriesOf(value[key])) });

/** Jaeger's newer API wraps OTLP in `result`, Tempo's in `trace`; both leave it empty where there is nothing. */
const envelopes = ['result', 'trace'];

const isNothing = (value: unknown): boolean => value === null || (isObject(value) && Object.keys(value).length === 0);

const envelopePart = (value: JsonObject): Part | null => {
  const key = envelopes.find((one) => Object.hasOwn(value, one));
  const inner = key === undefined ? undefined : value[key];
  if (hasResources(inner)) return otlpPart(inner);
  return isNothing(inner) ? { form: 'otlp', resources: [] } : null;
};

const isJaegerTrace = (value: unknown): boolean => isObject(value) && Array.isArray(value['spans']);

/** `{data: [{traceID, spans, processes}]}`; Prometheus says `data` too, beside a status. */
const jaegerPart = (value: JsonObject): Part | null => {
  if (isJaegerTrace(value)) return { form: 'jaeger', traces: [value] };
  const { data } = value;
  if (value['status'] !== undefined || !Object.hasOwn(value, 'data')) return null;
  if (isJaegerTrace(data)) return { form: 'jaeger', traces: [data] };
  if (Array.isArray(data)) return data.length === 0 || data.some(isJaegerTrace) ? { form: 'jaeger', traces: data } : null;
  return data === null && !value['errors'] ? { form: 'jaeger', traces: [] } : null;
};

const isZipkinSpan = (value: unknown): boolean =>
  isObject(value) && typeof value['traceId'] === 'string' && 'id' in value && !isOldZipkinSpan(value);

const listPart = (list: readonly unknown[]): Part | null => {
  if (list.length === 0 || list.some(isZipkinSpan)) return { form: 'zipkin', lists: [list] };
  if (list.some(isJaegerTrace)) return { form: 'jaeger', traces: list };
  const lists = list.map((one) => (Array.isArray(one) ? one : [one]));
  const isNested = lists.every((one) => one.length === 0) || lists.some((one) => one.some(isZipkinSpan));
  return isNested ? { form: 'zipkin', lists } : null;
};

const partOf = (value: unknown): Part | null => {
  if (Array.isArray(value)) return listPart(value);
  if (!isObject(value)) return null;
  return hasResources(value) ? otlpPart(value) : (envelopePart(value) ?? jaegerPart(value));
};

const isAnswer = (value: unknown): boolean =>
  hasResources(value) ||
  (isObject(value) && (envelopePart(value) !== null || (!isJaegerTrace(value) && jaegerPart(value) !== null)));

/** A list of whole answers is read like answers one after the other. */
const unwrapped = (document: unknown): readonly unknown[] =>
  Array.isArray(document) && document.some(isAnswer) ? document : [document];

/** Spans of Zipkin that stand one on a line are one list. */
const gathered = (values: readonly unknown[]): readonly unknown[] => {
  const spans = values.filter(isZipkinSpan);
  return spans.length === 0 ? values : [...values.filter((value) => !isZipkinSpan(value)), spans];
};

/** Tempo cuts a trace that is too large for it, and says so (grafana.com/docs/tempo, "Query V2"). */
const isCut = (document: unknown): boolean =>
  isObject(document) && Object.hasOwn(document, 'trace') && (document['status'] === 'PARTIAL' || document['status'] === 1);

/**
 * What is in the documents of one answer. Throws `TraceFormatError` where none of them holds traces; beside others, one that holds none is a
 * stream that ended in an error.
 */
export const contentsOf = (documents: readonly unknown[]): Contents => {
  const values = gathered(documents.flatMap(unwrapped));
  const read = values.map(partOf);
  const parts = read.filter((part) => part !== null);
  if (parts.length === 0) throw new TraceFormatError(described(values[0]));
  return { parts, isPartial: parts.length < read.length || values.some(isCut) };
};
