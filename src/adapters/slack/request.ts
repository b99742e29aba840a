import type { IncomingMessage } from 'node:http';

/** What Slack posts is far smaller; a view has at most 250 kB (docs.slack.dev/reference/methods/views.open). */
const mostBodyBytes = 1_048_576;

/** Slack itself waits 3 s for the whole: what drips in slower only holds a place. */
const bodyWithinMs = 3000;

/** The bytes as they came: the signature is over them. Null: more than that. Throws where they do not come to an end. */
export const bytesOf = async (request: IncomingMessage): Promise<Buffer | null> => {
  if (Number(request.headers['content-length'] ?? 0) > mostBodyBytes) return null;
  const timer = setTimeout(() => request.destroy(), bodyWithinMs);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > mostBodyBytes) return null;
      chunks.push(chunk as Buffer);
    }
  } finally {
    clearTimeout(timer);
  }
  return Buffer.concat(chunks);
};

type SlackBody = Readonly<Record<string, unknown>>;

const objectIn = (text: string): SlackBody | null => {
  try {
    const read = JSON.parse(text) as unknown;
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as SlackBody) : null;
  } catch {
    return null;
  }
};

/** Events are JSON; commands are a form; all else is JSON in the one field `payload` of a form. Null: none of these. */
export const bodyIn = (bytes: Uint8Array, contentType: string | undefined): SlackBody | null => {
  const text = Buffer.from(bytes).toString('utf8');
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return objectIn(text);
  if (type !== 'application/x-www-form-urlencoded') return null;
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : objectIn(payload);
};
