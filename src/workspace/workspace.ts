import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { failed } from './methods/call.ts';
import { isOwnPage, sendFile, sendPage, snapshotOf, stream } from './page-server.ts';
import { type Said, say } from './say.ts';
import { type CommandReply, slashCommands } from './slash-commands.ts';
import { socketHub } from './socket-hub.ts';
import { type Channel, channelNamed, type Message, newState, type State } from './state.ts';
import { allScopes, type Call, type Fault, tokens, webApi } from './web-api.ts';
import { bodyOf, partOf, send } from './wire.ts';

type WorkspaceOptions = {
  readonly port?: number;
  /** The first is the one the bot is in. */
  readonly channels?: readonly string[];
  readonly isStrict?: boolean;
  /** How long a file is processed before a block may name it. */
  readonly processingMs?: number;
  readonly scopes?: readonly string[];
  /** The workspace's clock; tests make hours pass in seconds. */
  readonly nowMs?: () => number;
};

/** A Slack look-alike on loopback. */
export type Workspace = {
  readonly url: string;
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly channel: (name: string) => Channel | undefined;
  readonly messages: (channel: string) => readonly Message[];
  readonly file: (id: string) => { readonly bytes: Uint8Array; readonly name: string } | undefined;
  readonly calls: readonly Call[];
  readonly fail: (method: string, fault: Fault, times: number) => void;
  /** A person types a slash command; resolves with what they are answered. */
  readonly command: (text: string, channel: string) => Promise<CommandReply>;
  /** A person deletes a message. */
  readonly remove: (channel: string, ts: string) => void;
  /** Slack ends every Socket Mode connection, or warns that it will. */
  readonly disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void;
  /** Resolves once `isSo` holds; asked again at every change. */
  readonly until: (isSo: () => boolean, withinMs: number) => Promise<boolean>;
  readonly snapshot: () => object;
  readonly close: () => Promise<void>;
};

/** The bytes of a file, sent raw or as a form. */
const upload = async (state: State, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const file = state.files.get(id);
  const body = await bodyOf(request);
  if (file?.state !== 'waiting') return send(response, failed('file_not_found'), 404);
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1];
  file.bytes = new Uint8Array(boundary === undefined ? body : partOf(body, boundary));
  response.writeHead(200).end(`OK - ${file.bytes.length}`);
};

type Parts = {
  readonly state: State;
  readonly api: ReturnType<typeof webApi>;
  readonly commands: ReturnType<typeof slashCommands>;
  readonly nowMs: () => number;
  readonly onChange: () => void;
  readonly listeners: Set<() => void>;
};

const route = async (parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { state, api, commands, listeners } = parts;
  const [path = '/'] = (request.url ?? '/').split('?');
  const [, first = '', ...others] = path.split('/');
  const rest = others.join('/');
  if (first === 'api') return api.handle(rest, request, response);
  if (first === 'upload') return upload(state, rest, request, response);
  if (first === 'respond') return commands.respond(rest, request, response);
  if (!isOwnPage(request)) return send(response, failed('not_allowed'), 403);
  if (first === 'file') return sendFile(state, rest, response);
  if (first === 'events') return stream(state, listeners, response);
  if (first === 'state') return send(response, snapshotOf(state));
  if (first === 'say' && request.method === 'POST') {
    return send(response, { ok: say(parts, JSON.parse((await bodyOf(request)).toString()) as Said) });
  }
  sendPage(path === '/' ? 'index.html' : path.slice(1), response);
};

/** Resolves once `isSo` holds; asked again at every change. */
const waiter =
  (listeners: Set<() => void>): Workspace['until'] =>
  (isSo, withinMs) =>
    new Promise((resolve) => {
      const settle = (value: boolean): void => {
        listeners.delete(check);
        clearTimeout(timer);
        resolve(value);
      };
      const check = (): void => {
        if (isSo()) settle(true);
      };
      const timer = setTimeout(() => settle(isSo()), withinMs);
      listeners.add(check);
      check();
    });

const listen = async (parts: Parts, hub: ReturnType<typeof socketHub>, port: number) => {
  const server = createServer((request, response) => {
    route(parts, request, response).catch(() => {
      if (!response.headersSent) send(response, failed('fatal_error'), 500);
    });
  });
  const sockets = new WebSocketServer({ server, path: '/link' });
  // It repeats the server's errors, which `listen` below answers.
  sockets.on('error', () => undefined);
  sockets.on('connection', (socket, request) =>
    hub.add(socket, new URL(request.url ?? '/', 'http://workspace').searchParams.get('ticket')),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    close: async (): Promise<void> => {
      hub.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Starts a workspace; everything is gone when it closes. */
export const startWorkspace = async (options: WorkspaceOptions = {}): Promise<Workspace> => {
  const { channels = ['#mesh-alerts', '#payments', '#general'], isStrict = true, processingMs = 300, nowMs = Date.now } = options;
  const state = newState(channels);
  const listeners = new Set<() => void>();
  const onChange = (): void => {
    for (const listener of listeners) listener();
  };
  const hub = socketHub();
  let base = '';
  const socketUrl = (): string => `${base.replace('http', 'ws')}/link?ticket=${hub.ticket()}`;
  const api = webApi({
    isStrict,
    scopes: options.scopes ?? allScopes,
    contextNow: () => ({ state, nowMs: nowMs(), base, processingMs, onChange, socketUrl }),
  });
  const commands = slashCommands({ state, hub, base: () => base, onChange, nowMs });
  const { url, close } = await listen({ state, api, commands, nowMs, onChange, listeners }, hub, options.port ?? 0);
  base = url;
  return {
    url,
    apiUrl: `${url}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    channel: (name) => channelNamed(state, name),
    messages: (name) => {
      const id = channelNamed(state, name)?.id;
      return state.messages.filter(({ channel }) => channel === id);
    },
    file: (id) => state.files.get(id),
    calls: api.calls,
    fail: api.fail,
    command: commands.type,
    remove: (channel, ts) => {
      const at = state.messages.findIndex((message) => message.channel === channelNamed(state, channel)?.id && message.ts === ts);
      if (at >= 0) state.messages.splice(at, 1);
      onChange();
    },
    disconnect: hub.disconnect,
    until: waiter(listeners),
    snapshot: () => snapshotOf(state),
    close,
  };
};
