import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { aside } from './topology.ts';

/** The services that policies ask: one that authorizes nobody, and one that finds everything over its limit. */
export const startPolicies = async (index: number): Promise<() => Promise<void>> => {
  const address = aside(index, 'policy');
  const authorization = createServer((request, response) => {
    request.resume();
    response.writeHead(403).end('denied\n');
  });
  // RateLimitResponse { overall_code: OVER_LIMIT } in gRPC's framing.
  const overLimit = Buffer.from([0, 0, 0, 0, 2, 8, 2]);
  const limits = createHttp2Server();
  limits.on('sessionError', () => undefined);
  limits.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.resume();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(overLimit);
  });
  await new Promise<void>((resolve) => authorization.listen(9001, address, resolve));
  await new Promise<void>((resolve) => limits.listen(9002, address, resolve));
  return async () => {
    authorization.closeAllConnections();
    limits.close();
    await new Promise((resolve) => authorization.close(resolve));
  };
};
