import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { calleeProxy, callerCluster, callerHttp } from '../../../src/stages/measure/counters.ts';
import { diagnosed, type Fault } from './flags.ts';

/** Single requests through two real Envoys, as both wrote them down, with the counters that moved: public recordings that no fault of the lab made. */
type Row = {
  readonly response_code: number;
  readonly response_flags: string;
  readonly grpc_status?: string;
  readonly duration: number;
  readonly kind?: string;
};
type Recorded = {
  readonly scenario: string;
  readonly source: readonly Row[];
  readonly destination: readonly Row[];
  readonly sourceCounters: Readonly<Record<string, number>>;
  readonly destinationCounters: Readonly<Record<string, number>>;
};

const refused = ['connection-failure'];
const reset = ['protocol-error'];
const left = ['client-gave-up', 'slow-callee'];
const tls = ['mtls-failure'];
const tlsOrRefused = ['connection-failure', 'mtls-failure'];
const cut = ['cut-response'];
const late = ['upstream-timeout', 'retry-exhausted'];
const itself = ['proxy-answered'];
const well = [null, 'healthy'];

/** What each is, with every counter shown; then, where it differs, with none. */
const expected: Readonly<Record<string, readonly [shown: readonly (string | null)[], hidden?: readonly (string | null)[]]>> = {
  ok: [well],
  'ok-traceparent': [well],
  'mtls-ok': [well],
  'app-500': [['callee-errors']],
  'app-503': [['callee-errors']],
  'uc-close': [refused],
  'uc-rst': [refused],
  'uc-partial': [cut],
  'uc-partial-chunked': [cut],
  'uc-partial-rst': [cut],
  'ur-bighdr': [reset],
  'ur-bighdr-lenient': [reset],
  'h2-partial': [cut],
  'ur-internal': [reset],
  'ur-refused': [reset],
  'ur-cancel': [reset],
  'h2-goaway': [refused],
  'h2-grpc-14': [['grpc-errors']],
  ut: [late],
  'ut-h2': [late],
  'ut-pertry': [late],
  'ut-retried': [late],
  'b-ut': [late],
  si: [['duration-limit']],
  'si-stall': [cut],
  'si-request-body': [['duration-limit']],
  'si-pertry-idle': [['duration-limit'], late],
  dt: [itself],
  'dt-hcm': [itself],
  'dt-connection': [['slow-callee']],
  'request-timeout': [itself],
  'request-headers-timeout': [itself],
  umsdr: [['duration-limit']],
  'urx-5xx': [['callee-errors', 'retry-exhausted']],
  'urx-istio-503': [['callee-errors', 'retry-exhausted']],
  'urx-istio-rst': [['connection-failure', 'retry-exhausted']],
  refused: [refused],
  'refused-retry': [refused],
  'connect-timeout': [refused],
  uo: [['circuit-breaker']],
  'uo-requests': [['circuit-breaker']],
  'uo-retry': [['circuit-breaker']],
  'b-uo': [['circuit-breaker']],
  'uh-empty': [['no-healthy-upstream']],
  'uh-eds': [['no-healthy-upstream']],
  do: [['dropped-on-purpose']],
  udo: [['dropped-on-purpose']],
  // Both are true: hosts that answer with errors are taken out, until none is left.
  'uh-outlier': [
    ['outlier-ejection', 'callee-errors'],
    ['outlier-ejection', 'callee-errors', 'no-healthy-upstream'],
  ],
  lh: [['local-health-check']],
  'uh-hc': [['no-healthy-upstream']],
  nr: [['no-route']],
  'b-nr': [['no-route']],
  nc: [['no-route']],
  'b-nc': [['no-route']],
  'b-uh': [['no-healthy-upstream']],
  blackhole: [itself],
  dc: [left],
  dr: [left],
  'dc-partial': [left],
  'rl-local': [['rate-limited']],
  'rl-global': [['rate-limited']],
  'rl-global-error': [['rate-limit-unavailable']],
  rbac: [['rbac-denied']],
  'ext-authz': [['external-authorization']],
  'ext-authz-error': [['external-authorization']],
  jwt: [['jwt-refused']],
  'jwt-bad': [['jwt-refused']],
  fi: [['fault-injected']],
  di: [['fault-injected']],
  'fi-di': [['fault-injected']],
  nfcf: [['filter-not-configured']],
  df: [['dns-failure']],
  ih: [['bad-request-header']],
  rfcf: [well],
  dpe: [['protocol-error']],
  'dpe-method': [['protocol-error']],
  'dpe-nohost': [itself],
  upe: [['protocol-error']],
  'upe-bighdr': [['protocol-error']],
  // Who refuses what is too large tells the counter alone.
  'buf-413': [itself, [null]],
  'mtls-wrong-ca': [tls, tlsOrRefused],
  'mtls-wrong-san': [tls, tlsOrRefused],
  'mtls-expired': [tls, tlsOrRefused],
  'mtls-bad-client': [tls, tlsOrRefused],
  'mtls-bad-client-tls12': [tls, tlsOrRefused],
  'mtls-bad-client-retry': [tls, tlsOrRefused],
  'mtls-no-client': [tls, tlsOrRefused],
  // It says that TLS meets a plaintext port.
  'tls-to-plain': [tls, ['protocol-error']],
  'plain-to-tls': [tls, tlsOrRefused],
  'zipkin-ok': [well],
  'zipkin-rst': [refused],
  'om-stream': [cut],
  om: [itself],
  'om-loadshed': [itself],
  'uf-app-dead': [refused],
  'uc-sidecar-killed': [refused],
  'uf-sidecar-dead': [refused],
  'uf-sidecar-dead-retry': [refused],
  'ok-again': [well],
};
/** Probes that no caller makes, a try that a retry saved, and bare TCP, which these figures have no form for. */
const elsewhere = ['lh-probe', 'retry-saved', 'tcp-dt', 'tcp-refused', 'tcp-uh'];

