import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange } from '../../../src/adapters/http/recording.ts';
import { sourceName } from '../../../src/sources.ts';

/** One question of the bot with its answer, and when. */
export type Kept = { readonly startedMs: number; readonly endedMs: number; readonly exchange: Exchange };

/** One call of Alertmanager. */
export type Delivered = { readonly atMs: number; readonly body: unknown };

/** Stands between the bot and what is real, and keeps what passes. */
export type Wire = {
  /** Where the bot finds the Prometheus of one cluster. */
  readonly prometheusOf: (cluster: string) => string;
  /** Where Alertmanager finds the bot. */
  readonly webhook: string;
  /** From now on this cluster is there, at this address, and no other is; what was kept is forgotten. */
  readonly open: (cluster: string, prometheus: string) => void;
  readonly exchanges: () => readonly Kept[];
  readonly deliveries: () => readonly Delivered[];
  readonly close: () => Promise<void>;
};

const webhookPath = '/webhooks/alertmanager';

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** "/c/<cluster>/api/v1/query?x=y" → cluster, "api/v1/query", the pairs. */
type Target = { readonly cluster: string; readonly path: string; readonly query: [string, string][] };

const targetOf = (url: string): Target | null => {
  const { pathname, searchParams } = new URL(url, 'http://wire');
  const match = /^\/c\/([^/]+)\/(.*)$/.exec(pathname);
  return match === null
    ? null
    : { cluster: decodeURIComponent(match[1] ?? ''), path: match[2] ?? '', query: [...searchParams.entries()] };
};

const headersFor = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    ['content-type', 'authorization', 'accept'].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

type Open = { readonly cluster: string; readonly prometheus: string };

type Asked = Pick<Exchange, 'source' | 'method' | 'path' | 'query' | 'form'>;

const askedOf = (target: Target, isPost: boolean, body: Buffer): Asked => ({
  source: sourceName(target.path === 'api/v1/rules' ? 'Alert rules' : 'Prometheus', target.cluster, true),
  method: isPost ? 'POST' : 'GET',
  path: target.path,
  query: target.query,
  form: isPost ? [...new URLSearchParams(body.toString()).entries()] : [],
});

/** Passes a question on, and keeps it with its answer; one that the bot no longer waits for is kept as that. */
const pass = async (open: Open | null, request: IncomingMessage, response: ServerResponse, kept: Kept[]): Promise<void> => {
  const target = targetOf(request.url ?? '');
  const body = await read(request);
  if (target === null || open === null || target.cluster !== open.cluster) {
    // Refreshes of incidents whose fault is over.
    response.writeHead(503, { 'content-type': 'text/plain' }).end('This cluster is gone.');
    return;
  }
  const startedMs = Date.now();
  const isPost = request.method === 'POST';
  const asked = askedOf(target, isPost, body);
  const leaving = new AbortController();
  response.once('close', () => {
    if (response.writableEnded) return;
    const endedMs = Date.now();
    const detail = `did not answer in ${((endedMs - startedMs) / 1000).toFixed(1)} s`;
    kept.push({ startedMs, endedMs, exchange: { ...asked, failure: { reason: 'timeout', detail } } });
    leaving.abort();
  });
  const search = new URL(request.url ?? '', 'http://wire').search;
  const answer = await fetch(`${open.prometheus}/${target.path}${search}`, {
    method: asked.method,
    headers: headersFor(request),
    signal: leaving.signal,
    ...(isPost ? { body: body.toString() } : {}),
  });
  const text = await answer.text();
  if (leaving.signal.aborted) return;
  const endedMs = Date.now();
  kept.push({ startedMs, endedMs, exchange: { ...asked, ms: endedMs - startedMs, status: answer.status, body: text } });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' }).end(text);
};

const deliver = async (bot: string, request: IncomingMessage, response: ServerResponse, taken: Delivered[]): Promise<void> => {
  const body = await read(request);
  const atMs = Date.now();
  const answer = await fetch(bot, { method: 'POST', headers: headersFor(request), body: body.toString() });
  taken.push({ atMs, body: JSON.parse(body.toString()) as unknown });
  response.writeHead(answer.status, { 'content-type': 'text/plain' }).end(await answer.text());
};

/** `bot`: the address of the bot's webhook. */
export const startWire = async (bot: string): Promise<Wire> => {
  let open: Open | null = null;
  let kept: Kept[] = [];
  let taken: Delivered[] = [];
  const server = createServer((request, response) => {
    const work = request.url === webhookPath ? deliver(bot, request, response, taken) : pass(open, request, response, kept);
    work.catch(() => {
      if (!response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' }).end('Nobody answers there.');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    prometheusOf: (cluster) => `${base}/c/${encodeURIComponent(cluster)}`,
    webhook: `${base}${webhookPath}`,
    open: (cluster, prometheus) => {
      open = { cluster, prometheus };
      kept = [];
      taken = [];
    },
    exchanges: () => kept,
    deliveries: () => taken,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
