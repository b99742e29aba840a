import { istioSpelling, type Spelling } from '../src/demo/mesh/expose.ts';
import { podOf } from '../src/demo/mesh/topology.ts';
import { asked } from '../src/demo/traces/asked.ts';

/** Meshes other than Istio's sidecars, for recordings: the same traffic in their own words. */

/** Istio ambient: one waypoint sees each request, once (istio.io, "Istio Standard Metrics", reporter). */
export const ambientSpelling: Spelling = {
  ...istioSpelling,
  labels: (labels) =>
    labels['reporter'] === 'source' ? { ...labels, reporter: 'waypoint', connection_security_policy: 'mutual_tls' } : null,
};

const known = (text: string | undefined): string => (text === 'unknown' ? '' : (text ?? ''));

/** Whoever may label a pod may write there what Slack would take for a mention, were it let. */
const hostile = (version: string): string => (version === 'v2' ? 'v2 <!channel> *now*' : version);

/** Istio as a cluster has it whose scrape names the pod that counted; one version is named by somebody who means ill. */
export const podSpelling: Spelling = {
  ...istioSpelling,
  labels: (labels) => {
    const version = labels['destination_version'] ?? 'unknown';
    const told = { ...labels, destination_version: hostile(version) };
    const pod = `${podOf(labels['destination_service_name'] ?? '', version)}${version === 'v2' ? '<!here>' : ''}`;
    return labels['reporter'] === 'destination' ? { ...told, pod } : told;
  },
};

/** Linkerd: whoever reports stands in the scrape labels, the other end in `dst_*` or in the identity (linkerd.io, "Proxy Metrics"). */
export const linkerdSpelling: Spelling = {
  requests: 'response',
  duration: 'response_latency_ms',
  labels: (labels) => {
    const get = (name: string): string => known(labels[name]);
    const isFailed = /^5/.test(get('response_code')) || !['', '0'].includes(get('grpc_response_status'));
    const said = {
      status_code: get('response_code'),
      grpc_status: get('grpc_response_status'),
      classification: isFailed ? 'failure' : 'success',
      tls: 'true',
    };
    if (labels['reporter'] === 'source')
      return {
        direction: 'outbound',
        namespace: get('source_workload_namespace'),
        deployment: get('source_workload'),
        dst_namespace: get('destination_service_namespace'),
        dst_service: get('destination_service_name'),
        dst_deployment: get('destination_workload'),
        dst_pod_template_hash: get('destination_version'),
        ...said,
      };
    return {
      direction: 'inbound',
      namespace: get('destination_service_namespace'),
      deployment: get('destination_workload'),
      pod_template_hash: get('destination_version'),
      client_id: `${get('source_workload')}.${get('source_workload_namespace')}.serviceaccount.identity.linkerd.cluster.local`,
      ...said,
    };
  },
};

/** Linkerd's counts by the routes of ServiceProfiles, beside those of requests (linkerd.io, "Service Profiles"). */
export const profileSpelling: Spelling = {
  requests: 'route_response',
  duration: 'route_response_latency_ms',
  labels: (labels) => {
    const spelled = linkerdSpelling.labels(labels);
    const [service, namespace] = [known(labels['destination_service_name']), known(labels['destination_service_namespace'])];
    if (spelled === null || service === '') return null;
    const { method, path } = asked(service);
    return { ...spelled, dst: `${service}.${namespace}.svc.cluster.local:8080`, rt_route: `${method} ${path}` };
  },
};
