import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import type { Arguments } from './methods/call.ts';

const maxBody = 12 * 1024 * 1024;

/** A whole request body of at most 12 MB. */
export const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBody) throw new Error('body too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
};

const structured = new Set(['blocks', 'metadata', 'files', 'attachments', 'view']);

/** Lists and objects come as JSON inside a form; what is no JSON stays text, and the method says what it thinks of that. */
const withObjects = (raw: Readonly<Record<string, unknown>>): Arguments =>
  Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      if (!structured.has(name) || typeof value !== 'string') return [name, value];
      try {
        return [name, JSON.parse(value) as unknown];
      } catch {
        return [name, value];
      }
    }),
  );

type Read = { readonly given: Arguments } | { readonly problem: string };

const jsonArguments = (body: Buffer): Read => {
  try {
    const read = JSON.parse(body.toString() || '{}') as unknown;
    return typeof read === 'object' && read !== null && !Array.isArray(read)
      ? { given: read as Arguments }
      : { problem: 'json_not_object' };
  } catch {
    return { problem: 'invalid_json' };
  }
};

const formArguments = async (body: Buffer, type: string): Promise<Read> => {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
    return { given: Object.fromEntries([...form].filter(([, value]) => typeof value === 'string')) };
  } catch {
    return { problem: 'invalid_form_data' };
  }
};

/** The arguments of a call: from its address, a form with JSON inside, a multipart form, or JSON (docs.slack.dev, "Using the Web API"). */
export const argumentsOf = async (request: IncomingMessage): Promise<Read> => {
  const type = request.headers['content-type'] ?? '';
  const kind = (type.split(';')[0] ?? '').trim().toLowerCase();
  const body = await bodyOf(request);
  const inAddress = Object.fromEntries(new URL(request.url ?? '/', 'http://workspace').searchParams);
  const fromBody = async (): Promise<Read> => {
    if (request.method === 'GET' || body.length === 0) return { given: {} };
    if (kind === 'application/json') return jsonArguments(body);
    if (kind === 'multipart/form-data') return formArguments(body, type);
    if (kind === 'application/x-www-form-urlencoded') return { given: { ...parse(body.toString()) } };
    return { problem: kind === '' ? 'missing_post_type' : 'invalid_post_type' };
  };
  const read = await fromBody();
  return 'problem' in read ? read : { given: withObjects({ ...inAddress, ...read.given }) };
};

/** The three characters that Slack escapes in what people type. */
export const escapedText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Answers with JSON. */
export const send = (response: ServerResponse, answer: object, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(answer));
};

/** The one part of a multipart body. */
export const partOf = (body: Buffer, boundary: string): Buffer => {
  const start = body.indexOf('\r\n\r\n');
  const end = body.lastIndexOf(`\r\n--${boundary}`);
  return start < 0 || end < 0 ? body : body.subarray(start + 4, end);
};
