import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { type WebSocket, WebSocketServer } from 'ws';
import { rateLimits } from './limits.ts';
import { type Answer, type Arguments, type Context, failed, methods } from './methods.ts';
import { type Block, type Channel, type Message, newState, nextTs, personId, type State } from './state.ts';

/** How a call shall go wrong, once or several times. */
export type Fault =
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** The method runs, and its answer never comes. */
  | { readonly kind: 'timeout-after-accept' }
  | { readonly kind: 'reset' };

export type WorkspaceOptions = {
  readonly port?: number;
  /** The first is the one the bot is in. */
  readonly channels?: readonly string[];
  readonly isStrict?: boolean;
  /** How long a file is processed before a block may name it. */
  readonly processingMs?: number;
  readonly scopes?: readonly string[];
};

export type Call = { readonly method: string; readonly given: Arguments; readonly atMs: number };

export type CommandReply = { readonly text: string; readonly blocks: readonly Block[] };

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
  /** Resolves once `isSo` holds; asked again at every change. */
  readonly until: (isSo: () => boolean, withinMs: number) => Promise<boolean>;
  readonly snapshot: () => object;
  readonly close: () => Promise<void>;
};

const tokens = { bot: 'xoxb-demo-workspace-edgewise', app: 'xapp-1-demo-workspace-edgewise' } as const;
const allScopes = [
  'chat:write',
  'commands',
  'files:write',
  'files:read',
  'channels:read',
  'channels:join',
  'channels:history',
  'groups:read',
  'groups:history',
  'users:read',
];
const maxBody = 12 * 1024 * 1024;

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
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
const argumentsOf = (body: Buffer, contentType: string): Arguments => {
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

const send = (response: ServerResponse, answer: object, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(answer));
};

const page = (name: string): string => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
const pageTypes: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

const snapshotOf = (state: State): object => ({
  channels: [...state.channels.values()],
  users: [...state.users.values()],
  messages: state.messages,
  files: [...state.files.values()].map(({ id, name, title, shares }) => ({ id, name, title, shares })),
  you: personId,
});

/** Connections of Socket Mode, and the acknowledgements that are waited for. */
const socketHub = () => {
  const sockets = new Set<WebSocket>();
  const acks = new Map<string, () => void>();
  return {
    add: (socket: WebSocket): void => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('message', (data) => {
        const { envelope_id } = JSON.parse(String(data)) as { envelope_id?: string };
        if (envelope_id !== undefined) acks.get(envelope_id)?.();
      });
      socket.send(
        JSON.stringify({
          type: 'hello',
          num_connections: sockets.size,
          connection_info: { app_id: 'A0EDGEWISE' },
          debug_info: { host: 'workspace', approximate_connection_time: 3600 },
        }),
      );
    },
    count: (): number => sockets.size,
    /** Delivers to one connection and waits three seconds for its acknowledgement, as Slack does. */
    deliver: async (type: string, payload: object): Promise<boolean> => {
      const [socket] = sockets;
      if (!socket) return false;
      const envelopeId = randomUUID();
      const acked = new Promise<boolean>((resolve) => {
        acks.set(envelopeId, () => resolve(true));
        setTimeout(() => resolve(false), 3000).unref();
      });
      socket.send(JSON.stringify({ envelope_id: envelopeId, type, payload, accepts_response_payload: true }));
      const isAcked = await acked;
      acks.delete(envelopeId);
      return isAcked;
    },
    close: (): void => {
      for (const socket of sockets) socket.terminate();
    },
  };
};

