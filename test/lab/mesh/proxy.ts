import type { Pod } from '../lab.ts';
import { calls, hostOf, identityOf, type Protocol, podsOf, ports, sidecar } from './topology.ts';

/** Where requests may be sent. */
export type Endpoint = { readonly address: string; readonly port: number };

/** Transport to a callee: plaintext, or TLS with these names out of the folder of certificates. */
type Transport =
  | { readonly kind: 'plaintext' }
  | {
      readonly kind: 'tls';
      /** Certificate shown to the callee; null shows none. */
      readonly certificate: string | null;
      readonly authority: 'mesh-ca' | 'other-ca';
      /** Identity that the callee must prove. */
      readonly identity: string;
      readonly newest: '1.2' | '1.3';
    };

export type RetryPolicy = {
  readonly on: string;
  readonly attempts: number;
  /** HTTP codes that `retriable-status-codes` stands for. */
  readonly codes?: readonly number[];
  readonly perTrySeconds?: number;
  readonly perTryIdleSeconds?: number;
};

export type Limits = {
  readonly connections?: number;
  readonly pending?: number;
  readonly requests?: number;
  readonly retries?: number;
};

/** What a proxy knows of one service that its pod calls: the sum of VirtualService, DestinationRule and endpoints. */
export type Outbound = {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly endpoints: readonly Endpoint[];
  readonly transport: Transport;
  readonly connectTimeoutSeconds: number;
  readonly limits?: Limits;
  readonly maxStreamSeconds?: number;
  /** How long a connection of bare TCP may last (DestinationRule, `maxConnectionDuration`). */
  readonly maxConnectionSeconds?: number;
  readonly outlier?: { readonly consecutive: number; readonly maxEjectedPercent: number; readonly ejectedSeconds: number };
  readonly healthCheckPath?: string;
  /** The name does not resolve: the service is reached by a resolver that nobody answers. */
  readonly isUnresolvable?: boolean;
  /** drop_overload of the endpoints, percent. */
  readonly dropPercent?: number;
  readonly route: {
    /** What requests must match; null: no rule is left. */
    readonly prefix: string | null;
    /** Names another cluster: a subset that does not exist. */
    readonly cluster?: string;
    readonly timeoutSeconds?: number;
    readonly idleSeconds?: number;
    readonly maxStreamSeconds?: number;
    readonly retries: RetryPolicy | null;
    readonly abort?: { readonly status: number; readonly percent: number };
    readonly delay?: { readonly seconds: number; readonly percent: number };
    readonly direct?: { readonly status: number };
    /** Policies that a gateway has of its own, before it sends anything on. */
    readonly filters?: readonly EntranceFilter[];
  };
};

type EntranceFilter = 'rbac' | 'jwt';

/** `authz-down-503`: as `authz-down`, with another status; `body-limit`: a few bytes; `health`: refuses everything once it is told to. */
export type InboundFilter =
  | 'rbac'
  | 'jwt'
  | 'authz'
  | 'authz-down'
  | 'authz-down-503'
  | 'limit-service'
  | 'limit-service-down'
  | 'body-limit'
  | 'health';

/** What a proxy does with what comes in for its own application. */
export type Inbound = {
  readonly peers: 'permissive' | 'strict' | 'plaintext';
  /** Certificate that it shows. */
  readonly certificate: string;
  readonly protocol: Protocol;
  readonly appPort: number;
  readonly limits?: Limits;
  readonly endpoints: 'application' | 'none' | 'missing-cluster';
  readonly prefix: string | null;
  readonly timeoutSeconds?: number;
  /** Filters that are switched on, of those that every inbound listener carries. */
  readonly filters: readonly InboundFilter[];
  /** Local rate limit, requests a second. */
  readonly localLimit?: number;
};

/** Limits of a listener as a whole, as an EnvoyFilter sets them. */
export type ListenerLimits = {
  readonly maxStreamSeconds?: number;
  /** For the whole of a request, and for its headers. */
  readonly requestSeconds?: number;
  readonly headersSeconds?: number;
  /** Takes its clients for internal: what they say in x-envoy headers counts. */
  readonly isInternal?: boolean;
};

/** Everything the control plane tells the proxy of one pod. */
export type ProxyConfig = {
  readonly outbound: Readonly<Record<string, Outbound>>;
  /** By protocol: one application may speak HTTP and gRPC. Empty at the gateway. */
  readonly inbound: readonly Inbound[];
  /** A filter of the outbound listener never gets its configuration. */
  readonly hasMissingFilter?: boolean;
  readonly outboundLimits?: ListenerLimits;
  readonly inboundLimits?: ListenerLimits;
};

/** Istio's default: two retries, where nothing was sent or the callee is unavailable (istio.io, "Global Mesh Options", defaultHttpRetryPolicy). */
const istioRetries: RetryPolicy = { on: 'connect-failure,refused-stream,unavailable,cancelled', attempts: 2 };

const outboundOf = (index: number, pod: Pod, callee: string, protocol: Protocol, isMutual: boolean): Outbound => {
  const pods = podsOf(index).filter(({ service }) => service === callee);
  const [first] = pods;
  if (first === undefined) throw new Error(`nobody stands behind ${callee}`);
  return {
    host: hostOf(first),
    port: ports[protocol],
    protocol,
    endpoints: pods.map(({ address }) => ({ address, port: protocol === 'tcp' ? sidecar.tcpIn : sidecar.in })),
    transport: isMutual
      ? {
          kind: 'tls',
          certificate: pod.service,
          authority: 'mesh-ca',
          identity: identityOf(first),
          newest: '1.3',
        }
      : { kind: 'plaintext' },
    connectTimeoutSeconds: 2,
    route: { prefix: '/', retries: protocol === 'tcp' ? null : istioRetries },
  };
};

const inboundsOf = (pod: Pod): readonly Inbound[] =>
  [
    ...new Set(
      calls.filter(({ callee }) => callee === pod.service).map(({ protocol }) => (protocol === 'http2' ? 'http' : protocol)),
    ),
  ].map((protocol) => ({
    peers: 'permissive',
    certificate: pod.service,
    protocol,
    appPort: ports[protocol],
    endpoints: 'application',
    prefix: '/',
    filters: [],
  }));

/** The healthy configuration of one pod's proxy. */
export const healthyProxy = (index: number, pod: Pod): ProxyConfig => ({
  outbound: Object.fromEntries(
    calls
      .filter(({ caller }) => caller === pod.service)
      .map(({ callee, protocol, isMutual }) => [callee, outboundOf(index, pod, callee, protocol, isMutual)]),
  ),
  inbound: inboundsOf(pod),
});
