import { type Recording, sourceNames } from '../shape.ts';
import type { Manner } from './words.ts';

/** What becomes of a text that may hold names. */
type Change = (text: string, manner: Manner) => string;

/** Ids and kinds, the names of Jaeger's processes, times and counts as text, marks of an answer that is not whole: nobody's names. */
const ownKeys =
  /^(traceI[dD]|spanI[dD]|parent(Span)?I[dD]|id|kind|refType|processID|code|status|key|type|value|(start|end)TimeUnixNano|startTime|duration|timestamp|duration(Nanos|Ms)|(completed|total)Jobs)$/;

/** Attributes that hold a code, a protocol or an id, and never a name. */
const ownAttributes =
  /^(span\.kind|component|error|response_flags|guid:x-request-id|http\.(request\.)?method|http\.(response\.)?status_code|http\.protocol|(rpc\.)?grpc\.status_code|rpc\.system|db\.system(\.name)?|messaging\.system|otel\.status_code|sampl.*)$/;

const pods = /^(node_id|k8s\.pod\.name|host\.name)$/;
const texts = /^(http\.(url|route|target)|url\..*|grpc\.path|rpc\.method)$/;

const attributeManner = (key: string): Manner => {
  if (pods.test(key)) return 'pod';
  return texts.test(key) ? 'words' : 'name';
};

/** What is listed without a key: services. */
const isName = (key: string): boolean => /^(|data|services|serviceName)$/.test(key);

const isAttributes = (key: string): boolean => key === 'attributes' || key === 'tags';

const deepest = 32;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every text of an attribute's value, whatever wraps it. */
const inValue = (value: unknown, change: (text: string) => string, depth = 0): unknown => {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((one) => inValue(one, change, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inValue(inner, change, depth + 1)]));
};

const attribute = (key: string, value: unknown, change: Change): unknown =>
  ownAttributes.test(key) ? value : inValue(value, (text) => change(text, attributeManner(key)));

const listed = (one: unknown, change: Change): unknown =>
  isObject(one) && typeof one['key'] === 'string' ? { ...one, value: attribute(one['key'], one['value'], change) } : one;

/**
 * The answer of a trace store with every text in it changed that may hold names: names of services and operations, attributes, complaints. Its keys
 * are the store's own (see `sharedAnswer`, which leaves no others).
 */
export const changedTraces = (value: unknown, change: Change, key = '', depth = 0): unknown => {
  if (depth > deepest) return null;
  if (typeof value === 'string') return ownKeys.test(key) ? value : change(value, isName(key) ? 'name' : 'words');
  if (Array.isArray(value))
    return value.map((one) => (isAttributes(key) ? listed(one, change) : changedTraces(one, change, key, depth + 1)));
  if (!isObject(value)) return value;
  const inside = (name: string, inner: unknown): unknown =>
    key === 'tags' ? attribute(name, inner, change) : changedTraces(inner, change, name, depth + 1);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inside(name, inner)]));
};

/** Ids of a span: digits that may read like a word by chance. */
export const idsOfSpans = /"(?:traceI[dD]|spanI[dD]|parent(?:Span)?I[dD]|id)":"[^"]{0,44}"/g;

/** Whether a word is the id of a trace that the store was asked for or told of: an alert may say it too. */
export const traceIdsIn = ({ cluster, exchanges }: Recording): ((word: string) => boolean) => {
  const { traces } = sourceNames(cluster);
  const found = new Set<string>();
  for (const exchange of exchanges) {
    if (exchange.source !== traces) continue;
    const told = 'body' in exchange ? (exchange.body.match(idsOfSpans) ?? []).join() : '';
    for (const [id] of `${exchange.path}${told}`.matchAll(/[0-9a-f]{16,32}/g)) found.add(id);
  }
  return (word) => found.has(word);
};
