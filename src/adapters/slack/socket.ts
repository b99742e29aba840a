import { SocketModeReceiver } from '@slack/bolt';
import type { Log } from '../../ports.ts';
import type { SlackTransport } from '../http/slack-transport.ts';
import { silent } from './web.ts';

export type SocketState = 'connecting' | 'connected' | 'disconnected';

type SocketOptions = {
  readonly appToken: string;
  readonly apiUrl: string;
  /** Proxy and CA aware; without one Slack is reached directly. */
  readonly transport?: SlackTransport;
  readonly log: Log;
};

type Envelope = { readonly type?: unknown; readonly payload?: { readonly type?: unknown; readonly event?: unknown } };

/**
 * Slack says `app_rate_limited` in an envelope without an event (docs.slack.dev/apis/events-api, "Rate limiting"), on which
 * @slack/socket-mode 3.1.0 stumbles (SocketModeClient.onWebSocketMessage): with an event of that name it is acknowledged like any other.
 */
const withEvent = (data: string): string => {
  let envelope: Envelope;
  try {
    envelope = JSON.parse(data) as Envelope;
  } catch {
    return data;
  }
  const { type, payload } = envelope ?? {};
  const hasEvent = typeof payload?.event === 'object' && payload.event !== null;
  if (type !== 'events_api' || hasEvent) return data;
  const event = { type: typeof payload?.type === 'string' ? payload.type : 'unknown' };
  return JSON.stringify({ ...envelope, payload: { ...payload, event } });
};

/** Whatever a message holds, it ends neither the connection nor the process. */
const guarded = ({ client }: SocketModeReceiver, log: Log): void => {
  for (const listener of client.listeners('ws_message') as ((data: unknown, isBinary: boolean) => Promise<void>)[]) {
    client.off('ws_message', listener);
    client.on('ws_message', (data: unknown, isBinary: boolean) => {
      if (typeof data === 'string' && data.includes('"app_rate_limited"'))
        log('warn', 'Slack sends no more events for a while: there were too many', {});
      listener(typeof data === 'string' ? withEvent(data) : data, isBinary).catch((error: unknown) =>
        log('warn', 'a message of Socket Mode could not be read', { error }),
      );
    });
  }
};

/**
 * The first start is caught by who asks for it; one after a lost connection by nobody (SocketModeClient.delayReconnectAttempt), so that it
 * must not reject: `onLost` hears instead, and the connection is made anew.
 */
const startedAgain = ({ client }: SocketModeReceiver, onLost: (error: unknown) => void): void => {
  const start = client.start.bind(client);
  let isFirst = true;
  client.start = () => {
    const started = start();
    if (isFirst) {
      isFirst = false;
      return started;
    }
    return started.catch((error: unknown) => {
      onLost(error);
      return new Promise<never>(() => undefined);
    });
  };
};

/** Bolt's receiver by Socket Mode, with options of its own: the client inherits and changes what it is given. */
export const socketWay = ({ appToken, apiUrl, transport, log }: SocketOptions) => {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: silent,
    ...(transport === undefined ? {} : { dispatcher: transport.dispatcher }),
    customPropertiesExtractor: ({ envelope_id: id }: { readonly envelope_id?: unknown }) =>
      typeof id === 'string' ? { deliveredAs: `envelope:${id}` } : {},
    installerOptions: {
      clientOptions: {
        ...(transport === undefined ? {} : { fetch: transport.fetch }),
        slackApiUrl: apiUrl,
        retryConfig: { forever: true, minTimeout: 500, maxTimeout: 15_000, randomize: true },
      },
    },
  });
  guarded(receiver, log);
  let state: SocketState = 'connecting';
  startedAgain(receiver, (error) => {
    state = 'disconnected';
    log('warn', 'Socket Mode does not open again', { error });
  });
  for (const [event, then] of [
    ['connected', 'connected'],
    ['reconnecting', 'connecting'],
    ['disconnected', 'disconnected'],
  ] as const)
    receiver.client.on(event, () => {
      state = then;
    });
  return { receiver, state: (): SocketState => state };
};
