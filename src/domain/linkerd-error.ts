/**
 * Linkerd's proxies print why they answered themselves in `error` where Envoy prints response flags (linkerd2-proxy, outbound route metrics);
 * told in Envoy's words, so that one definition says what failed. Everything that is not listed cut the response off.
 */
const flags: ReadonlyMap<string, string> = new Map([
  ['FAIL_FAST', 'UH'],
  ['LOAD_SHED', 'UO'],
  ['REQUEST_TIMEOUT', 'UT'],
  ['RESPONSE_HEADERS_TIMEOUT', 'UT'],
  ['RESPONSE_STREAM_TIMEOUT', 'UT'],
  ['IDLE_TIMEOUT', 'SI'],
  ['CANCEL', 'DC'],
]);

/** The flags that say what an `error` of Linkerd's says; none of none. */
export const linkerdFlags = (error: string | null): readonly string[] =>
  error === null ? [] : [flags.get(error.toUpperCase()) ?? 'UR'];
