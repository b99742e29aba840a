/** Who a flag points at, as seen from the proxy that printed it. */
type FlagPoints =
  | 'endpoints'
  | 'connection'
  | 'limit'
  | 'route'
  | 'callee'
  | 'client'
  | 'policy'
  | 'configuration'
  | 'proxy'
  | 'nothing';

type ResponseFlag = {
  readonly flag: string /** ≤ 60 characters, for a phone at night. */;
  readonly meaning: string;
  readonly points: FlagPoints;
};

const rows: readonly (readonly [flag: string, meaning: string, points: FlagPoints])[] = [
  ['UH', 'no healthy endpoint to send to', 'endpoints'],
  ['UF', 'could not connect to the callee', 'connection'],
  ['UO', 'a connection or request limit was full', 'limit'],
  ['NR', 'no route matched', 'route'],
  ['URX', 'gave up after its last retry', 'callee'],
  ['NC', 'the route names a cluster that does not exist', 'route'],
  ['DT', 'lived longer than its maximum duration', 'configuration'],
  ['DC', 'the client hung up', 'client'],
  ['LH', 'the proxy was told that its service is unhealthy', 'endpoints'],
  ['UT', 'the callee did not answer within the timeout', 'callee'],
  ['LR', 'the proxy reset the stream itself', 'proxy'],
  ['UR', 'the callee reset the stream', 'callee'],
  ['UC', 'the callee closed the connection', 'connection'],
  ['DI', 'delayed on purpose (fault injection)', 'configuration'],
  ['FI', 'failed on purpose (fault injection)', 'configuration'],
  ['RL', 'over the rate limit', 'policy'],
  ['UAEX', 'refused by the external authorization service', 'policy'],
  ['RLSE', 'the rate limit service did not answer', 'policy'],
  ['IH', 'an x-envoy header had an invalid value', 'client'],
  ['SI', 'idle for too long', 'callee'],
  ['DPE', 'the client broke the protocol', 'client'],
  ['UPE', 'the callee broke the protocol or died in its answer', 'callee'],
  ['UMSDR', 'reached the longest stream duration', 'configuration'],
  ['RFCF', 'answered from the cache', 'nothing'],
  ['NFCF', 'a filter never got its configuration', 'configuration'],
  ['OM', 'the proxy was overloaded', 'proxy'],
  ['DF', 'the name did not resolve', 'connection'],
  ['DO', 'dropped by the control plane (drop_overload)', 'configuration'],
  ['DR', 'the client reset the stream', 'client'],
  ['UDO', 'everything is dropped by the control plane', 'configuration'],
];

/** Envoy's response flags (envoyproxy.io, "Access logging", %RESPONSE_FLAGS%): thirty in core, in its order. */
export const responseFlags: ReadonlyMap<string, ResponseFlag> = new Map(
  rows.map(([flag, meaning, points]) => [flag, { flag, meaning, points }]),
);

/** What ztunnel prints in their place, of connections (istio/ztunnel, src/proxy/metrics.rs). */
const ztunnelFlags: Readonly<Record<string, string>> = {
  DENY: 'denied by an authorization policy',
  NETWORK_POLICY: 'denied by a network policy',
  CONNECT: 'could not connect to the callee',
  TLS_FAILURE: 'the TLS handshake failed',
  H2_HANDSHAKE_FAILURE: 'the tunnel could not be opened',
  IDENTITY_ERROR: 'no certificate for its identity',
  CERT_REVOKED: 'the certificate is revoked',
};

export const flagMeaning = (flag: string): string =>
  responseFlags.get(flag)?.meaning ??
  (Object.hasOwn(ztunnelFlags, flag) ? ztunnelFlags[flag] : undefined) ??
  'a flag that Edgewise does not know';
