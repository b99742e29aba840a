import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net';
import type { Pod } from '../../lab.ts';
import { calls, ports } from '../topology.ts';
import { type Behaviour, drawn, forwarded, work } from './behaviour.ts';
import { type Clients, clientsOf, grpcMessage } from './clients.ts';
import { serviceOf } from './services.ts';

/** The application of one pod. */
export type App = {
  readonly pod: Pod;
  readonly behave: (behaviours: readonly Behaviour[]) => void;
  /** How long it waits for what it asks; null: as ever. */
  readonly patience: (seconds: number | null) => void;
  /** Nobody listens any more, as after a crash. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** One answer in a thousand is an error on the best of days. */
const usualFailures: readonly Behaviour[] = [{ share: 0.001, does: { kind: 'status', code: 500 } }];
const usualGrpcFailures: readonly Behaviour[] = [{ share: 0.001, does: { kind: 'grpc-status', status: 13 } }];

type Doing = { readonly pod: Pod; readonly clients: Clients; readonly random: () => number; behaviours: readonly Behaviour[] };

/** An application reads what it is sent before it works; false when not all of it came. */
const received = (request: IncomingMessage): Promise<boolean> =>
  new Promise((resolve) => {
    request.resume();
    request.once('end', () => resolve(true));
    request.once('close', () => resolve(false));
  });

/** A client's window does not hold it, and a proxy does. */
const download = Buffer.alloc(600_000, 'x');

/** True when the misbehaviour was the whole answer. */
const misbehave = (does: Behaviour['does'] | null, response: ServerResponse): boolean => {
  const socket = response.socket as Socket;
  if (does === null || does.kind === 'slow' || does.kind === 'asks') return false;
  if (does.kind === 'status') response.writeHead(does.code).end('no\n');
  else if (does.kind === 'close') socket.end();
  else if (does.kind === 'reset') socket.resetAndDestroy();
  else if (does.kind === 'stall') response.writeHead(200, { 'content-length': 1000 }).write('half');
  else if (does.kind === 'half' || does.kind === 'half-reset') {
    response.writeHead(200, { 'content-length': 1000 }).write('half');
    setTimeout(() => (does.kind === 'half' ? socket.destroy() : socket.resetAndDestroy()), 50);
  } else if (does.kind === 'big-headers') response.writeHead(200, { 'x-big': 'a'.repeat(200_000) }).end();
  else if (does.kind === 'garbage') socket.end('this is not http\r\n\r\n');
  else response.writeHead(500).end();
  return true;
};

const answerHttp = async (doing: Doing, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  if (!(await received(request))) return;
  const { pod, clients } = doing;
  const service = serviceOf(pod);
  const does = drawn([...doing.behaviours, ...usualFailures], doing.random);
  await work(service.seconds, doing.random);
  // Whoever asked may have left.
  if (response.destroyed || misbehave(does, response)) return;
  if (does?.kind === 'slow') await work(does.seconds, doing.random);
  const url = request.url ?? '/';
  const isFine = await service.calls(
    does?.kind === 'asks' ? clients.like(does.manner) : clients,
    url,
    forwarded(request.headers),
  );
  if (response.destroyed) return;
  response.writeHead(isFine ? 200 : 500, { 'content-type': 'application/json' });
  response.end(url === '/download' ? download : '{"ok":true}\n');
};

const answerGrpc = async (
  doing: Doing,
  stream: ServerHttp2Stream,
  headers: Record<string, string | string[] | undefined>,
): Promise<void> => {
  stream.on('error', () => undefined);
  stream.resume();
  const service = serviceOf(doing.pod);
  const does = drawn([...doing.behaviours, ...usualGrpcFailures], doing.random);
  await work(service.seconds, doing.random);
  if (does?.kind === 'slow') await work(does.seconds, doing.random);
  if (stream.destroyed) return;
  if (does?.kind === 'stream-reset') return stream.close(does.code);
  if (does?.kind === 'half' || does?.kind === 'half-reset') {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(grpcMessage);
    setTimeout(() => stream.close(2), 50);
    return;
  }
  if (does?.kind === 'close' || does?.kind === 'reset') return void stream.session?.destroy();
  const failed = does?.kind === 'grpc-status' ? does.status : null;
  const isFine = failed === null && (await service.calls(doing.clients, '', forwarded(headers)));
  if (stream.destroyed) return;
  const status = failed ?? (isFine ? 0 : 13);
  if (status !== 0) {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status), 'grpc-message': 'no' },
      { endStream: true },
    );
    return;
  }
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(grpcMessage);
};

const answerTcp = (doing: Doing, socket: Socket): void => {
  socket.on('error', () => undefined);
  socket.on('data', async () => {
    const does = drawn(doing.behaviours, doing.random);
    await work(serviceOf(doing.pod).seconds, doing.random);
    if (does?.kind === 'close') socket.end();
    else if (does?.kind === 'reset') socket.resetAndDestroy();
    else {
      if (does?.kind === 'slow') await work(does.seconds, doing.random);
      if (!socket.destroyed) socket.write('1000\n');
    }
  });
};

/** Servers that forget their connections with themselves. */
const closing = (server: NetServer | Server): (() => Promise<void>) => {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  return async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };
};

const listen = (server: NetServer | Server, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });

/** Listens for every protocol that somebody calls this service by. */
const serve = async (doing: Doing): Promise<() => Promise<void>> => {
  const { pod } = doing;
  const spoken = [...new Set(calls.filter(({ callee }) => callee === pod.service).map(({ protocol }) => ports[protocol]))];
  const closers: (() => Promise<void>)[] = [];
  for (const port of spoken) {
    const server =
      port === ports.tcp
        ? createTcpServer((socket) => answerTcp(doing, socket))
        : port === ports.grpc
          ? createHttp2Server().on(
              'stream',
              (stream: ServerHttp2Stream, headers) => void answerGrpc(doing, stream, headers as never),
            )
          : createServer({ keepAliveTimeout: 120_000 }, (request, response) => void answerHttp(doing, request, response));
    server.on('sessionError', () => undefined);
    closers.push(closing(server as Server));
    await listen(server as Server, port, pod.address);
  }
  return async () => {
    for (const close of closers) await close();
  };
};

export const startApp = async (pod: Pod, random: () => number): Promise<App> => {
  const doing: Doing = { pod, clients: clientsOf(pod.address), random, behaviours: [] };
  let close: (() => Promise<void>) | null = await serve(doing);
  const down = async (): Promise<void> => {
    const ending = close;
    close = null;
    await ending?.();
  };
  return {
    pod,
    behave: (behaviours) => {
      doing.behaviours = behaviours;
    },
    patience: doing.clients.patience,
    down,
    up: async () => {
      close ??= await serve(doing);
    },
    stop: async () => {
      doing.clients.close();
      await down();
    },
  };
};
