import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Fastify, { type FastifyInstance } from 'fastify';
import { certificates } from './certificates.ts';

export type { FastifyInstance } from 'fastify';

export type ListenerSettings = {
  readonly host: string;
  readonly port: number;
  /** Certificate and key; read again when the files change. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies?: readonly string[];
  readonly maxBodyBytes?: number;
};

const tlsCheckMs = 30_000;

/** A fastify server with the limits that a port open to a cluster needs: header and body deadlines, a cap of connections, no body parser but ours. */
export const httpServer = async (settings: ListenerSettings): Promise<FastifyInstance> => {
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 } as const;
  const read = settings.tls ? certificates(settings.tls) : null;
  const first = read ? await read() : null;
  const app = Fastify({
    logger: false,
    bodyLimit: settings.maxBodyBytes ?? 1_048_576,
    trustProxy: settings.trustedProxies && settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    forceCloseConnections: 'idle',
    serverFactory: (handler) => {
      if (!first || !read) return createServer(limits, handler);
      const server = createTlsServer({ ...limits, ...first.options }, handler);
      let version = first.version;
      const timer = setInterval(() => {
        void read().then(
          (next) => {
            if (next.version !== version) server.setSecureContext(next.options);
            version = next.version;
          },
          () => undefined,
        );
      }, tlsCheckMs);
      timer.unref();
      server.on('close', () => clearInterval(timer));
      return server;
    },
  });
  app.server.maxConnections = 4096;
  return app;
};

/** Listens and says on which port. */
export const listen = async (app: FastifyInstance, { host, port }: ListenerSettings): Promise<number> => {
  await app.listen({ host, port });
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
};
