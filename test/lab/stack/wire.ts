import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange } from '../../../src/adapters/http/recording.ts';
import { sourceName } from '../../../src/domain/source-name.ts';

/** One question of the bot with its answer, and when. */
export type Kept = { readonly startedMs: number; readonly endedMs: number; readonly exchange: Exchange };

/** One call of Alertmanager. */
export type Delivered = { readonly atMs: number; readonly body: unknown };

/** Stands between the bot and what is real, and keeps what passes. */
export type Wire = {
  /** Where the bot finds the Prometheus of one cluster. */
  readonly prometheusOf: (cluster: string) => string;
  /** Where it finds the trace store of one cluster; null where the lab has none. */
  readonly tracesOf: (cluster: string) => string | null;
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

type BackEnd = 'metrics' | 'traces';

/** "/metrics/<cluster>/api/v1/query?x=y" → back end, cluster, "api/v1/query", the pairs. */
type Target = {
  readonly backEnd: BackEnd;
  readonly cluster: string;
  readonly path: string;
  readonly query: [string, string][];
};

const targetOf = (url: string): Target | null => {
  const { pathname, searchParams } = new URL(url, 'http://wire');
  const [, backEnd, cluster = '', path = ''] = /^\/(metrics|traces)\/([^/]+)\/(.*)$/.exec(pathname) ?? [];
  return backEnd === undefined
    ? null
    : { backEnd: backEnd as BackEnd, cluster: decodeURIComponent(cluster), path, query: [...searchParams.entries()] };
};

const headersFor = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    ['content-type', 'authorization', 'accept'].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

type Open = { readonly cluster: string; readonly openedMs: number } & Readonly<Record<BackEnd, string | null>>;

/**
 * Of a search in the one Zipkin of a slot only what began since this cluster is there: what was before it belongs to another fault. Asked, and
 * kept, is what the bot asked.
 */
const searchOf = ({ backEnd, path, query }: Target, search: string, { openedMs }: Open): string => {
  if (backEnd !== 'traces' || path !== 'api/v2/traces') return search;
  const pairs = new URLSearchParams(query);
  const endMs = Number(pairs.get('endTs') ?? Date.now());
  const lookbackMs = Number(pairs.get('lookback') ?? Number.POSITIVE_INFINITY);
  pairs.set('endTs', String(endMs));
  pairs.set('lookback', String(Math.max(1, Math.min(lookbackMs, endMs - openedMs))));
  return `?${pairs}`;
};

type Asked = Pick<Exchange, 'source' | 'method' | 'path' | 'query' | 'form'>;

/** As the bot names its sources: of several clusters the name says which. */
const sourceOf = ({ backEnd, path, cluster }: Target): string =>
  sourceName(backEnd === 'traces' ? 'Zipkin' : path === 'api/v1/rules' ? 'Alert rules' : 'Prometheus', cluster, true);

const askedOf = (target: Target, isPost: boolean, body: Buffer): Asked => ({
  source: sourceOf(target),
  method: isPost ? 'POST' : 'GET',
  path: target.path,
  query: target.query,
  form: isPost ? [...new URLSearchParams(body.toString()).entries()] : [],
});

/** Passes a question on, and keeps it with its answer; one that the bot no longer waits for is kept as that. */
const pass = async (open: Open | null, request: IncomingMessage, response: ServerResponse, kept: Kept[]): Promise<void> => {
  const target = targetOf(request.url ?? '');
  const body = await read(request);
  const url = target === null ? null : (open?.[target.backEnd] ?? null);
  if (target === null || open === null || url === null || target.cluster !== open.cluster) {
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
  const { search } = new URL(request.url ?? '', 'http://wire');
  const answer = await fetch(`${url}/${target.path}${searchOf(target, search, open)}`, {
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

/** `bot`: the address of the bot's webhook; `zipkin`: the trace store of every cluster, null where there is none. */
export const startWire = async (bot: string, zipkin: string | null): Promise<Wire> => {
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
    prometheusOf: (cluster) => `${base}/metrics/${encodeURIComponent(cluster)}`,
    tracesOf: (cluster) => (zipkin === null ? null : `${base}/traces/${encodeURIComponent(cluster)}`),
    webhook: `${base}${webhookPath}`,
    open: (cluster, prometheus) => {
      open = { cluster, openedMs: Date.now(), metrics: prometheus, traces: zipkin };
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
