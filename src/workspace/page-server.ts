import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { failed } from './methods/call.ts';
import { personId, type State } from './state.ts';
import { send } from './wire.ts';

const pageTypes: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** What the page shows. */
export const snapshotOf = (state: State): object => ({
  channels: [...state.channels.values()],
  users: [...state.users.values()],
  messages: state.messages,
  files: [...state.files.values()].map(({ id, name, title, shares }) => ({ id, name, title, shares })),
  you: personId,
});

/** One of the page's own files. */
export const sendPage = (name: string, response: ServerResponse): void => {
  const type = pageTypes[name];
  if (type === undefined) send(response, failed('not_found'), 404);
  else {
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
    response.end(readFileSync(new URL(`./page/${name}`, import.meta.url)));
  }
};

/** A picture that was uploaded. */
export const sendFile = (state: State, id: string, response: ServerResponse): void => {
  const file = state.files.get(id);
  if (!file) send(response, failed('file_not_found'), 404);
  else {
    response.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'max-age=3600' });
    response.end(Buffer.from(file.bytes));
  }
};

/** Tells the page of every change. */
export const stream = (state: State, listeners: Set<() => void>, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (): void => void response.write(`data: ${JSON.stringify(snapshotOf(state))}\n\n`);
  listeners.add(tell);
  response.on('close', () => listeners.delete(tell));
  tell();
};
