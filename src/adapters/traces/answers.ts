import { SourceError } from '../../domain/gathered.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/json.ts';
import { nameWithoutSecrets } from './addresses.ts';
import { TraceFormatError } from './format-error.ts';
import { isObject, type JsonObject, shortText } from './json.ts';
import { readTraces } from './wire.ts';

/** Most bytes of all answers that are read at the same time for one search, and of a trace asked for by its id. */
export const maxAnswerBytes = 64 * 1024 * 1024;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What a store complains of in JSON: `{error: {message}}` and `{errors: [{msg}]}` are Jaeger's, `{message}` and `{error}` of what may stand before it. */
const complaintIn = ({ error, errors, message }: JsonObject): string | null => {
  const first = Array.isArray(errors) ? errors[0] : error;
  return (isObject(first) ? shortText(first['message'] ?? first['msg']) : null) ?? shortText(message) ?? shortText(error);
};

/** The store's own words of a refusal, short and without addresses' secrets; empty where it has none, or a page instead. */
const wordsOf = (text: string): string => {
  const value = jsonOf(text);
  const said = isObject(value) ? complaintIn(value) : /^\s*[<[{]/.test(text) ? null : shortText(text);
  return nameWithoutSecrets((said ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()).slice(0, 120);
};

/** What an answer that is no 2xx means; null for one that is. Jaeger writes JSON as `text/plain`, Zipkin text as `text/*`: only the body tells. */
export const refusalOf = (name: string, answer: HttpAnswer): SourceError | null => {
  const { status, text } = answer;
  if (status < 300) return null;
  const words = wordsOf(text);
  const cited = words === '' ? `HTTP ${status}` : `HTTP ${status}: ${words}`;
  if (status >= 500) return new SourceError(name, 'unreachable', `is in trouble (${cited})`);
  return statusError(name, answer) ?? new SourceError(name, 'unsupported', `refused the question (${cited})`);
};

/** A stream that fails before its first trace has begun with "200" already (grpc-ecosystem/grpc-gateway, "Stream errors"). */
const failureIn = (name: string, text: string): SourceError | null => {
  const value = jsonOf(text);
  const isFailure = isObject(value) && value['status'] === undefined && Boolean(value['error'] ?? value['errors']);
  const words = isFailure ? wordsOf(text) : '';
  return words === '' ? null : new SourceError(name, 'unreachable', `is in trouble (${words})`);
};

/** The traces of a good answer; throws the `SourceError` of any other. */
export const tracesIn = (name: string, answer: HttpAnswer): readonly ReceivedTrace[] => {
  const refusal = refusalOf(name, answer);
  if (refusal !== null) throw refusal;
  try {
    return readTraces(answer.text);
  } catch (cause) {
    if (!(cause instanceof TraceFormatError)) throw cause;
    if (/^\s*</.test(answer.text)) throw pageError(name);
    throw (
      failureIn(name, answer.text) ??
      new SourceError(name, 'malformed', `answered with ${cause.what} instead of traces`, { cause })
    );
  }
};

/** A page where JSON was asked for. */
export const pageError = (name: string): SourceError =>
  new SourceError(name, 'malformed', 'answered with a web page instead of JSON: is a login or another program in front?');
