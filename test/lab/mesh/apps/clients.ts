import { Agent, request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { sidecar } from '../topology.ts';

/** How an application calls others: always through the proxy beside it. A call that failed resolves with what it got. */
export type Clients = {
  /** Status of the answer; 0 when there was none. */
  readonly http: (service: string, path: string, headers: Record<string, string>) => Promise<number>;
  /** gRPC status of a unary call; 14 when the connection failed. */
  readonly grpc: (service: string, method: string, headers: Record<string, string>) => Promise<number>;
  readonly tcp: () => Promise<boolean>;
  readonly close: () => void;
};

const patienceMs = 30_000;

const httpCall = (
  agent: Agent,
  address: string,
  service: string,
  path: string,
  headers: Record<string, string>,
): Promise<number> =>
  new Promise((resolve) => {
    const call = request(
      {
        agent,
        host: address,
        port: sidecar.out,
        path,
        method: 'POST',
        headers: { ...headers, host: service },
        timeout: patienceMs,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
        response.on('error', () => resolve(0));
        response.on('aborted', () => resolve(0));
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(0));
    call.end('{"amount":1}');
  });

/** One message of gRPC's framing: not compressed, its length, an empty protobuf. */
export const grpcMessage = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

const grpcCall = (
  session: ClientHttp2Session,
  service: string,
  method: string,
  headers: Record<string, string>,
): Promise<number> =>
  new Promise((resolve) => {
    const stream = session.request({
      ...headers,
      ':method': 'POST',
      ':path': method,
      ':authority': service,
      ':scheme': 'http',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: number | null = null;
    const read = (found: Readonly<Record<string, unknown>>): void => {
      if (found['grpc-status'] !== undefined) status = Number(found['grpc-status']);
      else if (found[':status'] !== undefined && found[':status'] !== 200) status = 14;
    };
    stream.setTimeout(patienceMs, () => stream.close());
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('error', () => resolve(14));
    stream.on('close', () => resolve(status ?? 14));
    stream.resume();
    stream.end(grpcMessage);
  });

const tcpCall = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectTcp(sidecar.tcpOut, address, () => socket.write('balance\n'));
    let isAnswered = false;
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', () => {
      isAnswered = true;
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(isAnswered));
  });

export const clientsOf = (address: string): Clients => {
  const agent = new Agent({ keepAlive: true });
  let session: ClientHttp2Session | null = null;
  const open = (): ClientHttp2Session => {
    if (session !== null && !session.closed && !session.destroyed) return session;
    session = connectHttp2(`http://${address}:${sidecar.out}`);
    session.on('error', () => undefined);
    return session;
  };
  return {
    http: (service, path, headers) => httpCall(agent, address, service, path, headers),
    grpc: (service, method, headers) => grpcCall(open(), service, method, headers),
    tcp: () => tcpCall(address),
    close: () => {
      agent.destroy();
      session?.destroy();
    },
  };
};
