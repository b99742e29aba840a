import { SourceError } from '../../domain/gathered.ts';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  ENOTFOUND: 'has a name that does not resolve',
  EAI_AGAIN: 'has a name that does not resolve now',
  ETIMEDOUT: 'could not be connected to in time',
  UND_ERR_CONNECT_TIMEOUT: 'could not be connected to in time',
  UND_ERR_SOCKET: 'closed the connection',
  EHOSTUNREACH: 'cannot be routed to',
  ENETUNREACH: 'cannot be routed to',
  UND_ERR_PRX_CONN: 'could not be reached: the proxy closed the connection',
  UND_ERR_PRX_TLS: 'could not be reached: the proxy has a certificate for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a self-signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate of an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'has a certificate of an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate of an unknown authority',
  CERT_HAS_EXPIRED: 'has an expired certificate',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet: is a clock wrong?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'does not speak TLS: is it http:// rather than https://?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'does not speak TLS: is it http:// rather than https://?',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'wants a client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'does not know the authority of the client certificate',
};
/** What a code of the network means, or null. */
export const networkWords = (code: string): string | null => (Object.hasOwn(reasons, code) ? (reasons[code] ?? null) : null);

const malformed: ReadonlySet<string> = new Set([
  'HTTPParserError',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_OVERFLOW',
]);

type Seen = { readonly name?: unknown; readonly code?: unknown; readonly message?: unknown; readonly cause?: unknown };

/** The first code on the way down the causes; a few levels, so that a cycle cannot hold us. */
const codeOf = (error: unknown): string => {
  let seen = error as Seen | null | undefined;
  for (let depth = 0; depth < 4 && typeof seen === 'object' && seen !== null; depth += 1) {
    if (typeof seen.code === 'string') return seen.code;
    if (seen.name === 'HTTPParserError') return seen.name;
    seen = seen.cause as Seen | null | undefined;
  }
  return '';
};

/** Undici says only in words that a proxy refused: `Proxy response (407) !== 200`, `Proxy Authentication Required (407)`. */
const proxyStatus = (error: unknown): string | null =>
  /^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(String((error as Seen | null)?.message ?? ''))?.[1] ?? null;

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_ABORTED',
  'ABORT_ERR',
]);

/**
 * Every failure of the network, once, in the reader's words. The message of the cause is never repeated: it may hold an address with a secret.
 * `waitedMs` is how long the answer was waited for.
 */
export const failure = (
  name: string,
  error: unknown,
  { isAborted, isProxied, waitedMs }: { readonly isAborted: boolean; readonly isProxied: boolean; readonly waitedMs: number },
): SourceError => {
  if (error instanceof SourceError) return new SourceError(name, error.reason, error.message, { cause: error.cause });
  const code = codeOf(error);
  const status = proxyStatus(error);
  if (status !== null && !isAborted)
    return new SourceError(name, 'unreachable', `could not be reached: the proxy answered HTTP ${status}`, { cause: error });
  if (isAborted || timeouts.has(code))
    return new SourceError(name, 'timeout', `did not answer in ${(waitedMs / 1000).toFixed(1)} s`, { cause: error });
  if (malformed.has(code) || code.startsWith('HPE_'))
    return new SourceError(name, 'malformed', 'answered with something that is not HTTP', { cause: error });
  const words = reasons[code] ?? 'could not be reached';
  return new SourceError(name, 'unreachable', isProxied ? `${words} (asked through the proxy)` : words, { cause: error });
};
