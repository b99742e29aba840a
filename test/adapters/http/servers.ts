import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What a server on loopback saw, and how it ends. */
export type Opened = {
  readonly port: number;
  readonly requests: IncomingMessage[];
  readonly sockets: Set<Socket>;
  readonly close: () => Promise<void>;
};

const opened = async (server: Server, requests: IncomingMessage[], host: string): Promise<Opened> => {
  const sockets = new Set<Socket>();
  const event = 'setSecureContext' in server ? 'secureConnection' : 'connection';
  server.on(event, (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
};

/** A plain or TLS server that notes every request before it answers. */
export const openServer = (answer: RequestListener, tls: ServerOptions | null = null, host = '127.0.0.1'): Promise<Opened> => {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(request, response);
  };
  return opened(tls === null ? createServer(listener) : createTlsServer(tls, listener), requests, host);
};

type Proxy = Opened & { readonly tunnels: string[]; readonly forwarded: string[] };

/** A forward proxy: CONNECT tunnels and absolute-form requests, all to one port on loopback whatever name was asked for. */
export const openProxy = async (
  toPort: number,
  { credentials = null, refusal = null }: { readonly credentials?: string | null; readonly refusal?: number | null } = {},
): Promise<Proxy> => {
  const [tunnels, forwarded, requests]: [string[], string[], IncomingMessage[]] = [[], [], []];
  const basic = credentials === null ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const refused = (request: IncomingMessage): number | null =>
    refusal ?? (basic !== null && request.headers['proxy-authorization'] !== basic ? 407 : null);
  const server = createServer((request, response) => {
    requests.push(request);
    forwarded.push(String(request.url));
    response.writeHead(refused(request) ?? 200).end('{"through":"proxy"}');
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    requests.push(request);
    tunnels.push(String(request.url));
    client.on('error', () => undefined);
    const status = refused(request);
    if (status !== null) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const far = connect(toPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(client);
      client.pipe(far);
    });
    far.on('error', () => client.destroy());
    client.on('close', () => far.destroy());
  });
  return { ...(await opened(server, requests, '127.0.0.1')), tunnels, forwarded };
};
