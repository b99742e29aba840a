import { Agent, request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { sidecar } from '../topology.ts';
import { type Broken, sendBroken } from './raw.ts';

/** Calls to others: always through the proxy beside the application. One that failed resolves with what it got. */
export type Calls = {
  /** Status of the answer; 0 when there was none. */
  readonly http: (service: string, path: string, headers: Record<string, string>) => Promise<number>;
  /** gRPC status of a unary call; 14 when the connection failed. */
  readonly grpc: (service: string, method: string, headers: Record<string, string>) => Promise<number>;
  readonly tcp: () => Promise<boolean>;
};

/** How an application asks by HTTP that does not ask well; `half-body`: it stalls while it sends. */
export type Manner = 'half-body' | 'bad-envoy-header' | Extract<Broken, 'no-http' | 'broken-header'>;

export type Clients = Calls & {
  /** The same, in this manner. */
  readonly like: (manner: Manner) => Calls;
  /** How long they wait for an answer, or for the rest of it; null: as ever. */
  readonly patience: (seconds: number | null) => void;
  readonly close: () => void;
};

const usualPatienceMs = 30_000;

type HttpCall = {
  readonly agent: Agent;
  readonly address: string;
  readonly service: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly patienceMs: number;
  readonly manner: Manner | null;
};

const body = '{"amount":1}';

const headersOf = ({ headers, service, manner }: HttpCall): Record<string, string> => ({
  ...headers,
  host: service,
  ...(manner === 'half-body' ? { 'content-length': String(2 * body.length) } : {}),
  ...(manner === 'bad-envoy-header' ? { 'x-envoy-max-retries': 'many' } : {}),
});

const httpCall = (given: HttpCall): Promise<number> =>
  new Promise((resolve) => {
    const { agent, address, path, patienceMs, manner } = given;
    const call = request(
      { agent, host: address, port: sidecar.out, path, method: 'POST', headers: headersOf(given), timeout: patienceMs },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
        response.on('error', () => resolve(0));
        response.on('aborted', () => resolve(0));
        if (manner === 'half-body') response.on('end', () => call.destroy());
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(0));
    if (manner === 'half-body') call.write(body);
    else call.end(body);
  });

/** One message of gRPC's framing: not compressed, its length, an empty protobuf. */
export const grpcMessage = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

const grpcCall = (
  session: ClientHttp2Session,
  service: string,
  method: string,
  headers: Record<string, string>,
  patienceMs: number,
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
    stream.setTimeout(patienceMs, () => stream.close(constants.NGHTTP2_CANCEL));
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
    socket.setTimeout(usualPatienceMs, () => socket.destroy());
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
  let patienceMs = usualPatienceMs;
  const calling = (manner: Manner | null): Calls => ({
    http: (service, path, headers) =>
      manner === 'no-http' || manner === 'broken-header'
        ? sendBroken(address, sidecar.out, manner, service)
        : httpCall({ agent, address, service, path, headers, patienceMs, manner }),
    grpc: (service, method, headers) => grpcCall(open(), service, method, headers, patienceMs),
    tcp: () => tcpCall(address),
  });
  return {
    ...calling(null),
    like: calling,
    patience: (seconds) => {
      patienceMs = seconds === null ? usualPatienceMs : seconds * 1000;
    },
    close: () => {
      agent.destroy();
      session?.destroy();
    },
  };
};
