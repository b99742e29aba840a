import type { Edge, EdgeEnd } from './edge.ts';

/** Which part of an edge a label may name. */
type Part = {
  /** Spellings of one thing, the narrowest that a mesh prints first: one of them says enough. */
  readonly names: readonly string[];
  /** What the edge itself would say there. */
  readonly of: (edge: Edge) => readonly (string | null)[];
  /** A namespace alone holds more than a workload. */
  readonly isNarrow: boolean;
};

const namesOf = ({ service, workload }: EdgeEnd): readonly (string | null)[] => [service, workload];
const bothOf = ({ source, destination }: Edge): readonly (string | null)[] => [...namesOf(destination), ...namesOf(source)];

/**
 * In the order in which people say an edge. Istio's names are those of istio.io "Istio Standard Metrics", Linkerd's of linkerd.io
 * "Proxy Metrics"; the last two are what a scrape adds.
 */
const parts: readonly Part[] = [
  {
    names: ['source_workload', 'source_canonical_service', 'source_app'],
    of: ({ source }) => namesOf(source),
    isNarrow: true,
  },
  {
    names: ['source_workload_namespace', 'source_namespace'],
    of: ({ source }) => [source.namespace],
    isNarrow: false,
  },
  {
    names: [
      ...['destination_service_name', 'destination_service', 'destination_canonical_service', 'destination_app'],
      ...['destination_workload', 'dst_service', 'dst_deployment', 'dst_statefulset', 'dst_daemonset', 'dst', 'authority'],
      ...['parent_name', 'backend_name'],
    ],
    of: ({ destination }) => namesOf(destination),
    isNarrow: true,
  },
  {
    names: [
      ...['destination_service_namespace', 'destination_workload_namespace', 'destination_namespace', 'dst_namespace'],
      ...['parent_namespace', 'backend_namespace'],
    ],
    of: ({ destination }) => [destination.namespace],
    isNarrow: false,
  },
  { names: ['envoy_cluster_name'], of: ({ destination }) => namesOf(destination), isNarrow: true },
  {
    names: ['deployment', 'statefulset', 'daemonset', 'workload', 'service', 'app', 'app_kubernetes_io_name'],
    of: bothOf,
    isNarrow: true,
  },
  {
    names: ['namespace', 'kubernetes_namespace'],
    of: ({ source, destination }) => [source.namespace, destination.namespace],
    isNarrow: false,
  },
];

/** What differs from one firing to the next, or belongs to whoever measures: offered, never chosen. */
const volatile: ReadonlySet<string> = new Set([
  ...['pod', 'pod_name', 'kubernetes_pod_name', 'pod_template_hash', 'instance', 'node', 'host', 'container', 'container_id'],
  ...['endpoint', 'le', 'quantile', 'severity', 'job', 'cluster', 'prometheus', 'prometheus_replica', 'replica', 'reporter'],
  ...['response_code', 'response_flags', 'source_version', 'destination_version', 'version', 'uid', 'id'],
]);

export const isVolatile = (name: string): boolean => volatile.has(name);

/** Istio writes `unknown` where it knows no name: that names nobody. */
const isNamed = (value: string | undefined): value is string => value !== undefined && value !== '' && value !== 'unknown';

/** The name itself, or a host that begins with it (`payments.shop.svc.cluster.local`, `outbound|80||payments.shop…`). */
const says = (value: string, name: string): boolean =>
  value === name || (value.split('|').at(-1) ?? value).split(/[.:]/, 1)[0] === name;

/** The labels that name this edge, one for each part of it; of no edge in particular, whatever labels name one. */
export const edgeLabels = (labels: ReadonlyMap<string, string>, edge: Edge | null): readonly string[] =>
  parts.flatMap(({ names, of }) => {
    const wanted = edge === null ? null : of(edge).filter((name) => name !== null);
    const found = names.find((name) => {
      const value = labels.get(name);
      return isNamed(value) && (wanted === null || wanted.some((part) => says(value, part)));
    });
    return found === undefined ? [] : [found];
  });

const narrow: ReadonlySet<string> = new Set(['alertname', ...parts.flatMap(({ names, isNarrow }) => (isNarrow ? names : []))]);

/** Whether a label holds a silence together: one alert rule, or one end of an edge. */
export const isNarrowing = (name: string, value: string): boolean => narrow.has(name) && isNamed(value);
