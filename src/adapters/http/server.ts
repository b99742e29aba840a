import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import Fastify, { type FastifyInstance } from 'fastify';
import { SourceError } from '../../domain/gathered.ts';
import { type Certificates, certificates } from './certificates.ts';

export type { FastifyInstance } from 'fastify';

/** Somebody else's path on the same port: requests are handed over as they come, with nothing read of them. */
export type Beside = { readonly path: string; readonly listener: RequestListener };

export type ListenerSettings = {
  readonly host: string;
  readonly port: number;
  /** Certificate and key; read again when the files change. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** How often the files are looked at; default 30 s. */
  readonly tlsCheckMs?: number;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies?: readonly string[];
  readonly maxBodyBytes?: number;
  readonly beside?: readonly Beside[];
};

const limits = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000, maxHeaderSize: 16_384 } as const;

/** The path alone decides, whatever is asked of it; a listener that throws is no trouble of the others. */
const shared =
  (own: RequestListener, others: readonly Beside[]): RequestListener =>
  (request, response) => {
    const beside = others.find(({ path }) => path === request.url?.split('?')[0]);
    if (beside === undefined) return own(request, response);
    try {
      beside.listener(request, response);
    } catch {
      response.destroy();
    }
  };

type Read = () => Promise<Certificates>;

/** New connections get the new certificate; open ones keep theirs. A file that is unreadable for a moment changes nothing. */
const tlsServer = (first: Certificates, read: Read, everyMs: number, handler: RequestListener): Server => {
  const server = createTlsServer({ ...limits, ...first.options }, handler);
  let { version } = first;
  const renew = async (): Promise<void> => {
    const next = await read();
    if (next.version === version) return;
    server.setSecureContext(next.options);
    ({ version } = next);
  };
  const timer = setInterval(() => void renew().catch(() => undefined), everyMs);
  timer.unref();
  server.on('close', () => clearInterval(timer));
  return server;
};

/**
 * A fastify server with the limits that a port open to a cluster needs: header and body deadlines, a cap of connections, no body parser but ours.
 * Throws `SourceError` where certificate or key cannot be used.
 */
export const httpServer = async (settings: ListenerSettings): Promise<FastifyInstance> => {
  const read = settings.tls ? certificates(settings.tls) : null;
  const first = read ? await read() : null;
  const app = Fastify({
    logger: false,
    bodyLimit: settings.maxBodyBytes ?? 1_048_576,
    trustProxy: settings.trustedProxies && settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    forceCloseConnections: 'idle',
    serverFactory: (own) => {
      const handler = shared(own, settings.beside ?? []);
      return first && read ? tlsServer(first, read, settings.tlsCheckMs ?? 30_000, handler) : createServer(limits, handler);
    },
  });
  app.server.maxConnections = 4096;
  return app;
};

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine has no such address',
};

/** Listens and says on which port. Throws `SourceError` (refused) in words where it cannot. */
export const listen = async (app: FastifyInstance, { host, port }: ListenerSettings): Promise<number> => {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    const { code = '' } = cause as { readonly code?: string };
    const where = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    throw new SourceError('the listener', 'refused', `cannot listen on ${where}: ${listenReasons[code] ?? code}`, { cause });
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : port;
};
