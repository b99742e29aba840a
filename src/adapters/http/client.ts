import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { SourceError } from '../../domain/gathered.ts';
import { rotatingFile } from '../system/rotating-file.ts';
import { certificates } from './certificates.ts';

/** How one source is reached. Secrets come as values or as files that may rotate; files are read again when they change. */
export type SourceSettings = {
  /** As the report names it: "Prometheus". */
  readonly name: string;
  /** Base address; a path prefix is kept. */
  readonly url: string;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
  /** Cap of one response body; default 32 MiB. */
  readonly maxBytes?: number;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly bearerToken?: string;
  readonly bearerTokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  /** X-Scope-OrgID of Mimir, Tempo and Loki. */
  readonly tenant?: string;
  readonly proxy?: ProxySettings;
};

/** HTTPS_PROXY and its like, handed in: this file reads no environment. */
export type ProxySettings = {
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: string | null;
};

export type HttpCall = {
  readonly method?: 'GET' | 'POST';
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

const mebibyte = 1024 * 1024;
const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection',
  ENOTFOUND: 'has a name that does not resolve',
  EAI_AGAIN: 'has a name that does not resolve now',
  ETIMEDOUT: 'could not be connected to in time',
  UND_ERR_CONNECT_TIMEOUT: 'could not be connected to in time',
  UND_ERR_SOCKET: 'closed the connection',
  EHOSTUNREACH: 'cannot be routed to',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a self-signed certificate in its chain',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate of an unknown authority',
  CERT_HAS_EXPIRED: 'has an expired certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
};

/** Every failure of the network, once, in the reader's words. The message of the cause is not repeated: it may hold an address with a secret. */
const failure = (name: string, error: unknown, signal: AbortSignal, startedMs: number): SourceError => {
  if (error instanceof SourceError) return error;
  const code = codeOf(error);
  const waited = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (signal.aborted || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_ABORTED') {
    return new SourceError(name, 'timeout', `did not answer in ${waited} s`, { cause: error });
  }
  return new SourceError(name, 'unreachable', networkReasons[code] ?? 'could not be reached', { cause: error });
};

const codeOf = (error: unknown): string => {
  const seen = error as { code?: unknown; cause?: { code?: unknown } } | null;
  return String(seen?.code ?? seen?.cause?.code ?? '');
};

/** Reads a body, counting while it streams. */
const readText = async (name: string, body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) {
      body.destroy();
      throw new SourceError(name, 'too-expensive', `answered with more than ${Math.round(maxBytes / mebibyte)} MiB`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
};

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

const agentOf = (settings: SourceSettings, tls: object): Dispatcher => {
  const options = {
    headersTimeout: settings.headersTimeoutMs ?? 10_000,
    bodyTimeout: settings.bodyTimeoutMs ?? 10_000,
    keepAliveTimeout: 30_000,
    connections: 16,
    connect: { ...tls, timeout: 5000 },
  };
  const { httpProxy, httpsProxy, noProxy } = settings.proxy ?? { httpProxy: null, httpsProxy: null, noProxy: null };
  if (httpProxy === null && httpsProxy === null) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? httpProxy ?? '',
    noProxy: noProxy ?? '',
    requestTls: tls,
  });
};

/** A source behind its own Agent: keep-alive, header and body deadlines, a size cap, no redirects. */
export const httpSource = (settings: SourceSettings): HttpSource => {
  const tls = certificates(settings);
  const credentials = authorization(settings);
  let current: { readonly version: string; readonly agent: Dispatcher } | null = null;
  const agent = async (): Promise<Dispatcher> => {
    const { version, options } = await tls();
    if (current?.version !== version) {
      void current?.agent.close().catch(() => undefined);
      current = { version, agent: agentOf(settings, options) };
    }
    return current.agent;
  };
  const ask = async (call: HttpCall): Promise<HttpAnswer> => {
    const { body, contentType } = bodyOf(call);
    const headers = {
      accept: 'application/json',
      ...(settings.tenant === undefined ? {} : { 'x-scope-orgid': settings.tenant }),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
      ...(await credentials()),
      ...call.headers,
    };
    const answer = await request(addressUnder(settings.url, call.path, call.query), {
      dispatcher: await agent(),
      method: call.method ?? 'GET',
      headers,
      body: body ?? null,
      signal: call.signal,
    });
    const text = await readText(settings.name, answer.body, call.maxBytes ?? settings.maxBytes ?? 32 * mebibyte);
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
      text,
    };
  };
  return {
    name: settings.name,
    request: async (call) => {
      const startedMs = performance.now();
      try {
        return await ask(call);
      } catch (error) {
        throw failure(settings.name, error, call.signal, startedMs);
      }
    },
    close: async () => {
      await current?.agent.close().catch(() => undefined);
    },
  };
};
