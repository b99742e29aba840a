import { boundsMs, type Series } from './counters.ts';
import type { Mesh, Pods } from './simulate.ts';
import { limitCores, podOf } from './topology.ts';

const quoted = (value: string): string => `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(',');

/** Kubernetes facts that change marks are read from: rollouts, as kube-state-metrics shows them. */
export type Rollout = { readonly namespace: string; readonly deployment: string; readonly atSeconds: number };

const kubeLines = (rollouts: readonly Rollout[]): readonly string[] =>
  rollouts.flatMap(({ namespace, deployment, atSeconds }) => {
    const replicaset = `${deployment}-${(atSeconds % 1_000_000).toString(16).padStart(5, '0')}`;
    return [
      `kube_replicaset_created{namespace="${namespace}",replicaset="${replicaset}"} ${atSeconds}`,
      `kube_replicaset_owner{namespace="${namespace}",replicaset="${replicaset}",owner_kind="Deployment",owner_name="${deployment}"} 1`,
    ];
  });

const podLabels = ({ service, namespace, version }: Pods): string =>
  `namespace="${namespace}",pod="${podOf(service, version)}",container="${service}"`;

/** What the pods use and may use, as cAdvisor and kube-state-metrics print it. */
export const podLines = (
  pods: readonly Pods[],
  atSeconds: number | null,
): { readonly cpu: readonly string[]; readonly limits: readonly string[] } => {
  const at = atSeconds === null ? '' : ` ${atSeconds}`;
  return {
    cpu: pods.map((one) => `container_cpu_usage_seconds_total{${podLabels(one)}} ${one.cpuSeconds.toFixed(3)}${at}`),
    limits: pods.map(
      (one) =>
        `kube_pod_container_resource_limits{${podLabels(one)},resource="cpu",unit="core"} ${limitCores(one.service, one.version)}${at}`,
    ),
  };
};

/** How a mesh spells its series: metric names, and the labels of one series; null: that series it does not print. */
export type Spelling = {
  readonly requests: string;
  readonly duration: string;
  readonly labels: (labels: Series['labels']) => Series['labels'] | null;
};

/** Istio's own names (istio.io, "Istio Standard Metrics"), without the suffixes that the types add. */
export const istioSpelling: Spelling = {
  requests: 'istio_requests',
  duration: 'istio_request_duration_milliseconds',
  labels: (labels) => labels,
};

/** The lines of one moment; with `atSeconds` as OpenMetrics for backfilling, without as a scrape target's text. */
export const sampleLines = (
  series: readonly Series[],
  atSeconds: number | null,
  withBuckets: boolean,
  spelling: Spelling = istioSpelling,
): { readonly requests: readonly string[]; readonly duration: readonly string[] } => {
  const at = atSeconds === null ? '' : ` ${atSeconds}`;
  const requests: string[] = [];
  const duration: string[] = [];
  const { duration: metric } = spelling;
  for (const { labels, requests: count, sumMs, buckets } of series) {
    const spelled = spelling.labels(labels);
    if (spelled === null) continue;
    const text = labelText(spelled);
    requests.push(`${spelling.requests}_total{${text}} ${count}${at}`);
    if (!withBuckets) continue;
    for (const [index, bound] of boundsMs.entries())
      duration.push(`${metric}_bucket{${text},le="${bound}"} ${buckets[index] ?? 0}${at}`);
    duration.push(
      `${metric}_bucket{${text},le="+Inf"} ${count}${at}`,
      `${metric}_sum{${text}} ${sumMs.toFixed(3)}${at}`,
      `${metric}_count{${text}} ${count}${at}`,
    );
  }
  return { requests, duration };
};

/** What a scrape gets. */
export const exposition = (mesh: Mesh, rollouts: readonly Rollout[]): string => {
  const { requests, duration } = sampleLines(mesh.series(), null, true);
  const { cpu, limits } = podLines(mesh.pods(), null);
  return [
    '# TYPE istio_requests_total counter',
    ...requests,
    '# TYPE istio_request_duration_milliseconds histogram',
    ...duration,
    '# TYPE container_cpu_usage_seconds_total counter',
    ...cpu,
    '# TYPE kube_pod_container_resource_limits gauge',
    ...limits,
    ...kubeLines(rollouts),
    '',
  ].join('\n');
};
