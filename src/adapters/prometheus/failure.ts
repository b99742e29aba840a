import { SourceError } from '../../domain/gathered.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/json.ts';
import { errorAnswer } from './schema.ts';

/** What a failed query means; the body is Prometheus' own JSON, or a proxy's page. */
export const failureOf = (name: string, answer: HttpAnswer): SourceError => {
  const parsed = errorAnswer.safeParse(tryJson(answer.text));
  if (!parsed.success)
    return (
      statusError(name, answer) ??
      new SourceError(name, 'malformed', `answered with HTTP ${answer.status} and no Prometheus error`)
    );
  const { errorType, error } = parsed.data;
  const short = error.replace(/\s+/g, ' ').slice(0, 160);
  if (errorType === 'timeout' || errorType === 'canceled')
    return new SourceError(name, 'timeout', `gave the query up (${short})`);
  if (/too many samples|maximum number of (samples|series)|exceeded|limit/i.test(error))
    return new SourceError(name, 'too-expensive', `refused an expensive query (${short})`);
  if (errorType === 'unavailable' || errorType === 'internal')
    return new SourceError(name, 'unreachable', `is in trouble (${short})`);
  return new SourceError(name, 'unsupported', `did not understand the query (${short})`);
};

const tryJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
