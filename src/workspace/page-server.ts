import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { withIds } from './interactive.ts';
import { failed } from './methods/call.ts';
import { appId, people } from './people.ts';
import { isIn, type State } from './state.ts';
import { modalsOf, shownView } from './views.ts';
import { send } from './wire.ts';

const folder = new URL('./page/', import.meta.url);
const names: ReadonlySet<string> = new Set(readdirSync(folder));
const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Scripts and styles are the page's own. Pictures may have an address elsewhere, as `image_url` has. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' https: http:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** Whether a browser asks for the page itself: another site that the reader has open may neither read it (a name that leads to loopback) nor type in it. */
export const isOwnPage = ({ headers: { host = '', origin } }: IncomingMessage): boolean =>
  loopback.test(host) && (origin === undefined || origin === `http://${host}`);

/** What the page shows to one person: what the others alone see never reaches it. */
export const snapshotOf = (state: State, person: string = people.ada): object => {
  const channels = [...state.channels.values()].filter((channel) => isIn(state, person, channel));
  const ids = new Set(channels.map(({ id }) => id));
  const home = state.homes.get(person);
  return {
    channels,
    users: [...state.users.values()],
    messages: state.messages
      .filter(({ channel, ephemeralFor }) => ids.has(channel) && (ephemeralFor === null || ephemeralFor === person))
      .map((message) => ({ ...message, blocks: withIds(message.blocks, message.ts) })),
    files: [...state.files.values()].map(({ id, name, title, shares }) => ({ id, name, title, shares })),
    groups: state.groups,
    shortcuts: state.shortcuts,
    modals: modalsOf(state, person).map((view) => shownView(view)),
    home: home ? shownView(home) : null,
    you: person,
    appId,
  };
};

/** One of the page's own files. */
export const sendPage = (name: string, response: ServerResponse): void => {
  const type = names.has(name) ? types[name.split('.').at(-1) ?? ''] : undefined;
  if (type === undefined) send(response, failed('not_found'), 404);
  else {
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
    response.end(readFileSync(new URL(name, folder)));
  }
};

/** A picture that was uploaded. */
export const sendFile = (state: State, id: string, response: ServerResponse): void => {
  const file = state.files.get(id);
  if (!file) send(response, failed('file_not_found'), 404);
  else {
    response.writeHead(200, {
      'content-type': 'image/png',
      'cache-control': 'max-age=3600',
      'x-content-type-options': 'nosniff',
    });
    response.end(Buffer.from(file.bytes));
  }
};

/** Tells the page of every change. */
export const stream = (state: State, person: string, listeners: Set<() => void>, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const tell = (): void => void response.write(`data: ${JSON.stringify(snapshotOf(state, person))}\n\n`);
  listeners.add(tell);
  response.on('close', () => listeners.delete(tell));
  tell();
};
