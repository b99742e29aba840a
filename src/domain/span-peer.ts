import type { ReceivedSpan } from './trace.ts';

type Attributes = ReceivedSpan['attributes'];

/** "reviews.bookinfo.svc.cluster.local" is "reviews.bookinfo", whatever the cluster's domain; a host outside stays whole, ports go. */
const shortHost = (host: string): string => {
  const bare = host.replace(/^([^:]+|\[.*\]):\d+$/, '$1');
  const inside = /^([^.]+\.[^.]+)\.svc(?:\.|$)/.exec(bare);
  return inside?.[1] ?? bare;
};

/** Of Istio's cluster names the host: `outbound|9080|v1|reviews…`, of a waypoint `inbound-vip|…`, behind a gateway that reads the SNI `outbound_.9080_.v1_.reviews…`. */
const hostOfCluster = (cluster: string): string | null => {
  const parts = cluster.split('|');
  if (parts.length === 4) return parts[0] === 'outbound' || parts[0] === 'inbound-vip' ? (parts[3] ?? null) : null;
  const sni = /^outbound_\.\d+_\.[^_]*_\.(.+)$/.exec(cluster);
  return sni ? (sni[1] ?? null) : cluster;
};

/** Istio's names for "wherever the application wanted to go" and "nowhere" (istio.io, "Traffic Management Problems"), and for the own workload. */
const isNowhere = (cluster: string): boolean =>
  /^(-|BlackHoleCluster|(Inbound)?PassthroughCluster(Ipv[46])?)$/.test(cluster) || /^inbound[|_]/.test(cluster);

const ofCluster = (cluster: string | undefined): string | null => {
  if (cluster === undefined || isNowhere(cluster)) return null;
  const host = hostOfCluster(cluster);
  return host === null || host === '' ? null : shortHost(host);
};

const inNamespace = (name: string | undefined, namespace: string | undefined): string | null => {
  if (name === undefined || name === 'unknown') return null;
  return namespace === undefined || namespace === 'unknown' ? name : `${name}.${namespace}`;
};

const isAddress = (host: string): boolean => /^\[?[0-9a-f]*:[0-9a-f:.]*\]?$/i.test(host) || /^\d+\.\d+\.\d+\.\d+$/.test(host);
const isHere = (host: string): boolean => host === 'localhost' || host.startsWith('127.') || /^\[?::1\]?$/.test(host);

const ofHost = (host: string | undefined, isWanted: (host: string) => boolean): string | null => {
  const short = host === undefined ? '' : shortHost(host);
  return short !== '' && !isHere(short) && isWanted(short) ? short : null;
};

const ofDatabase = (system: string | undefined, name: string | undefined): string | null => {
  if (system === undefined) return null;
  return name === undefined ? system : `${system}/${name}`;
};

/** First of these attributes that there are. */
const firstOf = (attributes: Attributes, ...names: readonly string[]): string | undefined =>
  names.map((name) => attributes[name]).find((value) => value !== undefined);

/** The host that an application's call was addressed to. A proxy has in its place what its own caller wrote there, at a gateway the gateway. */
const urlHost = (attributes: Attributes): string | undefined => {
  if (attributes['component'] === 'proxy' || attributes['node_id'] !== undefined) return undefined;
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(firstOf(attributes, 'url.full', 'http.url') ?? '')?.[1];
};

/**
 * Whom a span calls, by its own attributes, the surest first; null where nothing tells, and on the side of who is called. A host's name counts
 * only for a call: inside of a service it may be its own. `peer.address` never does: on a client span of Envoy it is the caller's own, the
 * downstream address (envoyproxy/envoy, source/common/tracing/http_tracer_impl.cc).
 */
export const peerOf = ({ attributes, kind }: Pick<ReceivedSpan, 'attributes' | 'kind'>): string | null => {
  if (kind === 'server' || kind === 'consumer') return null;
  const hosts =
    kind === 'client' || kind === 'producer'
      ? [attributes['server.address'], attributes['net.peer.name'], urlHost(attributes)]
      : [];
  const isName = (host: string): boolean => !isAddress(host);
  return (
    ofCluster(firstOf(attributes, 'upstream_cluster', 'upstream_cluster.name')) ??
    inNamespace(
      firstOf(attributes, 'istio.destination_canonical_service', 'istio.destination_workload'),
      attributes['istio.destination_namespace'],
    ) ??
    ofHost(attributes['peer.service'], () => true) ??
    ofHost(hosts[0], isName) ??
    ofHost(hosts[1], isName) ??
    ofDatabase(firstOf(attributes, 'db.system.name', 'db.system'), firstOf(attributes, 'db.namespace', 'db.name')) ??
    attributes['messaging.system'] ??
    ofHost(hosts[2], isName) ??
    ofHost(hosts[0] ?? hosts[1] ?? hosts[2], isAddress)
  );
};

/** Who calls a span, by its own attributes: a waypoint names both ends; Zipkin's remote end of a server is its caller. */
export const callerOf = (attributes: Attributes): string | null =>
  inNamespace(
    firstOf(attributes, 'istio.source_canonical_service', 'istio.source_workload'),
    attributes['istio.source_namespace'],
  ) ??
  attributes['peer.service'] ??
  null;
