import { createServer } from 'node:http';

/** Takes what the proxies tell of their requests, by OpenTelemetry and by Zipkin; the newest uploads are kept. */
type TraceBox = {
  readonly uploads: () => Readonly<Record<'opentelemetry' | 'zipkin', number>>;
  /** Bodies as they came, newest last: protobuf of an ExportTraceServiceRequest, or Zipkin's JSON array. */
  readonly newest: (protocol: 'opentelemetry' | 'zipkin') => readonly Buffer[];
  readonly stop: () => Promise<void>;
};

const kept = 50;

export const startTraceBox = async (address: string): Promise<TraceBox> => {
  const bodies: Record<'opentelemetry' | 'zipkin', Buffer[]> = { opentelemetry: [], zipkin: [] };
  const counts = { opentelemetry: 0, zipkin: 0 };
  const server = createServer((request, response) => {
    const protocol = request.url === '/api/v2/spans' ? 'zipkin' : 'opentelemetry';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      counts[protocol] += 1;
      bodies[protocol].push(Buffer.concat(chunks));
      bodies[protocol].splice(0, Math.max(0, bodies[protocol].length - kept));
      response.statusCode = protocol === 'zipkin' ? 202 : 200;
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(4318, address, resolve);
  });
  return {
    uploads: () => ({ ...counts }),
    newest: (protocol) => [...bodies[protocol]],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
