import { createServer } from 'node:http';

/** Takes what the proxies tell of their requests, by OpenTelemetry and by Zipkin, so that telling costs them what it costs in a cluster. */
type TraceBox = { readonly stop: () => Promise<void> };

export const startTraceBox = async (address: string): Promise<TraceBox> => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.statusCode = request.url === '/api/v2/spans' ? 202 : 200;
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(4318, address, resolve);
  });
  return {
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
