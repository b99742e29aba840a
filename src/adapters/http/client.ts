import { type Dispatcher, request } from 'undici';
import { rotatingFile } from '../system/rotating-file.ts';
import { readText } from './body.ts';
import { certificates } from './certificates.ts';
import { failure } from './failure.ts';
import { dispatcherFor, noProxies, type ProxySettings, proxyFor } from './proxy.ts';

export type { ProxySettings } from './proxy.ts';

/** How one source is reached. Secrets come as values or as files that may rotate; files are read again when they change. */
export type SourceSettings = {
  /** As the report names it: "Prometheus". */
  readonly name: string;
  /** Base address; a path prefix is kept. */
  readonly url: string;
  /** How long the first byte of an answer may take; default 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long the whole body may take; default 10 s. */
  readonly bodyTimeoutMs?: number;
  /** Cap of one response body; default 32 MiB. */
  readonly maxBytes?: number;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Name that the certificate must prove, where it is not the host of `url`. */
  readonly serverName?: string;
  readonly bearerToken?: string;
  readonly bearerTokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly tenant?: string;
  /** The header that names the tenant; default: X-Scope-OrgID of Mimir, Tempo and Loki. Jaeger's is x-tenant. */
  readonly tenantHeader?: string;
  readonly proxy?: ProxySettings;
};

export type HttpCall = {
  /** None of them is ever sent a second time: what a POST did is not known when its answer is lost. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly form?: readonly (readonly [string, string])[];
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly maxBytes?: number;
};

export type HttpAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string };

/** One back end behind one Agent. Throws only `SourceError`, whose detail holds no secret. */
export type HttpSource = {
  readonly name: string;
  readonly request: (call: HttpCall) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
};

const defaultTimeoutMs = 10_000;
const defaultMaxBytes = 32 * 1024 * 1024;

const bodyOf = (call: HttpCall): { readonly body?: string; readonly contentType?: string } => {
  if (call.form)
    return {
      body: new URLSearchParams(call.form.map(([name, value]): [string, string] => [name, value])).toString(),
      contentType: 'application/x-www-form-urlencoded',
    };
  if (call.json !== undefined) return { body: JSON.stringify(call.json), contentType: 'application/json' };
  return {};
};

/** The address under the base, path prefix kept. The path is ours; values go into the query, encoded. */
export const addressUnder = (base: string, path: string, query: HttpCall['query'] = []): URL => {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
  url.username = '';
  url.password = '';
  url.search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
  return url;
};

/** The Authorization header of now: files are read again when they changed, so that a rotated token is used at once. */
const authorization = (settings: SourceSettings) => {
  const token = rotatingFile(settings.bearerTokenFile);
  const password = rotatingFile(settings.passwordFile);
  return async (): Promise<Record<string, string>> => {
    const bearer = (await token()) ?? settings.bearerToken ?? null;
    if (bearer !== null) return { authorization: `Bearer ${bearer}` };
    if (settings.username === undefined) return {};
    const secret = (await password()) ?? settings.password ?? '';
    return { authorization: `Basic ${Buffer.from(`${settings.username}:${secret}`).toString('base64')}` };
  };
};

/** A source behind its own pool: keep-alive, header and body deadlines, a size cap, no redirects. */
export const httpSource = (settings: SourceSettings): HttpSource => {
  const tls = certificates(settings);
  const credentials = authorization(settings);
  const proxy = settings.proxy ?? noProxies;
  const { name, headersTimeoutMs = defaultTimeoutMs, bodyTimeoutMs = defaultTimeoutMs } = settings;
  let current: { readonly version: string; readonly dispatcher: Dispatcher } | null = null;
  const dispatcher = async (): Promise<Dispatcher> => {
    const { version, options } = await tls();
    if (current?.version !== version) {
      void current?.dispatcher.close().catch(() => undefined);
      const named = settings.serverName === undefined ? options : { ...options, servername: settings.serverName };
      current = { version, dispatcher: dispatcherFor(proxy, named, { headersTimeoutMs, bodyTimeoutMs }) };
    }
    return current.dispatcher;
  };
  const ask = async (call: HttpCall): Promise<HttpAnswer> => {
    const { body, contentType } = bodyOf(call);
    const headers = {
      accept: 'application/json',
      ...(settings.tenant === undefined ? {} : { [settings.tenantHeader ?? 'x-scope-orgid']: settings.tenant }),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(await credentials()),
      ...call.headers,
    };
    const answer = await request(addressUnder(settings.url, call.path, call.query), {
      dispatcher: await dispatcher(),
      method: call.method ?? 'GET',
      headers,
      body: body ?? null,
      signal: call.signal,
    });
    const maxBytes = call.maxBytes ?? settings.maxBytes ?? defaultMaxBytes;
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([header, value]) => [header, String(value)])),
      text: await readText(name, answer, { maxBytes, withinMs: bodyTimeoutMs }),
    };
  };
  const isProxied = proxyFor(new URL(settings.url), proxy) !== null;
  return {
    name,
    request: async (call) => {
      const startedMs = performance.now();
      try {
        return await ask(call);
      } catch (error) {
        throw failure(name, error, { isAborted: call.signal.aborted, isProxied, waitedMs: performance.now() - startedMs });
      }
    },
    close: async () => {
      await current?.dispatcher.close().catch(() => undefined);
    },
  };
};
