import { type Labels, labelOf } from '../../domain/alert.ts';
import type { EdgeEnd } from '../../domain/edge.ts';

/** Which ends the labels of an alert (or of an answered row) name; null where they name none. */
export type Ends = { readonly source: EdgeEnd | null; readonly destination: EdgeEnd | null; readonly reporter: string | null };

const known = (labels: Labels, ...names: readonly string[]): string | null => {
  for (const name of names) {
    const value = labelOf(labels, name);
    if (value !== null && value !== 'unknown') return value;
  }
  return null;
};

/** `payments.shop.svc.cluster.local` → payments in shop; a host outside the mesh stays whole. */
export const fromHost = (host: string): { readonly service: string; readonly namespace: string | null } => {
  const match = /^([^.]+)\.([^.]+)\.svc(\..*)?$/.exec(host);
  return match ? { service: match[1] ?? host, namespace: match[2] ?? null } : { service: host, namespace: null };
};

/** A pod's Deployment: `checkout-6d5f7c9b4-abcde` → checkout. */
const fromPod = (pod: string | null): string | null =>
  pod === null ? null : (/^(.+)-[a-z0-9]{6,10}-[a-z0-9]{5}$/.exec(pod)?.[1] ?? /^(.+)-\d+$/.exec(pod)?.[1] ?? pod);

const istioEnds = (labels: Labels): Ends => {
  const sourceName = known(labels, 'source_workload', 'source_canonical_service', 'source_app');
  const host = known(labels, 'destination_service');
  const fqdn = host === null ? null : fromHost(host);
  const service =
    known(labels, 'destination_service_name') ??
    fqdn?.service ??
    known(labels, 'destination_canonical_service', 'destination_app');
  const workload = known(labels, 'destination_workload');
  return {
    source:
      sourceName === null ? null : { namespace: known(labels, 'source_workload_namespace'), workload: sourceName, service: null },
    destination:
      service === null && workload === null
        ? null
        : {
            namespace:
              known(labels, 'destination_service_namespace') ??
              fqdn?.namespace ??
              known(labels, 'destination_workload_namespace'),
            workload,
            service,
          },
    reporter: labelOf(labels, 'reporter'),
  };
};

/** The proxy that was scraped, from the labels of its target. */
export const scraped = (labels: Labels): EdgeEnd | null => {
  const workload =
    known(labels, 'deployment', 'app', 'app_kubernetes_io_name', 'workload', 'statefulset', 'daemonset') ??
    fromPod(known(labels, 'pod', 'pod_name', 'kubernetes_pod_name'));
  return workload === null ? null : { namespace: known(labels, 'kubernetes_namespace', 'namespace'), workload, service: null };
};

/** Envoy's cluster names in Istio: `outbound|8080|v1|payments.shop.svc.cluster.local`; elsewhere any word. */
const envoyEnds = (labels: Labels): Ends | null => {
  const cluster = known(labels, 'envoy_cluster_name', 'cluster_name');
  if (cluster === null) return null;
  // The second spelling is that of server names (SNI); newer Istio ends the first with `;`.
  const parts = /^(in|out)bound_\./.test(cluster) ? cluster.split('_.') : cluster.replace(/;$/, '').split('|');
  const [direction, , , host] = parts;
  const proxy = scraped(labels);
  if (direction === 'inbound') return { source: null, destination: proxy, reporter: null };
  const target = host === undefined ? { service: cluster, namespace: null } : fromHost(host);
  return { source: proxy, destination: { ...target, workload: null }, reporter: null };
};

const linkerdEnds = (labels: Labels): Ends | null => {
  const own = known(labels, 'deployment', 'statefulset', 'daemonset');
  const direction = labelOf(labels, 'direction');
  const callee = known(labels, 'dst_service', 'dst_deployment', 'dst_statefulset');
  const client = labelOf(labels, 'client_id');
  const end = own === null ? null : { namespace: known(labels, 'namespace'), workload: own, service: null };
  if (direction === 'inbound' || (callee === null && client !== null)) {
    const [workload, namespace] = (client ?? '').split('.');
    return {
      source: workload ? { namespace: namespace ?? null, workload, service: null } : null,
      destination: end,
      reporter: 'inbound',
    };
  }
  if (direction === 'outbound' || callee !== null) {
    return {
      source: end,
      destination:
        callee === null
          ? null
          : { namespace: known(labels, 'dst_namespace'), workload: known(labels, 'dst_deployment'), service: callee },
      reporter: 'outbound',
    };
  }
  return null;
};

/** The ends that labels name, in any of the three vocabularies; `null` where they speak none. */
export const endsOf = (labels: Labels): Ends | null => {
  const istio = istioEnds(labels);
  if (istio.source !== null || istio.destination !== null) return istio;
  return envoyEnds(labels) ?? linkerdEnds(labels);
};
