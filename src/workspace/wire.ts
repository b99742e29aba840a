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

/** Slack takes forms with JSON inside, and JSON. */
export const argumentsOf = (body: Buffer, contentType: string): Arguments => {
  const raw: Record<string, unknown> = contentType.startsWith('application/json')
    ? (JSON.parse(body.toString() || '{}') as Record<string, unknown>)
    : { ...parse(body.toString()) };
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      if (!structured.has(name) || typeof value !== 'string') return [name, value];
      try {
        return [name, JSON.parse(value) as unknown];
      } catch {
        return [name, value];
      }
    }),
  );
};

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
