import { z } from 'zod';
import { SourceError } from '../../domain/gathered.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/json.ts';

/** A sentence of its own as a JSON string, or what its request validation says (api/v2/restapi of prometheus/alertmanager). */
const words = z.union([z.string(), z.object({ message: z.string() }).transform(({ message }) => message)]);

const longest = 160;

/** What was said of a refusal, on one line; null for a web page, or where nothing was said. */
const saidIn = (text: string): string | null => {
  const parsed = words.safeParse(tryJson(text));
  // Proxies answer in plain words.
  const said = (parsed.success ? parsed.data : /^\s*[<{[]/.test(text) ? '' : text).replace(/\s+/g, ' ').trim();
  return said === '' ? null : said.length > longest ? `${said.slice(0, longest)}…` : said;
};

const tryJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export const isWritten = ({ status }: HttpAnswer): boolean => status >= 200 && status < 300;

/** Why a silence was not written: by whom it was refused, and in whose words. `what` follows "refused". */
export const refusal = (name: string, answer: HttpAnswer, what: string): SourceError => {
  const { status, text } = answer;
  const said = saidIn(text);
  const tail = said === null ? '' : `: ${said}`;
  if (status === 403) return new SourceError(name, 'refused', `does not let Edgewise write silences (HTTP 403)${tail}`);
  if (status === 400 || status === 409 || status === 422)
    return new SourceError(name, 'refused', `refused ${what} (HTTP ${status})${tail}`);
  if (status === 405 || status === 501)
    return new SourceError(name, 'unsupported', `takes no silences at this address (HTTP ${status})${tail}`);
  return statusError(name, answer) ?? new SourceError(name, 'unsupported', `refused ${what} (HTTP ${status})${tail}`);
};
