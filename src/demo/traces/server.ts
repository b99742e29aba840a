import { createServer, type ServerResponse } from 'node:http';
import { keptId } from './ids.ts';
import { noTracePage, tracePage } from './page.ts';
import { queryOf, Refusal } from './query.ts';
import type { TraceBox } from './store.ts';

/** A store of traces that is asked as Zipkin is: the reading half of its API (zipkin.io, "zipkin-api", version 2), and a page a trace. */
export type TraceServer = { readonly url: string; readonly stop: () => Promise<void> };

/** `text/*`: what Zipkin calls its refusals. */
type Body = { readonly status: number; readonly type: string; readonly text: string };

const json = (value: unknown): Body => ({ status: 200, type: 'application/json', text: JSON.stringify(value) });
const html = (status: number, text: string): Body => ({ status, type: 'text/html; charset=utf-8', text });
const refused = (status: number, text: string): Body => ({ status, type: 'text/*', text });
const nowhere: Body = { status: 404, type: 'text/plain; charset=utf-8', text: '404 Not Found' };

const healthy = { status: 'UP', zipkin: { status: 'UP', details: { 'InMemoryStorage{}': { status: 'UP' } } } };

const serviceIn = (given: URLSearchParams): string => {
  const service = given.get('serviceName');
  if (service === null) throw new Refusal('serviceName is missing');
  return service;
};

const traceBody = (box: TraceBox, given: string): Body => {
  const id = keptId(given);
  const spans = box.trace(id);
  return spans === null ? refused(404, `${id} not found`) : json(spans);
};

const pageBody = (box: TraceBox, given: string): Body => {
  const spans = box.trace(keptId(given));
  return spans === null ? html(404, noTracePage(given)) : html(200, tracePage(given, spans));
};

/** What follows a path's beginning, where that is all of it. */
const behind = (path: string, beginning: string): string | null => {
  const rest = path.startsWith(beginning) ? path.slice(beginning.length) : '';
  return rest === '' || rest.includes('/') ? null : rest;
};

const bodyOf = (box: TraceBox, { pathname, searchParams }: URL): Body => {
  if (pathname === '/health') return json(healthy);
  if (pathname === '/api/v2/services') return json(box.services());
  if (pathname === '/api/v2/remoteServices') return json(box.remoteServices(serviceIn(searchParams)));
  if (pathname === '/api/v2/spans') return json(box.spanNames(serviceIn(searchParams)));
  if (pathname === '/api/v2/traces') return json(box.search(queryOf(searchParams, Date.now())));
  const id = behind(pathname, '/api/v2/trace/');
  if (id !== null) return traceBody(box, id);
  const shown = behind(pathname, '/zipkin/traces/');
  return shown === null ? nowhere : pageBody(box, shown);
};

const answered = (box: TraceBox, path: string): Body => {
  try {
    const url = URL.parse(path, 'http://store');
    return url === null ? nowhere : bodyOf(box, url);
  } catch (error) {
    if (error instanceof Refusal) return refused(400, error.message);
    throw error;
  }
};

const send = (response: ServerResponse, { status, type, text }: Body): void => {
  response.writeHead(status, { 'content-type': type }).end(text);
};

/** Serves what the box holds, on a free port of loopback. */
export const serveTraces = async (box: TraceBox): Promise<TraceServer> => {
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'GET') send(response, answered(box, request.url ?? '/'));
    else send(response, { ...nowhere, status: 405, text: '405 Method Not Allowed' });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