/** gRPC's names as the access log prints them. */
const grpcCodes: Readonly<Record<string, string>> = { Unavailable: '14' };

const seenOf = (rows: readonly Row[], requests: number): string =>
  rows.length === 0
    ? 'none'
    : rows
        .map(({ response_code: code, response_flags: flags, grpc_status: status }) => {
          const grpc = status === undefined ? '' : `/${grpcCodes[status] ?? status}`;
          return `${code}${grpc} ${flags} x${rows.length / requests}`;
        })
        .join(' | ');

/** `envoy_cluster_upstream_rq_retry{envoy_cluster_name="outbound|…"}` is "upstream_rq_retry". */
const nameOf = (counter: string): string => counter.replace(/\{.*/, '').replace(/^envoy_(cluster_(?!ratelimit))?/, '');

const movedOf = (side: 'caller' | 'callee', counters: Readonly<Record<string, number>>, perRow: number): readonly string[] => {
  const sums = new Map<string, number>();
  for (const [counter, value] of Object.entries(counters))
    sums.set(nameOf(counter), (sums.get(nameOf(counter)) ?? 0) + value * perRow);
  return [...sums].map(([name, value]) => `${side}/${name}=${value}`);
};

/** Shown, and did not move. */
const still = (side: 'caller' | 'callee', names: readonly string[], moved: readonly string[]): readonly string[] =>
  names
    .map((name) => `${side}/${name}`)
    .filter((path) => !moved.some((one) => one.startsWith(`${path}=`)))
    .map((path) => `${path}=0`);

const hits = 900;
const faultOf = ({ source, destination, sourceCounters, destinationCounters }: Recorded, isShown: boolean): Fault => {
  const requests = source.length;
  const isLate = (rows: readonly Row[]): boolean => rows.some(({ duration }) => duration > 150);
  const moved = [
    ...movedOf('caller', sourceCounters, hits / requests),
    ...movedOf('callee', destinationCounters, hits / requests),
  ];
  const names = [...still('caller', [...callerCluster, ...callerHttp], moved), ...still('callee', [...calleeProxy], moved)];
  return {
    caller: seenOf(source, requests),
    callee: seenOf(destination, requests),
    moved: isShown ? [...moved, ...names] : [],
    ...(isLate(source) ? { slow: isLate(destination) ? 'both' : 'caller' } : {}),
  };
};

const fixtures = process.env['EDGEWISE_FIXTURES'];
const recorded =
  fixtures === undefined ? [] : (JSON.parse(readFileSync(`${fixtures}/envoy-lab/faults.json`, 'utf8')) as readonly Recorded[]);

describe.skipIf(fixtures === undefined)(
  `what two real Envoys wrote down${fixtures === undefined ? ' (skipped: EDGEWISE_FIXTURES is not set)' : ''}`,
  () => {
    it('is all looked at', () => {
      const names = recorded.map(({ scenario }) => scenario);
      expect(names.filter((name) => expected[name] === undefined && !elsewhere.includes(name))).toEqual([]);
    });

    const told = recorded.filter(({ scenario }) => expected[scenario] !== undefined);
    it.each(told)('$scenario: is called what it is, with all counters shown', (one) => {
      const found = diagnosed(faultOf(one, true));
      expect(expected[one.scenario]?.[0], found.summary).toContain(found.verdict?.rule ?? null);
    });

    it.each(told)('$scenario: is called what it is, with none', (one) => {
      const [shown, hidden = shown] = expected[one.scenario] ?? [[]];
      const found = diagnosed(faultOf(one, false));
      expect(hidden, found.summary).toContain(found.verdict?.rule ?? null);
    });
  },
);
