import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { type Dispatcher, fetch as undiciFetch } from 'undici';
import { SourceError } from '../../domain/gathered.ts';
import { dispatcherFor, type ProxySettings } from './proxy.ts';

/** How Slack is reached: `fetch` for the Web API, uploads and response URLs, `dispatcher` for Socket Mode; `dispatcher.close()` ends both. */
export type SlackTransport = { readonly fetch: typeof globalThis.fetch; readonly dispatcher: Dispatcher };

const authorities = (file: string): string[] => {
  try {
    return [...getCACertificates('default'), readFileSync(file, 'utf8')];
  } catch (cause) {
    throw new SourceError('Slack', 'absent', `its certificate authority cannot be read: ${file}`, { cause });
  }
};

/**
 * The way to Slack through HTTPS_PROXY and with a CA of its own (beside the system's and NODE_EXTRA_CA_CERTS), read once.
 * Throws `SourceError` (absent) where the CA file cannot be read.
 */
export const slackTransport = ({
  proxy,
  caFile,
}: {
  readonly proxy: ProxySettings;
  readonly caFile?: string;
}): SlackTransport => {
  const tls = caFile === undefined ? {} : { ca: authorities(caFile) };
  const dispatcher = dispatcherFor(proxy, tls, { headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000 });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    // Undici knows only its own FormData and would send the global one as "[object FormData]": a global Request makes it bytes and their type.
    const request = new Request(input, init);
    const { url, method, headers, signal, redirect } = request;
    const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
    return (await undiciFetch(url, { method, headers: [...headers], body, signal, redirect, dispatcher })) as unknown as Response;
  };
  return { fetch, dispatcher };
};
