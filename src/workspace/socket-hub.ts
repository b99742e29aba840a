import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';

/** Connections of Socket Mode, and the acknowledgements that are waited for. */
export const socketHub = () => {
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

export type SocketHub = ReturnType<typeof socketHub>;
