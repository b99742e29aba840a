import type { IncomingMessage, ServerResponse } from 'node:http';
import { failed } from './methods/call.ts';
import { type Done, doGesture, type Gestures } from './page-gestures.ts';
import { isOwnPage, sendFile, sendPage, snapshotOf, stream } from './page-server.ts';
import { people } from './people.ts';
import type { ResponseUrls } from './response-urls.ts';
import { type Said, say } from './say.ts';
import type { slashCommands } from './slash-commands.ts';
import type { State } from './state.ts';
import type { webApi } from './web-api.ts';
import { bodyOf, partOf, send } from './wire.ts';

/** The bytes of a file, sent raw or as a form. */
const upload = async (state: State, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const file = state.files.get(id);
  const body = await bodyOf(request);
  if (file?.state !== 'waiting') return send(response, failed('file_not_found'), 404);
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1];
  file.bytes = new Uint8Array(boundary === undefined ? body : partOf(body, boundary));
  response.writeHead(200).end(`OK - ${file.bytes.length}`);
};

/** What the addresses of a workspace lead to. */
export type Parts = {
  readonly state: State;
  readonly api: ReturnType<typeof webApi>;
  readonly commands: ReturnType<typeof slashCommands>;
  readonly urls: ResponseUrls;
  readonly gestures: Gestures;
  readonly nowMs: () => number;
  readonly onChange: () => void;
  readonly listeners: Set<() => void>;
};

/** The person that a page is open for. */
const personOf = (state: State, request: IncomingMessage): string => {
  const wanted = new URL(request.url ?? '/', 'http://workspace').searchParams.get('as') ?? '';
  return state.users.get(wanted)?.isBot === false ? wanted : people.ada;
};

const bodyJson = async (request: IncomingMessage): Promise<unknown> => JSON.parse((await bodyOf(request)).toString()) as unknown;

/** A permalink leads to the channel, and to the thread of the message. */
const followPermalink = (state: State, rest: string, response: ServerResponse): void => {
  const [channel = '', name = ''] = rest.split('/');
  const ts = name.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  const message = state.messages.find((one) => one.channel === channel && one.ts === ts);
  const query = new URLSearchParams({ channel, ...(message ? { thread: message.threadTs ?? ts } : {}) });
  response.writeHead(302, { location: `/?${query.toString()}` }).end();
};

/** What the page itself asks for. */
const routePage = async (parts: Parts, first: string, rest: string, request: IncomingMessage, response: ServerResponse) => {
  const { state, gestures, listeners } = parts;
  const isPost = request.method === 'POST';
  if (first === 'file') return sendFile(state, rest, response);
  if (first === 'archives') return followPermalink(state, rest, response);
  if (first === 'events') return stream(state, personOf(state, request), listeners, response);
  if (first === 'state') return send(response, snapshotOf(state, personOf(state, request)));
  if (first === 'say' && isPost) return send(response, { ok: say(parts, (await bodyJson(request)) as Said) });
  if (first === 'do' && isPost) return send(response, await doGesture(gestures, (await bodyJson(request)) as Done));
  sendPage(first === '' ? 'index.html' : first, response);
};

/** Every address: the Web API, uploads and `response_url`s for the app; all else for the page. */
export const route = async (parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [path = '/'] = (request.url ?? '/').split('?');
  const [, first = '', ...others] = path.split('/');
  const rest = others.join('/');
  if (first === 'api') return parts.api.handle(rest, request, response);
  if (first === 'upload') return upload(parts.state, rest, request, response);
  if (first === 'respond') return parts.urls.respond(rest, request, response);
  if (!isOwnPage(request)) return send(response, failed('not_allowed'), 403);
  return routePage(parts, first, rest, request, response);
};
