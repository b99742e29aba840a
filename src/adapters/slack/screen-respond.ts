import { SourceError } from '../../domain/gathered.ts';
import { asSourceError, refusal } from './screen-failure.ts';

const withinMs = 8000;

/** Where a `response_url` may lead: Slack's own host for them, and that of the API itself, where it is another's. */
const isSlacks = (url: URL, apiUrl: string): boolean => {
  const api = new URL(apiUrl);
  return url.origin === api.origin || url.origin === `${api.protocol}//hooks.${api.host}`;
};

/** Slack says it as JSON, or as the bare code. */
const codeIn = (text: string): string | null => {
  try {
    const { ok, error } = JSON.parse(text) as { readonly ok?: unknown; readonly error?: unknown };
    return ok === false && typeof error === 'string' ? error : null;
  } catch {
    return /^[a-z_]{3,60}$/.test(text) && text !== 'ok' ? text : null;
  }
};

const statusFailure = (status: number): SourceError =>
  status === 404
    ? new SourceError('Slack', 'absent', 'takes no more answers to this gesture')
    : new SourceError('Slack', status >= 500 ? 'timeout' : 'refused', `answered HTTP ${status}`);

/**
 * Posts to a `response_url`: five times within half an hour (docs.slack.dev/interactivity/handling-user-interaction, "response_url").
 * The address is a key: it is in no error.
 */
export const respond = async (
  { fetch, apiUrl }: { readonly fetch: typeof globalThis.fetch; readonly apiUrl: string },
  responseUrl: string,
  body: object,
): Promise<void> => {
  const url = URL.parse(responseUrl);
  if (url === null || !isSlacks(url, apiUrl))
    throw new SourceError('Slack', 'refused', "named an address for answers that is not Slack's");
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(withinMs),
    });
    text = (await answer.text()).slice(0, 2000).trim();
  } catch (error) {
    throw asSourceError(error);
  }
  const code = codeIn(text);
  if (code !== null) throw refusal(code);
  if (!answer.ok) throw statusFailure(answer.status);
};
