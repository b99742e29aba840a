import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import type { Deliver, Heard } from './delivery.ts';
import { type Click, newGestures, type ShortcutUse } from './gestures.ts';
import { historyPage } from './limits.ts';
import { failed } from './methods/call.ts';
import { newModalGestures, type Submission, type Submitted } from './modal-gestures.ts';
import { snapshotOf } from './page-server.ts';
import { people } from './people.ts';
import { type Reply, responseUrls } from './response-urls.ts';
import { type Parts, route } from './routes.ts';
import { type Said, say } from './say.ts';
import { type HttpApp, signedHttp } from './signed-http.ts';
import { slashCommands } from './slash-commands.ts';
import { socketHub } from './socket-hub.ts';
import { type Channel, channelNamed, type Message, newState, type OpenView, removeMessage, type Shortcut } from './state.ts';
import { newTriggers } from './triggers.ts';
import { modalsOf } from './views.ts';
import { allScopes, type Call, type Fault, tokens, webApi } from './web-api.ts';
import { send } from './wire.ts';

type WorkspaceOptions = {
  readonly port?: number;
  /** The first is the one the bot is in. */
  readonly channels?: readonly string[];
  /** Channels that another organisation is in too (Slack Connect). */
  readonly shared?: readonly string[];
  /** The entries that the app has in the menu of messages. */
  readonly shortcuts?: readonly Shortcut[];
  /** An app in HTTP mode: signed requests go there instead of envelopes of Socket Mode. */
  readonly http?: HttpApp;
  readonly isStrict?: boolean;
  /** The workspace is of this organisation, in Enterprise Grid. */
  readonly enterpriseId?: string;
  /** The app is distributed outside the Marketplace: histories once a minute, 15 messages a page. */
  readonly isDistributed?: boolean;
  /** How long a file is processed before a block may name it. */
  readonly processingMs?: number;
  readonly scopes?: readonly string[];
  /** The workspace's clock; tests make hours pass in seconds. */
  readonly nowMs?: () => number;
};

/** What went to the app, and how. */
type Sent = { readonly kind: Parameters<Deliver>[0]; readonly payload: Readonly<Record<string, unknown>> };

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
  /** Ada is on call, Bo is of the payments team, Sam is of another organisation: their ids. Ada does what nobody is named for. */
  readonly people: typeof people;
  /** A person types a slash command; resolves with what they are answered. */
  readonly command: (text: string, channel: string, person?: string) => Promise<Reply>;
  /** A person writes a message. False where they cannot: another's direct message, a thread that is not there. */
  readonly say: (said: Said) => boolean;
  /** A person clicks a button or chooses an option. Throws where there is none that they could click. */
  readonly click: (click: Click) => Promise<Heard>;
  /** A person uses the menu of a message. */
  readonly shortcut: (use: ShortcutUse) => Promise<Heard>;
  /** A person opens the Home of the app. */
  readonly openHome: (person?: string) => Promise<Heard>;
  /** A person sends the modal on top. */
  readonly submit: (submission?: Submission) => Promise<Submitted>;
  /** A person closes the modal on top, or all of them. */
  readonly dismiss: (person?: string, isAll?: boolean) => Promise<readonly Heard[]>;
  /** What only this person sees, the oldest first. */
  readonly ephemerals: (person?: string) => readonly Message[];
  /** The modals that a person has open, the one on top last. */
  readonly modals: (person?: string) => readonly OpenView[];
  readonly home: (person?: string) => OpenView | null;
  /** Every interaction, command and event that went to the app. */
  readonly sent: readonly Sent[];
  /** A person deletes a message. */
  readonly remove: (channel: string, ts: string) => void;
  /** Slack ends every Socket Mode connection, or warns that it will. */
  readonly disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void;
  /** Resolves once `isSo` holds; asked again at every change. */
  readonly until: (isSo: () => boolean, withinMs: number) => Promise<boolean>;
  readonly snapshot: () => object;
  readonly close: () => Promise<void>;
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

/** What the programs that start a workspace may do and read. */
const handleOf = (parts: Parts) => {
  const { state, api, commands, gestures, listeners, onChange } = parts;
  return {
    botToken: tokens.bot,
    appToken: tokens.app,
    people,
    channel: (name: string) => channelNamed(state, name),
    messages: (name: string) => {
      const id = channelNamed(state, name)?.id;
      return state.messages.filter(({ channel }) => channel === id);
    },
    ephemerals: (person: string = people.ada) => state.messages.filter(({ ephemeralFor }) => ephemeralFor === person),
    modals: (person: string = people.ada) => modalsOf(state, person),
    home: (person: string = people.ada) => state.homes.get(person) ?? null,
    file: (id: string) => state.files.get(id),
    calls: api.calls,
    fail: api.fail,
    command: (text: string, channel: string, person: string = people.ada) => commands.type(text, channel, person),
    say: (said: Said) => say(parts, said),
    click: gestures.click,
    shortcut: gestures.shortcut,
    submit: gestures.submit,
    openHome: (person: string = people.ada) => gestures.openHome(person),
    dismiss: (person: string = people.ada, isAll = false) => gestures.dismiss(person, isAll),
    remove: (channel: string, ts: string) => {
      const message = state.messages.find((one) => one.channel === channelNamed(state, channel)?.id && one.ts === ts);
      if (message) removeMessage(state, message);
      onChange();
    },
    until: waiter(listeners),
    snapshot: () => snapshotOf(state),
  };
};

/** Starts a workspace; everything is gone when it closes. */
export const startWorkspace = async (options: WorkspaceOptions = {}): Promise<Workspace> => {
  const { channels = ['#mesh-alerts', '#payments', '#general'], isStrict = true, processingMs = 300, nowMs = Date.now } = options;
  const { isDistributed = false, enterpriseId = null } = options;
  const state = newState({ channels, shared: options.shared ?? ['#payments'], shortcuts: options.shortcuts ?? [] });
  const listeners = new Set<() => void>();
  const onChange = (): void => {
    for (const listener of listeners) listener();
  };
  const hub = socketHub();
  const triggers = newTriggers(nowMs);
  const sent: Sent[] = [];
  const way = options.http === undefined ? hub.deliver : signedHttp(options.http, nowMs);
  const deliver: Deliver = (kind, payload) => {
    sent.push({ kind, payload: payload as Sent['payload'] });
    return way(kind, payload);
  };
  let base = '';
  const socketUrl = (): string => `${base.replace('http', 'ws')}/link?ticket=${hub.ticket()}`;
  const api = webApi({
    isStrict,
    isDistributed,
    scopes: options.scopes ?? allScopes,
    contextNow: () => ({
      ...{ state, nowMs: nowMs(), base, processingMs, onChange, socketUrl, triggers },
      ...{ enterpriseId, historyPage: historyPage(isDistributed) },
    }),
  });
  const urls = responseUrls({ state, base: () => base, nowMs, onChange });
  const shared = { state, deliver, urls, triggers, nowMs, onChange };
  const gestures = { ...newGestures(shared), ...newModalGestures(shared) };
  const parts: Parts = { state, api, urls, commands: slashCommands(shared), gestures, nowMs, onChange, listeners };
  const { url, close } = await listen(parts, hub, options.port ?? 0);
  base = url;
  return { url, apiUrl: `${url}/api/`, ...handleOf(parts), sent, disconnect: hub.disconnect, close };
};
