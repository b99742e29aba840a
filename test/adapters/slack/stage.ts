import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import { type SlackWay, slackInbox } from '../../../src/adapters/slack/app.ts';
import { slackCalls } from '../../../src/adapters/slack/calls.ts';
import { gestureMemory, type OnGesture } from '../../../src/adapters/slack/inbox.ts';
import { slackDoor } from '../../../src/adapters/slack/request-door.ts';
import { soleTenant } from '../../../src/adapters/slack/tenants.ts';
import { slackWeb } from '../../../src/adapters/slack/web.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { Clock, Store } from '../../../src/ports.ts';
import { socketHub } from '../../../src/workspace/socket-hub.ts';
import { argumentsOf, send } from '../../../src/workspace/wire.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { openWebhook } from '../alertmanager/door.ts';

export const signingSecret = 'canary-signing-secret';
export const ourTeam = 'T0OURS';

type Given = Readonly<Record<string, unknown>>;

/** What Slack heard from us. `method` is one of its own, or `respond` for a `response_url`. */
type Heard = { readonly method: string; readonly given: Given };

const answers: Readonly<Record<string, Given>> = {
  'auth.test': { team_id: ourTeam, bot_id: 'B1', user_id: 'UBOT' },
  'views.open': { view: { id: 'VOPENED' } },
  'views.push': { view: { id: 'VPUSHED' } },
  'conversations.open': { channel: { id: 'D1' } },
};

/** Slack's half: the Web API, addresses for answers, and the connections of Socket Mode. */
export const startSlack = async (says: Readonly<Record<string, Given>> = {}) => {
  const heard: Heard[] = [];
  const refusals = new Map<string, string[]>();
  const hanging = new Set<string>();
  const hub = socketHub();
  let base = '';
  const answer = (method: string): Given => {
    const error = refusals.get(method)?.shift();
    if (error !== undefined) return { ok: false, error };
    if (method === 'apps.connections.open') return { ok: true, url: `${base.replace('http', 'ws')}/link?ticket=${hub.ticket()}` };
    return { ok: true, ...answers[method], ...says[method] };
  };
  const server = createServer(async (request: IncomingMessage, response) => {
    const [, first = '', second = ''] = (request.url ?? '').split('/');
    const method = first === 'api' ? second : 'respond';
    const read = await argumentsOf(request);
    heard.push({ method, given: 'given' in read ? read.given : {} });
    if (!hanging.has(method)) send(response, answer(method));
  });
  const sockets = new WebSocketServer({ server, path: '/link' });
  sockets.on('connection', (socket, request) =>
    hub.add(socket, new URL(request.url ?? '', 'http://slack').searchParams.get('ticket')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  return {
    base,
    hub,
    heard,
    /** One envelope to every connection that is open; resolves with the acknowledgements. */
    toAll: (envelope: object) =>
      Promise.all(
        [...sockets.clients].map((socket) => {
          const acked = new Promise<Given>((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))));
          socket.send(JSON.stringify(envelope));
          return acked;
        }),
      ),
    /** Never answers it. */
    hang: (method: string) => hanging.add(method),
    refuse: (method: string, ...errors: string[]) => refusals.set(method, errors),
    close: async () => {
      hub.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Kind = 'slash_commands' | 'interactive' | 'events_api';

/** The body of a request as Slack makes it for this kind. */
export const wireOf = (kind: Kind, payload: object): { readonly body: string; readonly type: string } => {
  if (kind === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' };
  const form = kind === 'slash_commands' ? { ...payload } : { payload: JSON.stringify(payload) };
  return { body: new URLSearchParams(form as Record<string, string>).toString(), type: 'application/x-www-form-urlencoded' };
};

type Signing = {
  readonly secret?: string;
  readonly atMs?: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request signed as Slack does. */
export const signedPost = (base: string, body: string | Buffer, type: string, signing: Signing = {}) => {
  const { secret = signingSecret, atMs = Date.now(), path = '/slack/events', headers = {} } = signing;
  const timestamp = String(Math.floor(atMs / 1000));
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex');
  return fetch(`${base}${path}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${digest}`,
      ...headers,
    },
    body,
  });
};

const words = {
  failed: { text: 'failed', blocks: [] },
  late: (problems: object | null) => ({ text: `late ${JSON.stringify(problems)}`, blocks: [] }),
  elsewhere: { text: 'elsewhere', blocks: [] },
};

type Api = { readonly apiUrl: string; readonly botToken: string; readonly appToken: string };

/** What an app by Socket Mode is made with. */
export const optionsFor = ({ apiUrl, botToken, appToken }: Api, onGesture: OnGesture, clock: Clock = systemClock) => ({
  way: { kind: 'socket', appToken } as const,
  apiUrl,
  tenants: soleTenant({
    workspace: 'default',
    token: botToken,
    calls: slackCalls(slackWeb({ token: botToken, apiUrl }), clock, { onCall: () => undefined, onWait: () => undefined }),
    onGesture,
  }),
  memory: gestureMemory(clock),
  once: async () => true,
  words,
  clock,
  log: () => undefined,
});

type Ack = { readonly status: number; readonly answer: unknown };

/** The same app by one way or the other, with the webhook on the port of the requests. */
export const openApp = async (
  kind: SlackWay['kind'],
  onGesture: OnGesture,
  clock: Clock = fastClock(20),
  { once = async () => true, says = {} }: { readonly once?: Store['once']; readonly says?: Readonly<Record<string, Given>> } = {},
) => {
  const slack = await startSlack(says);
  const lines: string[] = [];
  const log = (level: string, event: string, fields?: object) =>
    void lines.push(
      `${level} ${event} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? value.stack : value))}`,
    );
  const door = slackDoor({ signingSecret, clock: systemClock, log });
  const webhook = await openWebhook({ beside: [{ path: '/slack/events', listener: door.listener }] });
  const base = `http://127.0.0.1:${webhook.port}`;
  const options = optionsFor(
    { apiUrl: `${slack.base}/api/`, botToken: 'xoxb-canary', appToken: 'xapp-canary' },
    onGesture,
    clock,
  );
  const way: SlackWay = kind === 'http' ? { kind, door } : options.way;
  const app = slackInbox({ ...options, way, once, log });
  /** As Slack delivers it; `{}` of a socket is the empty body of an answer. */
  const deliver = async (what: Kind, payload: object): Promise<Ack> => {
    if (kind === 'socket') {
      const ack = await slack.hub.deliver(what, payload);
      if (!ack.ok) return { status: 0, answer: null };
      const isEmpty = Object.keys((ack.payload as object | undefined) ?? {}).length === 0;
      return { status: 200, answer: isEmpty ? null : ack.payload };
    }
    const { body, type } = wireOf(what, payload);
    const answer = await signedPost(base, body, type);
    const text = await answer.text();
    return { status: answer.status, answer: text === '' ? null : JSON.parse(text) };
  };
  return {
    app,
    slack,
    lines,
    base,
    webhook,
    deliver,
    respondUrl: `${slack.base}/respond/canary-response`,
    stop: async () => {
      await app.stop();
      await webhook.drain();
      await slack.close();
    },
  };
};
