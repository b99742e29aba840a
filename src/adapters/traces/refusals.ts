import { isObject, type JsonObject } from './json.ts';

/** What JSON without a trace is, for those who sent it or asked for it. */

/** Names of keys, as far as they are plain words: the rest is foreign text. */
const keysOf = (value: JsonObject): string => {
  const words = Object.keys(value).filter((key) => /^[\w.:-]{1,30}$/.test(key));
  return words.length === 0 ? '' : ` with the keys ${words.slice(0, 3).join(', ')}`;
};

const hasAny = (value: JsonObject, ...keys: readonly string[]): boolean =>
  keys.some((key) => value[key] !== undefined && value[key] !== null);

/** 404 of `{error: {httpCode}}` and `{errors: [{code}]}`: both are Jaeger's. */
const codeOf = ({ error, errors, code }: JsonObject): string => {
  const first = Array.isArray(errors) ? errors[0] : error;
  const found = isObject(first) ? (first['httpCode'] ?? first['code']) : code;
  return typeof found === 'number' ? ` (${found})` : '';
};

/** Of Zipkin's first JSON, which has its times and services among its annotations (openzipkin/zipkin-api, zipkin-api.yaml). */
export const isOldZipkinSpan = (value: JsonObject): boolean => Object.hasOwn(value, 'binaryAnnotations');

const describeObject = (value: JsonObject): string => {
  const { status } = value;
  if ((status === 'success' || status === 'error') && hasAny(value, 'data', 'errorType')) return 'an answer of Prometheus';
  if (hasAny(value, 'error', 'errors', 'message')) return `an error answer${codeOf(value)}`;
  if (hasAny(value, 'traces')) return 'hits of a search, which name traces without their spans';
  if (hasAny(value, 'summaries')) return 'summaries of traces without their spans';
  if (Array.isArray(value['data'])) return describeList(value['data']);
  return Object.keys(value).length === 0 ? 'an empty JSON object' : `a JSON object${keysOf(value)}`;
};

const describeList = (list: readonly unknown[]): string => {
  if (list.every((one) => typeof one === 'string')) return 'a list of names';
  const first = list.find(isObject);
  if (list.flat().some((one) => isObject(one) && isOldZipkinSpan(one))) return "spans of Zipkin's version 1";
  return first === undefined ? 'a list without spans' : `a list of JSON objects${keysOf(first)}`;
};

/** "hits of a search, which name traces without their spans" */
export const described = (value: unknown): string => {
  if (isObject(value)) return describeObject(value);
  return Array.isArray(value) ? describeList(value) : `the JSON value ${typeof value === 'string' ? 'of a text' : String(value)}`;
};

const idKeys = ['traceID', 'traceId', 'spanID', 'spanId', 'id'];

/** What stands in place of the ids of an entry: `traceId "zz", id 7`. */
export const idsGiven = (entry: unknown): string => {
  if (!isObject(entry)) return 'no fields';
  const told = idKeys.filter((key) => Object.hasOwn(entry, key));
  const shown = (value: unknown): string => (JSON.stringify(value) ?? '').slice(0, 40).toWellFormed();
  return told.length === 0 ? 'none' : told.map((key) => `${key} ${shown(entry[key])}`).join(', ');
};
