import { type Labels, labelOf } from '../../domain/alert.ts';
import type { EdgeEnd } from '../../domain/edge.ts';

/** Which ends the labels of an alert (or of an answered row) name; null where they name none. */
export type Ends = {
  readonly source: EdgeEnd | null;
  readonly destination: EdgeEnd | null;
  readonly reporter: string | null;
  /** The labels do speak of a caller, and say that nobody knows it: one outside the mesh. */
  readonly isUnmeshed: boolean;
  /** Names and namespaces stand as the mesh's own metrics print them, so that its series can be found by them. */
  readonly isExact: boolean;
};

const known = (labels: Labels, ...names: readonly string[]): string | null => {
  for (const name of names) {
    const value = labelOf(labels, name);
    if (value !== null && value !== 'unknown') return value;
  }
  return null;
};

/** `payments.shop.svc.cluster.local:8080` → payments in shop, in whatever cluster domain; a host outside the mesh stays whole. */
export const fromHost = (text: string): { readonly service: string; readonly namespace: string | null } => {
  const host = text.replace(/^([^:]+):\d+$/, '$1').replace(/\.$/, '');
  const match = /^([^.]+)\.([^.]+)\.svc(\..*)?$/.exec(host) ?? /^(.+)_([^_]+)_svc_\d+$/.exec(host);
  return match ? { service: match[1] ?? host, namespace: match[2] ?? null } : { service: host, namespace: null };
};

/** A pod's Deployment (`checkout-6d5f7c9b4-abcde` → checkout), StatefulSet or DaemonSet. Kubernetes draws suffixes without vowels and look-alikes. */
const fromPod = (pod: string | null): string | null =>
  pod === null
    ? null
    : ([/^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$/, /^(.+)-\d+$/, /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{5}$/]
        .map((pattern) => pattern.exec(pod)?.[1])
        .find((name) => name !== undefined) ?? pod);

/** Requests that reached a workload by no service of its own are counted under this name: the workload is the callee. */
const isInboundPassthrough = (name: string): boolean => /^InboundPassthroughCluster/.test(name);

const istioEnds = (labels: Labels): Ends => {
  const sourceName = known(labels, 'source_workload', 'source_canonical_service', 'source_app');
  const host = known(labels, 'destination_service');
  const fqdn = host === null || isInboundPassthrough(host) ? null : fromHost(host);
  const named = known(labels, 'destination_service_name');
  const isInbound = named !== null && isInboundPassthrough(named);
  const workload = known(labels, 'destination_workload');
  const service = isInbound
    ? null
    : (named ?? fqdn?.service ?? known(labels, 'destination_canonical_service', 'destination_app'));
  const sourceNamespace = known(labels, 'source_workload_namespace');
  const serviceNamespace = known(labels, 'destination_service_namespace') ?? fqdn?.namespace ?? null;
  const namespace = serviceNamespace ?? known(labels, 'destination_workload_namespace');
  const isUnmeshed =
    sourceName === null && ['source_workload', 'source_canonical_service'].some((name) => labelOf(labels, name) === 'unknown');
  return {
    source: sourceName === null ? null : { namespace: sourceNamespace, workload: sourceName, service: null },
    destination: service === null && workload === null ? null : { namespace, workload, service },
    reporter: labelOf(labels, 'reporter'),
    isUnmeshed,
    isExact:
      (isUnmeshed || (known(labels, 'source_workload') !== null && sourceNamespace !== null)) &&
      (named ?? fqdn) !== null &&
      (namespace !== null || labelOf(labels, 'destination_service_namespace') === 'unknown'),
  };
};

/** The proxy that was scraped, from the labels of its target. */
export const scraped = (labels: Labels): EdgeEnd | null => {
  const workload =
    known(labels, 'deployment', 'app', 'app_kubernetes_io_name', 'workload', 'statefulset', 'daemonset') ??
    fromPod(known(labels, 'pod', 'pod_name', 'kubernetes_pod_name'));
  return workload === null ? null : { namespace: known(labels, 'kubernetes_namespace', 'namespace'), workload, service: null };
};

