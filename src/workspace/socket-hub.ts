import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type Heard, type Kind, patienceMs } from './delivery.ts';
import { appId } from './people.ts';

/** An app may have ten connections at once (docs.slack.dev, "Using multiple connections"). */
const mostConnections = 10;

type AckMessage = { readonly envelope_id?: unknown; readonly payload?: unknown };

const ackOf = (data: string): AckMessage => {
  try {
    const read = JSON.parse(data) as unknown;
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
};

const said = (socket: WebSocket, message: object): void => socket.send(JSON.stringify(message));

const farewell = (socket: WebSocket, reason: string): void =>
  said(socket, { type: 'disconnect', reason, debug_info: { host: 'workspace' } });

const hello = (connections: number): object => ({
  type: 'hello',
  num_connections: connections,
  connection_info: { app_id: appId },
  debug_info: { host: 'workspace', approximate_connection_time: 3600 },
});

/** Connections of Socket Mode, and the acknowledgements that are waited for. */
export const socketHub = () => {
  const sockets = new Set<WebSocket>();
  const tickets = new Set<string>();
  const acks = new Map<string, (heard: Heard) => void>();
  let turn = 0;
  return {
    /** A ticket for one connection, as `apps.connections.open` gives it. */
    ticket: (): string => {
      const ticket = randomUUID();
      tickets.add(ticket);
      return ticket;
    },
    add: (socket: WebSocket, ticket: string | null): void => {
      socket.on('error', () => undefined);
      if (ticket === null || !tickets.delete(ticket)) {
        socket.close(4001, 'ticket_invalid');
        return;
      }
      if (sockets.size >= mostConnections) {
        farewell(socket, 'too_many_websockets');
        socket.close();
        return;
      }
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('message', (data) => {
        const { envelope_id: id, payload } = ackOf(String(data));
        if (typeof id === 'string') acks.get(id)?.({ ok: true, payload });
      });
      said(socket, hello(sockets.size));
    },
    count: (): number => sockets.size,
    /** Delivers to one connection, each in its turn, and waits three seconds for its acknowledgement, as Slack does. */
    deliver: async (type: Kind, payload: object): Promise<Heard> => {
      const open = [...sockets];
      turn += 1;
      const socket = open[turn % Math.max(1, open.length)];
      if (!socket) return { ok: false, error: 'dispatch_failed' };
      const envelopeId = randomUUID();
      const acked = new Promise<Heard>((resolve) => {
        acks.set(envelopeId, resolve);
        setTimeout(() => resolve({ ok: false, error: 'operation_timeout' }), patienceMs).unref();
      });
      said(socket, { envelope_id: envelopeId, type, payload, accepts_response_payload: type !== 'events_api' });
      const heard = await acked;
      acks.delete(envelopeId);
      return heard;
    },
    /** Slack refreshes connections from time to time: it says so on each and closes it; the app opens another. */
    disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled'): void => {
      for (const socket of sockets) {
        farewell(socket, reason);
        if (reason !== 'warning') socket.close();
      }
    },
    close: (): void => {
      for (const socket of sockets) socket.terminate();
    },
  };
};
