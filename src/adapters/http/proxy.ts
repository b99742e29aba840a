import { BlockList, isIP } from 'node:net';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { isLoopback } from './loopback.ts';

/** HTTPS_PROXY and its like, handed in: nothing here reads the environment. */
export type ProxySettings = {
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: string | null;
};

export const noProxies: ProxySettings = { httpProxy: null, httpsProxy: null, noProxy: null };

/** TLS options of undici's connector. */
type Tls = { readonly ca?: string[]; readonly cert?: string; readonly key?: string; readonly servername?: string };

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** `host`, `host:port`, `[::1]:port`, `::1` taken apart. */
const hostAndPort = (entry: string): { readonly host: string; readonly port: string | null } => {
  const [, host, port] = isIP(entry) ? [] : (/^(.+?):(\d{1,5})$/.exec(entry) ?? []);
  return { host: unbracketed(host ?? entry), port: port ?? null };
};

const inRange = (range: string, host: string): boolean => {
  const [network = '', prefix = ''] = range.split('/');
  const [family, mine] = [isIP(network), isIP(host)];
  if (family === 0 || family !== mine || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6');
};

const isExempt = (entry: string, host: string, port: string): boolean => {
  if (entry.includes('/')) return inRange(entry, host);
  const { host: name, port: only } = hostAndPort(entry.toLowerCase());
  if (only !== null && only !== port) return false;
  if (name === '*') return true;
  const suffix = name.replace(/^\*?\./, '');
  return host === name || (host === suffix && !name.startsWith('*')) || (isIP(host) === 0 && host.endsWith(`.${suffix}`));
};

/** `proxy:3128` means `http://proxy:3128`, as curl reads it. */
export const proxyAddress = (text: string): string => (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);

/**
 * The proxy of one address, or null for the direct way. HTTP_PROXY is for http and HTTPS_PROXY for https, never one for the other;
 * NO_PROXY knows `*`, names (their subdomains too), `.suffix`, `*.suffix`, addresses, CIDR ranges, each but a range with an optional port.
 * This machine itself is never behind a proxy, as in Go's net/http and so in Prometheus and Alertmanager.
 */
export const proxyFor = (url: URL, { httpProxy, httpsProxy, noProxy }: ProxySettings): string | null => {
  const isSecure = url.protocol === 'https:' || url.protocol === 'wss:';
  const proxy = isSecure ? httpsProxy : httpProxy;
  const host = unbracketed(url.hostname).toLowerCase().replace(/\.$/, '');
  if (proxy === null || proxy === '' || isLoopback(host)) return null;
  const port = url.port === '' ? (isSecure ? '443' : '80') : url.port;
  const entries = (noProxy ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
  return entries.some((entry) => isExempt(entry, host, port)) ? null : proxyAddress(proxy);
};

/**
 * One dispatcher for all origins, each by its own way. HTTP/1.1 only: deadlines and caps then mean the same everywhere.
 * A client certificate is for the far end; the proxy never sees it.
 */
export const dispatcherFor = (
  proxy: ProxySettings,
  tls: Tls,
  timeouts: { readonly headersTimeoutMs: number; readonly bodyTimeoutMs: number },
): Dispatcher => {
  const connectTimeout = 5000;
  const far = { ...tls, allowH2: false, timeout: connectTimeout };
  const near = { ...(tls.ca ? { ca: tls.ca } : {}), allowH2: false };
  const options = {
    headersTimeout: timeouts.headersTimeoutMs,
    bodyTimeout: timeouts.bodyTimeoutMs,
    keepAliveTimeout: 30_000,
    connections: 16,
    allowH2: false,
    connectTimeout,
  };
  return new Agent({
    ...options,
    factory: (origin) => {
      const uri = proxyFor(new URL(origin), proxy);
      if (uri === null) return new Pool(origin, { ...options, connect: far });
      return new ProxyAgent({ ...options, uri, requestTls: far, proxyTls: near });
    },
  });
};
