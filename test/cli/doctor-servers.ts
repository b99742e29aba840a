import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

type Opened = { readonly url: string; readonly close: () => Promise<void> };

/** A server on loopback, plain or with TLS. */
export const open = async (answer: RequestListener, tls: ServerOptions | null = null): Promise<Opened> => {
  const server = tls === null ? createServer(answer) : createTlsServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

export type PrometheusLike = {
  /** Series by the tag of what the doctor counts; others are `otherwise`. */
  readonly series?: Readonly<Record<string, number>>;
  readonly otherwise?: number;
  /** What /api/v1/status/buildinfo says; null: 404. */
  readonly version?: string | null;
  readonly features?: string | null;
  readonly rules?: number;
  readonly aheadMs?: number;
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
};

/** Answers what the doctor asks of a Prometheus; what it counts is told by tags, so the fake needs no PromQL. */
export const prometheusLike =
  ({
    series = {},
    otherwise = 3,
    version = '2.42.0',
    features = 'exemplar-storage',
    rules = 1,
    aheadMs = 0,
  }: PrometheusLike): RequestListener =>
  async (request, response) => {
    const body = new URLSearchParams(await textOf(request));
    const say = (status: number, data: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', date: new Date(Date.now() + aheadMs).toUTCString() });
      response.end(
        JSON.stringify(status === 200 ? { status: 'success', data } : { status: 'error', errorType: 'not_found', error: 'no' }),
      );
    };
    const path = new URL(request.url ?? '', 'http://prometheus').pathname;
    if (path === '/api/v1/query') {
      const tags = [...(body.get('query') ?? '').matchAll(/, "edgewise", "([^"]+)", ""/g)].map(([, tag]) => tag ?? '');
      const result = tags
        .map((tag) => [tag, series[tag] ?? otherwise] as const)
        .filter(([, count]) => count > 0)
        .map(([tag, count]) => ({ metric: { edgewise: tag }, value: [1, String(count)] }));
      return say(200, { resultType: 'vector', result });
    }
    if (path === '/api/v1/status/buildinfo') return say(version === null ? 404 : 200, { version, goVersion: 'go1.20' });
    if (path === '/api/v1/status/flags') return say(features === null ? 404 : 200, { 'enable-feature': features });
    if (path === '/api/v1/rules')
      return say(200, {
        groups: [{ rules: Array.from({ length: rules }, () => ({ type: 'alerting', name: 'A', query: 'up == 0' })) }],
      });
    return say(404, null);
  };

/** An Alertmanager with this configuration. */
export const alertmanagerLike =
  (config: string): RequestListener =>
  (request, response) => {
    const path = new URL(request.url ?? '', 'http://alertmanager').pathname;
    const answer =
      path === '/api/v2/alerts'
        ? []
        : path === '/api/v2/status'
          ? { versionInfo: { version: '0.28.0' }, config: { original: config } }
          : null;
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
