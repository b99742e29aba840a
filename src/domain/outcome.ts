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

/** What must all hold of a request. Patterns are of the whole text, alternatives between bars, and mean the same to PromQL. */
export type OutcomeCase = {
  readonly outcome: OutcomeClass;
  /** Empty: a bare connection, which has none. */
  readonly code?: string;
  /** Empty: not gRPC. */
  readonly grpc?: string;
  /** `any`: at least one of these; `only`: none but these. */
  readonly flags?: { readonly any: ReadonlySet<string> } | { readonly only: ReadonlySet<string> };
  /** What the proxy itself said (Linkerd's `classification`). */
  readonly said?: 'failure' | 'success';
};

const failedStatus = [...failedGrpc].join('|');
const deniedStatus = Object.values(deniedGrpc).join('|');
const deniedCode = Object.keys(deniedGrpc).join('|');

/** The first that holds says what became of a request; of none it is well. As data, since rules of Prometheus are made of it too. */
const codeCases: readonly OutcomeCase[] = [
  { outcome: 'failed', flags: { any: cutFlags } },
  { outcome: 'client-left', code: '0' },
  { outcome: 'failed', code: '5.*' },
  { outcome: 'refused', code: '', flags: { any: deniedFlags } },
  { outcome: 'failed', code: '', flags: { any: unmadeFlags } },
  { outcome: 'client-left', flags: { any: leftFlags } },
  { outcome: 'failed', grpc: failedStatus },
  { outcome: 'refused', code: '4.*', flags: { any: refusedFlags } },
  { outcome: 'refused', grpc: deniedStatus, flags: { any: refusedFlags } },
  // Who denies by a policy prints no flag of its own.
  { outcome: 'refused', code: deniedCode, flags: { only: quietFlags } },
  { outcome: 'refused', grpc: deniedStatus, flags: { only: quietFlags } },
  { outcome: 'client-error', code: '4.*' },
  { outcome: 'client-error', grpc: deniedStatus },
];

/** Where a proxy said itself whether a request failed (Linkerd's `classification`), a code is only what was printed. */
export const outcomeCases: readonly OutcomeCase[] = [
  { outcome: 'failed', said: 'failure' },
  ...codeCases.flatMap((one): readonly OutcomeCase[] =>
    one.outcome === 'failed' ? [{ ...one, said: 'success', outcome: 'ok' }, one] : [one],
  ),
];

/** What a count tells of a request; null: not said, and of `grpcStatus` not gRPC. */
export type Outcome = {
  readonly code: string;
  readonly grpcStatus: string | null;
  readonly flags: readonly string[];
  readonly said: string | null;
};

const patterns = new Map<string, RegExp>();
const matches = (pattern: string, text: string): boolean => {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern})$`);
  patterns.set(pattern, known);
  return known.test(text);
};

const flagsHold = (test: NonNullable<OutcomeCase['flags']>, flags: readonly string[]): boolean =>
  'any' in test ? flags.some((flag) => test.any.has(flag)) : flags.every((flag) => test.only.has(flag));

/** What these cases, the first that holds, say of a request. */
export const outcomeBy = (cases: readonly OutcomeCase[], { code, grpcStatus, flags, said }: Outcome): OutcomeClass =>
  cases.find(
    (one) =>
      (one.code === undefined || matches(one.code, code)) &&
      (one.grpc === undefined || matches(one.grpc, grpcStatus ?? '')) &&
      (one.flags === undefined || flagsHold(one.flags, flags)) &&
      (one.said === undefined || one.said === said),
  )?.outcome ?? 'ok';

/** The class of a request by its code, gRPC status (null: not gRPC) and flags; of a bare connection, which has no code, by its flags. */
export const classify = (code: string, grpcStatus: string | null, flags: readonly string[]): OutcomeClass =>
  outcomeBy(outcomeCases, { code, grpcStatus, flags, said: null });
