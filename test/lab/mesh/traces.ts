import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Takes what the proxies tell of their requests, by OpenTelemetry and by Zipkin, so that telling costs them what it costs in a cluster. */
type TraceBox = {
  /** Where it listens. */
  readonly port: number;
  /** Bodies of spans that the store did not take. */
  readonly lost: () => number;
  /** Resolves once the store has been told all that has come. */
  readonly passed: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const spansPath = '/api/v2/spans';
/** What a store takes at its worst: a Java machine that has just begun, beside a mesh. */
const patienceMs = 10_000;
/** No more bodies wait for a store that hangs; a proxy sends some for every five spans. */
const mostWaiting = 5000;
const mostAtOnce = 200;

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Each body is a list of spans as JSON: one list of all of theirs. */
const joined = (bodies: readonly Buffer[]): string =>
  `[${bodies
    .map((body) => body.toString().trim().slice(1, -1))
    .filter((spans) => spans !== '')
    .join(',')}]`;

/** Passes bodies on at its own pace, those together that came meanwhile: no proxy waits for the store. */
const passingOn = (store: string) => {
  const waiting: Buffer[] = [];
  let lost = 0;
  let work: Promise<void> | null = null;
  const passAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const bodies = waiting.splice(0, mostAtOnce);
      const headers = { 'content-type': 'application/json' };
      const signal = AbortSignal.timeout(patienceMs);
      const isTaken = await fetch(`${store}${spansPath}`, { method: 'POST', headers, body: joined(bodies), signal }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.ok;
        },
        () => false,
      );
      if (!isTaken) lost += bodies.length;
    }
    work = null;
  };
  return {
    take: (body: Buffer): void => {
      if (waiting.length >= mostWaiting) lost += 1;
      else waiting.push(body);
      work ??= passAll();
    },
    lost: () => lost,
    passed: async (): Promise<void> => void (await work),
  };
};

/** `store`: address of a Zipkin that is told all that comes in Zipkin's form; null: nothing is kept. */
export const startTraceBox = async (address: string, store: string | null, port = 4318): Promise<TraceBox> => {
  const passing = store === null ? null : passingOn(store);
  const server = createServer((request, response) => {
    const isZipkin = request.url === spansPath;
    read(request).then(
      (body) => {
        response.statusCode = isZipkin ? 202 : 200;
        response.end();
        if (isZipkin) passing?.take(body);
      },
      // A proxy that was killed while it told.
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    lost: () => passing?.lost() ?? 0,
    passed: async () => passing?.passed(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      // The store ends next, and what is left is of no use to anybody.
      await Promise.race([passing?.passed(), wait(1000, undefined, { ref: false })]);
    },
  };
};
