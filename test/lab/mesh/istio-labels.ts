import type { Pod } from '../lab.ts';
import type { LogLine } from './envoy/access-log.ts';
import { hostOf, identityOf } from './topology.ts';

/** A line with the end of the edge that printed it. */
export type SidedLine = LogLine & { readonly side: 'source' | 'destination' };

/** Who is who in one mesh. */
export type Directory = {
  readonly byAddress: ReadonlyMap<string, Pod>;
  readonly byName: ReadonlyMap<string, Pod>;
  readonly pods: readonly Pod[];
};

export const directoryOf = (pods: readonly Pod[]): Directory => ({
  byAddress: new Map(pods.map((pod) => [pod.address, pod])),
  byName: new Map(pods.map((pod) => [pod.name, pod])),
  pods,
});

const workloadLabels = (end: 'source' | 'destination', pod: Pod | null, principal: string | null): Record<string, string> => ({
  [`${end}_workload`]: pod?.workload ?? 'unknown',
  [`${end}_workload_namespace`]: pod?.namespace ?? 'unknown',
  [`${end}_principal`]: principal ?? 'unknown',
  [`${end}_app`]: pod?.service ?? 'unknown',
  [`${end}_version`]: pod?.version ?? 'unknown',
  [`${end}_canonical_service`]: pod?.service ?? 'unknown',
  [`${end}_canonical_revision`]: pod?.version ?? 'latest',
  [`${end}_cluster`]: pod === null ? 'unknown' : 'Kubernetes',
});

/** What the caller's proxy sent to: the cluster names it. Without one (NR, NC) Istio knows no service. */
const serviceLabels = (host: string | null, authority: string | null): Record<string, string> => {
  const [name, namespace] = host === null ? [] : host.split('.');
  return {
    destination_service: host ?? authority ?? 'unknown',
    destination_service_name: name ?? 'unknown',
    destination_service_namespace: namespace ?? 'unknown',
  };
};

const hostOfCluster = (cluster: string | null): string | null => /^outbound\|\d+\|[^|]*\|(.+)$/.exec(cluster ?? '')?.[1] ?? null;

/** With mutual TLS the certificate says who calls; else the peer's own header does, as Istio's metadata exchange. */
const callerOf = (line: SidedLine, { byName, pods }: Directory): Pod | null =>
  (line.peer === null ? undefined : byName.get(line.peer)) ??
  pods.find((pod) => identityOf(pod) === line.downstream_identity) ??
  null;

/** Istio takes a request for gRPC by its content type. */
const protocolOf = ({ kind, content_type: type }: SidedLine): string =>
  kind === 'tcp' ? 'tcp' : type?.startsWith('application/grpc') === true ? 'grpc' : 'http';

/** The labels of Istio's standard metrics for one line of a proxy's access log (istio.io, "Istio Standard Metrics"). */
export const labelsFor = (line: SidedLine, self: Pod, directory: Directory): Readonly<Record<string, string>> => {
  const isSource = line.side === 'source';
  const upstream = directory.byAddress.get(line.upstream_host?.split(':')[0] ?? '') ?? null;
  const [source, destination] = isSource ? [self, upstream] : [callerOf(line, directory), self];
  const protocol = protocolOf(line);
  const host = isSource ? hostOfCluster(line.upstream_cluster) : hostOf(self);
  return {
    reporter: line.side,
    ...workloadLabels('source', source, isSource ? null : line.downstream_identity),
    ...workloadLabels('destination', destination, isSource ? line.upstream_identity : null),
    ...serviceLabels(host, line.authority),
    request_protocol: protocol,
    ...(line.kind === 'tcp' ? {} : { response_code: String(line.response_code ?? 0) }),
    ...(protocol === 'grpc' ? { grpc_response_status: String(line.grpc_status ?? '') } : {}),
    response_flags: line.response_flags,
    connection_security_policy: isSource ? 'unknown' : line.downstream_identity === null ? 'none' : 'mutual_tls',
  };
};