/** Istio prints the cluster as `cluster_name` too, elsewhere that is the name of a Kubernetes cluster: only Istio's spelling is believed. */
const envoyCluster = (labels: Labels): string | null => {
  const other = known(labels, 'cluster_name');
  return (
    known(labels, 'envoy_cluster_name') ??
    (other !== null && /^((in|out)bound[|_]|(Inbound)?PassthroughCluster|BlackHoleCluster|(xds|sds)-grpc)/.test(other)
      ? other
      : null)
  );
};

/** Envoy's cluster names in Istio: `outbound|8080|v1|payments.shop.svc.cluster.local`; elsewhere any word. */
const envoyEnds = (labels: Labels): Ends | null => {
  const cluster = envoyCluster(labels);
  if (cluster === null) return null;
  // The second spelling is that of server names (SNI); newer Istio ends the first with `;`.
  const parts = /^(in|out)bound_\./.test(cluster) ? cluster.split('_.') : cluster.replace(/;$/, '').split('|');
  const [direction, , , host] = parts;
  const proxy = scraped(labels);
  const rest = { reporter: null, isUnmeshed: false, isExact: true };
  if (direction === 'inbound' || isInboundPassthrough(cluster)) return { source: null, destination: proxy, ...rest };
  const target = host === undefined ? fromHost(cluster) : fromHost(host);
  return { source: proxy, destination: { ...target, workload: null }, ...rest };
};

/** Whom a Linkerd proxy calls: `dst_…`, else the host of a ServiceProfile's routes or the parent of Gateway API's (linkerd.io, "Proxy Metrics"). */
const linkerdCallee = (
  labels: Labels,
  workload: string | null,
): { readonly service: string; readonly namespace: string | null } | null => {
  const named = known(labels, 'dst_service') ?? workload ?? known(labels, 'parent_name', 'backend_name');
  const host = known(labels, 'dst', 'authority');
  if (named === null) return host === null ? null : fromHost(host);
  return { service: named, namespace: known(labels, 'dst_namespace', 'parent_namespace', 'backend_namespace') };
};

/** `authority` and `parent_name` alone are other people's words too. */
const speaksOfCallee = (labels: Labels): boolean => Object.keys(labels).some((name) => /^dst(_|$)/.test(name));

const linkerdEnds = (labels: Labels): Ends | null => {
  const own = known(labels, 'deployment', 'statefulset', 'daemonset');
  const direction = labelOf(labels, 'direction');
  const workload = known(labels, 'dst_deployment', 'dst_statefulset', 'dst_daemonset');
  const callee = linkerdCallee(labels, workload);
  const client = labelOf(labels, 'client_id');
  const end = own === null ? null : { namespace: known(labels, 'namespace'), workload: own, service: null };
  const rest = { isUnmeshed: false, isExact: true };
  if (direction === 'inbound' || (direction === null && workload === null && client !== null)) {
    const [workload, namespace, kind] = (client ?? '').split('.');
    return {
      source: workload && kind === 'serviceaccount' ? { namespace: namespace ?? null, workload, service: null } : null,
      destination: end,
      reporter: 'inbound',
      ...rest,
    };
  }
  if (direction !== 'outbound' && (callee === null || !speaksOfCallee(labels))) return null;
  return {
    source: end,
    destination: callee && { ...callee, workload },
    reporter: 'outbound',
    ...rest,
  };
};

/** The ends that labels name, in any of the three vocabularies; `null` where they speak none. */
export const endsOf = (labels: Labels): Ends | null => {
  const istio = istioEnds(labels);
  if (istio.source !== null || istio.destination !== null) return istio;
  return envoyEnds(labels) ?? linkerdEnds(labels);
};
