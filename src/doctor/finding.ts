import type { Gap } from '../domain/gathered.ts';

/** One thing that was looked at, and what to do about it where it is not well. */
export type Finding = { readonly mark: 'ok' | 'warning' | 'failure'; readonly text: string; readonly advice: string | null };

export const ok = (text: string): Finding => ({ mark: 'ok', text, advice: null });
export const warning = (text: string, advice: string): Finding => ({ mark: 'warning', text, advice });
export const failure = (text: string, advice: string): Finding => ({ mark: 'failure', text, advice });

/** How long one look may take. */
export const patienceMs = 10_000;

/** What to do about a source that did not answer; `prefix` begins the names of its settings. */
export const cureOf = ({ reason, detail }: Pick<Gap, 'reason' | 'detail'>, prefix: string): string => {
  const inFile = 'in CONFIG_FILE its';
  if (reason === 'refused')
    return `Check its credentials: ${prefix}_BEARER_TOKEN, or ${prefix}_USERNAME and ${prefix}_PASSWORD, or ${prefix}_TENANT (${inFile} bearerTokenFile, username, passwordFile, tenant)`;
  // In TLS 1.3 a client learns only after the handshake that its certificate is missing, often by the connection's end (RFC 8446, 4.4.2.4).
  if (/client certificate|closed the connection/.test(detail))
    return `If it wants a client certificate, set ${prefix}_CERT_FILE and ${prefix}_KEY_FILE (${inFile} certFile and keyFile), of an authority that it knows`;
  if (/for another name/.test(detail))
    return `Use the name that is in its certificate, or set ${prefix}_SERVER_NAME (${inFile} serverName)`;
  if (/authority|self-signed/.test(detail)) return `Set ${prefix}_CA_FILE (${inFile} caFile) to the authority that signed it`;
  if (/TLS/.test(detail)) return `Check whether ${prefix}_URL begins with http:// or https://`;
  if (/proxy/.test(detail)) return 'Check HTTPS_PROXY and HTTP_PROXY, or name its host in NO_PROXY';
  if (reason === 'malformed' || reason === 'absent')
    return `Something else answers there: check ${prefix}_URL and its path prefix`;
  if (reason === 'timeout')
    return `It is slow or behind a wall: ask it from this machine with curl; ${prefix === 'TRACES' ? 'TRACES' : 'QUERY'}_SECONDS is the patience of one question`;
  return `Check ${prefix}_URL, and that it can be reached from here`;
};
