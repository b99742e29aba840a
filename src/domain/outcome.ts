/** What became of a request: one definition for signals, tables, SLOs and charts. */
export type OutcomeClass = 'ok' | 'failed' | 'refused' | 'client-left' | 'client-error';

/** A response with one of these was cut, whatever its code says: real Envoys answer `200 UPE` when the callee dies in mid-response. */
export const cutFlags: ReadonlySet<string> = new Set(['UPE', 'UR', 'UC', 'UT', 'SI', 'DPE', 'OM', 'DT', 'LR']);

/** A 4xx with one of these was refused by the mesh, not by the application. */
const refusedFlags: ReadonlySet<string> = new Set(['NR', 'NC', 'RL', 'RLSE', 'UAEX', 'IH']);

/** A bare connection with one of these was never made: Envoy's, and ztunnel's own words (istio/ztunnel, src/proxy/metrics.rs). */
const unmadeFlags: ReadonlySet<string> = new Set([
  ...['UF', 'URX', 'UH', 'UO', 'NR', 'NC', 'DF'],
  ...['CONNECT', 'TLS_FAILURE', 'H2_HANDSHAKE_FAILURE', 'IDENTITY_ERROR', 'CERT_REVOKED'],
]);

/** A bare connection that a policy refused. */
const deniedFlags: ReadonlySet<string> = new Set(['DENY', 'NETWORK_POLICY']);

/** Whoever called hung up, or reset the stream. */
export const leftFlags: ReadonlySet<string> = new Set(['DC', 'DR']);

/** These say nothing of who answered: delayed on purpose, the last of several tries, out of a cache. */
export const quietFlags: ReadonlySet<string> = new Set(['DI', 'URX', 'RFCF']);

/** With one of these a proxy answered without its upstream: nothing that lies further down can be the reason. */
export const endsHereFlags: ReadonlySet<string> = new Set([
  ...['UH', 'UF', 'UO', 'NR', 'NC', 'FI', 'DF', 'DO', 'UDO', 'NFCF', 'IH', 'LH', 'RL', 'RLSE', 'UAEX', 'DPE', 'OM', 'LR'],
]);

/** With one of these the callee's own proxy was cut off by its application, which no call of the application's explains. */
export const cutByApplicationFlags: ReadonlySet<string> = new Set(['UC', 'UR', 'UPE']);

/** With one of these a proxy's patience ran out: somebody was slow, or somebody set a limit. */
export const patienceFlags: ReadonlySet<string> = new Set(['UT', 'UMSDR', 'SI', 'DT']);

/** gRPC statuses that are the callee's failure: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const failedGrpc: ReadonlySet<string> = new Set(['2', '4', '8', '12', '13', '14', '15']);

/** What a proxy answers a gRPC client instead of 403 and 401: PERMISSION_DENIED, UNAUTHENTICATED (grpc.io, "HTTP to gRPC Status Code Mapping"). */
export const deniedGrpc: Readonly<Record<string, string>> = { '403': '7', '401': '16' };
const isDeniedGrpc = (status: string | null): boolean => status !== null && Object.values(deniedGrpc).includes(status);

/** `-` and the empty text are no flags; the order of the others means nothing. */
export const flagsOf = (text: string): readonly string[] =>
  [
    ...new Set(
      text
        .split(',')
        .map((flag) => flag.trim())
        .filter((flag) => flag !== '' && flag !== '-'),
    ),
  ].sort();

/** The class of a request by its code, gRPC status (null: not gRPC) and flags; of a bare connection, which has no code, by its flags. */
export const classify = (code: string, grpcStatus: string | null, flags: readonly string[]): OutcomeClass => {
  const has = (set: ReadonlySet<string>): boolean => flags.some((flag) => set.has(flag));
  if (code === '0') return has(cutFlags) ? 'failed' : 'client-left';
  if (/^5/.test(code) || has(cutFlags)) return 'failed';
  if (code === '' && has(deniedFlags)) return 'refused';
  if (code === '' && has(unmadeFlags)) return 'failed';
  if (has(leftFlags)) return 'client-left';
  if (grpcStatus !== null && failedGrpc.has(grpcStatus)) return 'failed';
  if (/^4/.test(code) || isDeniedGrpc(grpcStatus)) {
    const isPolicy = (Object.hasOwn(deniedGrpc, code) || isDeniedGrpc(grpcStatus)) && flags.every((flag) => quietFlags.has(flag));
    return has(refusedFlags) || isPolicy ? 'refused' : 'client-error';
  }
  return 'ok';
};
