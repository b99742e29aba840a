import { SourceError } from '../../domain/gathered.ts';
import type { HttpAnswer } from '../http/client.ts';
import { pageError, refusalOf } from '../traces/answers.ts';
import { isObject } from '../traces/json.ts';

/**
 * Jaeger's two ways to be asked: `/api/v3` speaks OTLP; the older `/api`, which its own pages used, lost its search after version 2.20 and is all
 * that some who imitate Jaeger have (jaegertracing/jaeger#9260; VictoriaTraces).
 */
export type Form = 'v3' | 'legacy';

/** The codes of "not found" of HTTP and of gRPC (grpc.io, "Status codes"). */
const isNotFoundCode = (code: unknown): boolean => code === 404 || code === 5;

/** No trace of that id, or none that matches: Jaeger says so with the status of an address that is not there, and JSON that an address has not. */
export const isNotFound = ({ status, text }: HttpAnswer): boolean => {
  if (status !== 404) return false;
  try {
    const value: unknown = JSON.parse(text);
    const { error, errors, code, message } = isObject(value) ? value : {};
    const first = Array.isArray(errors) ? errors[0] : error;
    if (isObject(first)) return [first['httpCode'], first['grpcCode'], first['code']].some(isNotFoundCode);
    // gRPC's gateway: an address that it does not know is "Not Found" too. A bare 404 is of Kubernetes, whose API was asked for a service.
    return code === 5 && message !== 'Not Found';
  } catch {
    return false;
  }
};

/** The whole API is missing: up to 2.15 the answer is then Jaeger's page with 200, later a text with 404. All that it says itself is JSON. */
const isMissing = ({ status, text }: HttpAnswer): boolean =>
  (status === 200 || status === 400 || status === 404 || status === 405 || status === 501) && !/^\s*[{[]/.test(text);

const missingError = (name: string, answer: HttpAnswer): SourceError =>
  refusalOf(name, answer) ??
  (/^\s*</.test(answer.text) ? pageError(name) : new SourceError(name, 'malformed', 'answered with something that is not JSON'));

/** Asks in the form that was answered last, at first in this one, and in the other where that is missing. Throws where both are. */
export const eitherForm = (name: string, preferred: Form) => {
  let known = preferred;
  return async (ask: (form: Form) => Promise<HttpAnswer>): Promise<{ readonly form: Form; readonly answer: HttpAnswer }> => {
    const form = known;
    const answer = await ask(form);
    if (!isMissing(answer)) return { form, answer };
    const other = form === 'v3' ? 'legacy' : 'v3';
    const second = await ask(other);
    if (isMissing(second)) throw missingError(name, form === 'v3' ? answer : second);
    if (second.status === 200 || isNotFound(second)) known = other;
    return { form: other, answer: second };
  };
};
