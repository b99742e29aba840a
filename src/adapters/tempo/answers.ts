import { SourceError } from '../../domain/gathered.ts';
import type { ReceivedTrace } from '../../domain/trace.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/json.ts';
import { nameWithoutSecrets } from '../traces/addresses.ts';
import { TraceFormatError } from '../traces/format-error.ts';
import { readTraces } from '../traces/wire.ts';

/** Tempo complains in plain text; pages come from whatever stands before it. */
const wordsOf = (text: string): string => {
  const words = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return words === '' || /^[<{[]/.test(words) ? '' : nameWithoutSecrets(words).slice(0, 140);
};

/** What an answer that is no 200 means. */
export const failureOf = (name: string, answer: HttpAnswer): SourceError => {
  const { status, text } = answer;
  const words = wordsOf(text);
  if (status === 401 && /no org id/i.test(text)) return new SourceError(name, 'refused', 'wants the name of a tenant (HTTP 401)');
  if (status === 413 || status === 422)
    return new SourceError(name, 'too-expensive', `has it, but it is larger than it may give back (HTTP ${status})`);
  const known = statusError(name, answer);
  if (known) return known;
  return new SourceError(name, 'unsupported', `did not understand the question (${words === '' ? `HTTP ${status}` : words})`);
};

/** The trace in a good answer; null where it holds none, as the second version of the API says that there is none. */
export const traceIn = (name: string, id: string, { text }: HttpAnswer): ReceivedTrace | null => {
  try {
    return readTraces(text).find((trace) => trace.id === id) ?? null;
  } catch (cause) {
    if (!(cause instanceof TraceFormatError)) throw cause;
    const what = /^\s*</.test(text) ? 'a web page' : cause.what;
    throw new SourceError(name, 'malformed', `answered with ${what} instead of a trace`, { cause });
  }
};
