import { sharedAttributes } from '../../domain/trace.ts';
import { withoutSecrets } from './addresses.ts';
import { isObject, listOf, shortText } from './json.ts';

/** What a span and its resource say about themselves, as text: the shared attributes, and `service.name`. */
export type Facts = Readonly<Record<string, string>>;

const serviceName = 'service.name';
const known: ReadonlySet<string> = new Set([...sharedAttributes, serviceName]);

/** Deeper lists and maps are not written out. */
const maxDepth = 3;

const scalar = (value: unknown): unknown => (typeof value === 'object' ? null : value);

/** OTLP's AnyValue as what it holds (opentelemetry-proto, common.proto). Depth is bounded: nothing that is read here is a tree. */
const plain = (value: unknown, depth = 0): unknown => {
  if (!isObject(value) || depth > maxDepth) return null;
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (isObject(arrayValue)) return listOf(arrayValue['values']).map((one) => plain(one, depth + 1));
  if (isObject(kvlistValue)) {
    const pairs = listOf(kvlistValue['values']).filter(isObject);
    return Object.fromEntries(pairs.map(({ key, value: inner }) => [scalar(key), plain(inner, depth + 1)]));
  }
  return scalar(stringValue ?? boolValue ?? intValue ?? doubleValue ?? bytesValue ?? null);
};

const text = (value: unknown): string | null => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return shortText(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
};

/** Only known keys are set, so that no foreign one meets a prototype. */
type Collected = Record<string, string>;

/**
 * The later of two wins; but an error is never unsaid by a second tag of that name, which Jaeger writes beside the first. Some write the error's
 * text there: that may say anything, and stays where it is.
 */
const collect = (facts: Collected, key: unknown, told: unknown, read: (value: unknown) => unknown): void => {
  if (typeof key !== 'string' || !known.has(key)) return;
  const value = text(read(told));
  if (value === null) return;
  if (key === 'error') facts[key] = facts[key] === 'true' || value.toLowerCase() === 'true' ? 'true' : 'false';
  else facts[key] = withoutSecrets(key, value);
};

const listed = (attributes: unknown, read: (value: unknown) => unknown): Facts => {
  const facts: Collected = {};
  for (const one of listOf(attributes)) if (isObject(one)) collect(facts, one['key'], one['value'], read);
  return facts;
};

/** OTLP's list of attributes. */
export const otlpFacts = (attributes: unknown): Facts => listed(attributes, plain);

/** Jaeger's list of tags. */
export const jaegerFacts = (tags: unknown): Facts => listed(tags, scalar);

/** Zipkin's map of tags, in which a tag "error" says that there was one, whatever its text, also without any. */
export const zipkinFacts = (tags: unknown): Facts => {
  const facts: Collected = {};
  if (!isObject(tags)) return facts;
  for (const key of Object.keys(tags)) collect(facts, key, key === 'error' ? true : tags[key], scalar);
  return facts;
};

export const serviceOf = (facts: Facts): string | null => facts[serviceName] ?? null;

/** What a span is, which some stores write as attributes and others in fields of their own. */
const ownFields: ReadonlySet<string> = new Set([serviceName, 'span.kind', 'error', 'otel.status_code']);

/** What may leave the store beside the span's own fields: the same whatever form it came in. */
export const attributesOf = (facts: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => !ownFields.has(name)));
