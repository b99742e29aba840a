import type { z } from 'zod';
import { SourceError } from '../../domain/gathered.ts';
import type { HttpAnswer } from './client.ts';

/** Statuses that mean the same at every back end; null where the vendor's own reading must decide. */
export const statusError = (name: string, answer: HttpAnswer): SourceError | null => {
  const { status } = answer;
  if (status === 401 || status === 403) return new SourceError(name, 'refused', `refused the credentials (HTTP ${status})`);
  if (status === 404) return new SourceError(name, 'absent', 'has no such address (HTTP 404): check the URL and its path prefix');
  if (status === 429) return new SourceError(name, 'too-expensive', 'asks for fewer calls (HTTP 429)');
  if (status >= 300 && status < 400)
    return new SourceError(name, 'malformed', `redirects (HTTP ${status}), which is not followed`);
  if (status >= 500) return new SourceError(name, 'unreachable', `is in trouble (HTTP ${status})`);
  return null;
};

/** The body as JSON of a known shape; HTML and everything else is `malformed`. */
export const parseJson = <T>(name: string, answer: HttpAnswer, schema: z.ZodType<T>): T => {
  let value: unknown;
  try {
    value = JSON.parse(answer.text);
  } catch (cause) {
    const html = /^\s*</.test(answer.text);
    throw new SourceError(
      name,
      'malformed',
      html
        ? 'answered with a web page instead of JSON: is a login or another program in front?'
        : 'answered with something that is not JSON',
      { cause },
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SourceError(
    name,
    'malformed',
    `answered with JSON of another shape (${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'})`,
  );
};

/** A 2xx answer as JSON, or the `SourceError` that says why not. */
export const expectJson = <T>(name: string, answer: HttpAnswer, schema: z.ZodType<T>): T => {
  const wrong = statusError(name, answer);
  if (wrong) throw wrong;
  if (answer.status >= 400) throw new SourceError(name, 'unsupported', `refused the question (HTTP ${answer.status})`);
  return parseJson(name, answer, schema);
};