/** Starts a workspace; everything is gone when it closes. */
export const startWorkspace = async (options: WorkspaceOptions = {}): Promise<Workspace> => {
  const {
    channels = ['#mesh-alerts', '#payments', '#general'],
    isStrict = true,
    processingMs = 300,
    scopes = allScopes,
  } = options;
  const state = newState(channels);
  const calls: Call[] = [];
  const faults = new Map<string, Fault[]>();
  const limited = rateLimits(isStrict);
  const hub = socketHub();
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const replies = new Map<string, { readonly resolve: (reply: CommandReply) => void; uses: number; readonly channel: string }>();
  let base = '';

  const contextNow = (): Context => ({
    state,
    nowMs: Date.now(),
    base,
    processingMs,
    onChange: changed,
    socketUrl: () => `${base.replace('http', 'ws')}/link?ticket=${randomUUID()}`,
  });

  const runMethod = (
    method: string,
    given: Arguments,
    token: string,
  ): { readonly answer: Answer; readonly status: number; readonly headers: Record<string, string> } => {
    const known = methods[method];
    if (!known || !Object.hasOwn(methods, method)) return { answer: failed('unknown_method'), status: 200, headers: {} };
    if (token === '') return { answer: failed('not_authed'), status: 200, headers: {} };
    const wanted = method === 'apps.connections.open' ? tokens.app : tokens.bot;
    if (token !== wanted) return { answer: failed('invalid_auth'), status: 200, headers: {} };
    if (known.scope !== null && !scopes.includes(known.scope))
      return { answer: failed('missing_scope', { needed: known.scope, provided: scopes.join(',') }), status: 200, headers: {} };
    const waitSeconds = limited(method, String(given['channel'] ?? ''), Date.now());
    if (waitSeconds !== null)
      return { answer: failed('ratelimited'), status: 429, headers: { 'retry-after': String(waitSeconds) } };
    return { answer: known.run(contextNow(), given), status: 200, headers: { 'x-oauth-scopes': scopes.join(',') } };
  };

  const api = async (method: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const given = argumentsOf(await bodyOf(request), request.headers['content-type'] ?? '');
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '') || String(given['token'] ?? '');
    calls.push({ method, given, atMs: Date.now() });
    const fault = faults.get(method)?.shift() ?? faults.get('*')?.shift();
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'status')
      return send(
        response,
        failed('internal_error'),
        fault.status,
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
      );
    if (fault?.kind === 'error') return send(response, failed(fault.error));
    const { answer, status, headers } = runMethod(method, given, token);
    if (fault?.kind === 'timeout-after-accept') return;
    send(response, answer, status, headers);
  };

  const respond = async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse((await bodyOf(request)).toString()) as {
      text?: string;
      blocks?: readonly Block[];
      response_type?: string;
    };
    const waiting = replies.get(id);
    if (!waiting || waiting.uses >= 5) return send(response, failed('used_url'), 404);
    waiting.uses += 1;
    const reply = { text: body.text ?? '', blocks: body.blocks ?? [] };
    const isPublic = body.response_type === 'in_channel';
    state.messages.push({
      channel: waiting.channel,
      ts: nextTs(state, Date.now()),
      user: state.botUserId,
      ...reply,
      threadTs: null,
      isBroadcast: false,
      metadata: undefined,
      isEdited: false,
      brokenImages: [],
      files: [],
      ephemeralFor: isPublic ? null : personId,
    });
    changed();
    waiting.resolve(reply);
    send(response, { ok: true });
  };

  const upload = async (id: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const file = state.files.get(id);
    const body = await bodyOf(request);
    if (file?.state !== 'waiting') return send(response, failed('file_not_found'), 404);
    const type = request.headers['content-type'] ?? '';
    const boundary = /boundary=(.+)$/.exec(type)?.[1];
    file.bytes = boundary === undefined ? new Uint8Array(body) : new Uint8Array(partOf(body, boundary));
    response.writeHead(200).end(`OK - ${file.bytes.length}`);
  };

  const command = async (text: string, channelName: string): Promise<CommandReply> => {
    const channel = [...state.channels.values()].find(
      ({ name, id }) => name === channelName.replace(/^#/, '') || id === channelName,
    );
    if (!channel) throw new Error(`no channel ${channelName}`);
    const id = randomUUID();
    const [word = '/mesh', ...rest] = text.split(/\s+/);
    const answered = new Promise<CommandReply>((resolve) => replies.set(id, { resolve, uses: 0, channel: channel.id }));
    const payload = {
      token: 'demo',
      team_id: 'T0DEMO0001',
      channel_id: channel.id,
      channel_name: channel.name,
      user_id: personId,
      user_name: 'on-call',
      command: word,
      text: rest.join(' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
      api_app_id: 'A0EDGEWISE',
      response_url: `${base}/respond/${id}`,
      trigger_id: id,
    };
    const isAcked = await hub.deliver('slash_commands', payload);
    if (!isAcked) {
      const reply = {
        text: `${word} failed with the error "dispatch_failed": the app did not answer within 3 seconds`,
        blocks: [],
      };
      state.messages.push({
        channel: channel.id,
        ts: nextTs(state, Date.now()),
        user: 'USLACKBOT',
        ...reply,
        threadTs: null,
        isBroadcast: false,
        metadata: undefined,
        isEdited: false,
        brokenImages: [],
        files: [],
        ephemeralFor: personId,
      });
      changed();
      return reply;
    }
    return answered;
  };

  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const tell = (): void => void response.write(`data: ${JSON.stringify(snapshotOf(state))}\n\n`);
    listeners.add(tell);
    response.on('close', () => listeners.delete(tell));
    tell();
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/'] = (request.url ?? '/').split('?');
    if (path.startsWith('/api/')) return api(path.slice(5), request, response);
    if (path.startsWith('/upload/')) return upload(path.slice(8), request, response);
    if (path.startsWith('/respond/')) return respond(path.slice(9), request, response);
    if (path === '/events') return stream(response);
    if (path === '/state') return send(response, snapshotOf(state));
    if (path === '/command' && request.method === 'POST') {
      const { text, channel } = JSON.parse((await bodyOf(request)).toString()) as { text: string; channel: string };
      void command(text, channel).catch(() => undefined);
      return send(response, { ok: true });
    }
    if (path.startsWith('/file/')) {
      const file = state.files.get(path.slice(6));
      if (!file) return send(response, failed('file_not_found'), 404);
      response.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'max-age=3600' });
      return void response.end(Buffer.from(file.bytes));
    }
    const name = path === '/' ? 'index.html' : path.slice(1);
    const type = pageTypes[name];
    if (type === undefined) return send(response, failed('not_found'), 404);
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' });
    response.end(page(name));
  };

  const server = createServer((request, response) => {
    route(request, response).catch(() => {
      if (!response.headersSent) send(response, failed('fatal_error'), 500);
    });
  });
  const sockets = new WebSocketServer({ server, path: '/link' });
  sockets.on('connection', (socket) => hub.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

  return {
    url: base,
    apiUrl: `${base}/api/`,
    botToken: tokens.bot,
    appToken: tokens.app,
    channel: (name) => [...state.channels.values()].find((channel) => channel.name === name.replace(/^#/, '')),
    messages: (name) => {
      const id = [...state.channels.values()].find((channel) => channel.name === name.replace(/^#/, ''))?.id;
      return state.messages.filter(({ channel }) => channel === id);
    },
    file: (id) => state.files.get(id),
    calls,
    fail: (method, fault, times) => {
      faults.set(method, [...(faults.get(method) ?? []), ...Array.from({ length: times }, () => fault)]);
    },
    command,
    until: (isSo, withinMs) =>
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
      }),
    snapshot: () => snapshotOf(state),
    close: async () => {
      hub.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** The one part of a multipart body. */
const partOf = (body: Buffer, boundary: string): Buffer => {
  const start = body.indexOf('\r\n\r\n');
  const end = body.lastIndexOf(`\r\n--${boundary}`);
  return start < 0 || end < 0 ? body : body.subarray(start + 4, end);
};
