import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { calleeName, type Edge } from '../../domain/edge.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { equals, type Matcher, quoteRegex, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { podNames } from '../../domain/selection.ts';
import type { Curve, EdgeReading, PictureSeries, Saturation } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { PicturePlan } from './picture.ts';
import { type CountRow, rowsOf } from './rows.ts';

/** The callee's pods by name. Without a workload, its Deployment is taken to be named after the service, perhaps with a version. */
const pods = ({ destination }: Edge): readonly Matcher[] | null => {
  const names = podNames(destination);
  if (names === null) return null;
  return [
    ...(destination.namespace === null ? [] : [equals('namespace', destination.namespace)]),
    { label: 'pod', op: '=~', value: names },
  ];
};

/** Envoy's own cluster of this target; Istio prints these statistics for `xds-grpc` only, unless told otherwise. */
export const clusterMatcher = ({ destination }: Edge): Matcher | null =>
  destination.service === null
    ? null
    : {
        label: 'cluster_name',
        op: '=~',
        value: `outbound\\|[0-9]*\\|[^|]*\\|${quoteRegex(destination.service)}(\\.${quoteRegex(destination.namespace ?? '')}\\..*)?`,
      };

/** One range query with every candidate, tagged: what exists decides which is shown. */
export const planSaturation = (edge: Edge, plan: PicturePlan): readonly PlannedQuery[] => {
  const [pod, cluster] = [pods(edge), clusterMatcher(edge)];
  const container: Matcher = { label: 'container', op: '!~', value: 'istio-proxy|linkerd-proxy|POD|' };
  const cpu =
    pod === null
      ? null
      : `sum(rate(${selector('container_cpu_usage_seconds_total', [...pod, container])}[${plan.wideSeconds}s]))`;
  const limit = (resource: string) =>
    pod === null
      ? null
      : `sum(${selector('kube_pod_container_resource_limits', [...pod, container, equals('resource', resource)])})`;
  const parts: readonly (readonly [string, string | null])[] = [
    ['connections', cluster === null ? null : `sum(${selector('envoy_cluster_upstream_cx_active', [cluster])})`],
    [
      'connections-left',
      cluster === null ? null : `min(${selector('envoy_cluster_circuit_breakers_default_remaining_cx', [cluster])})`,
    ],
    ['cpu', cpu],
    ['cpu-limit', limit('cpu')],
    ['memory', pod === null ? null : `sum(${selector('container_memory_working_set_bytes', [...pod, container])})`],
    ['memory-limit', limit('memory')],
  ];
  const promql = union(parts.map(([tag, part]) => (part === null ? null : tagged(tag, part))));
  return promql === null
    ? []
    : [
        {
          id: 'saturation',
          what: 'saturation',
          promql,
          budget: 'edge',
          kind: 'range',
          startMs: plan.startMs,
          endMs: plan.endMs,
          stepSeconds: plan.stepSeconds,
        },
      ];
};

const curveOf = (rows: readonly CountRow[], tag: string): Curve =>
  rows.find(({ labels }) => labelOf(labels, tagLabel) === tag)?.points.filter(([, value]) => Number.isFinite(value)) ?? [];
const last = (curve: Curve): number | null => curve.at(-1)?.[1] ?? null;

/** The middle value of the first half: what is usual in this picture. */
const usualOf = (curve: Curve): number | null => {
  const early = curve
    .slice(0, Math.floor(curve.length / 2))
    .map(([, value]) => value)
    .sort((a, b) => a - b);
  return early[early.length >> 1] ?? null;
};

type Seen = { readonly saturation: Saturation; readonly picture: NonNullable<PictureSeries['saturation']> };

const shareOf = (used: Curve, limit: number): Curve => used.map(([atMs, value]) => [atMs, value / limit]);

const fromShare = (kind: Saturation['kind'], of: string, used: Curve, limit: number): Seen => {
  const share = shareOf(used, limit);
  return {
    saturation: { kind, of, ratio: last(share), value: last(used) ?? 0, unit: 'ratio', usual: usualOf(share) },
    picture: { label: of, unit: 'ratio', now: share, limit: 1 },
  };
};

/** CPU or memory, whichever is nearer to its limit. */
const podsOf = (rows: readonly CountRow[], name: string): Seen | null => {
  const candidates = (['cpu', 'memory'] as const).flatMap((what) => {
    const [used, limit] = [curveOf(rows, what), last(curveOf(rows, `${what}-limit`))];
    return used.length === 0 || limit === null || limit <= 0
      ? []
      : [fromShare('pods', `${what === 'cpu' ? 'CPU' : 'Memory'} of ${name}`, used, limit)];
  });
  const [best] = candidates.sort((a, b) => (b.saturation.ratio ?? 0) - (a.saturation.ratio ?? 0));
  if (best) return best;
  const cpu = curveOf(rows, 'cpu');
  const of = `CPU of ${name}`;
  return cpu.length === 0
    ? null
    : {
        saturation: { kind: 'pods', of, ratio: null, value: last(cpu) ?? 0, unit: 'cores', usual: usualOf(cpu) },
        picture: { label: of, unit: 'cores', now: cpu, limit: null },
      };
};

/** Requests a second that a full limit turned away, at each moment that has samples: read from the rows of the curves of errors. */
const overflowCurve = (dialect: Dialect, codes: readonly CountRow[]): Curve => {
  const found = new Map<EpochMs, number>();
  for (const { read, points } of rowsOf(
    dialect,
    null,
    codes.filter(({ labels }) => labelOf(labels, tagLabel) === 'now'),
  ))
    for (const [atMs, value] of points) found.set(atMs, (found.get(atMs) ?? 0) + (read.flags.includes('UO') ? value : 0));
  const curve = [...found].sort(([a], [b]) => a - b);
  return curve.some(([, value]) => value > 0) ? curve : [];
};

const overflowOf = (name: string, overflow: number, windowSeconds: number, curve: Curve): Seen => ({
  saturation: {
    kind: 'overflow-flag',
    of: `Requests to ${name} refused by a full limit (UO)`,
    ratio: null,
    value: overflow / windowSeconds,
    unit: 'requests/s',
    usual: usualOf(curve) ?? 0,
  },
  picture: { label: 'Refused by a limit', unit: 'requests/s', now: curve, limit: null },
});

/** How full the way to the callee or the callee is: cluster statistics where they exist, else the flag of the overflow, else the pods. */
export const readSaturation = (
  dialect: Dialect,
  rows: readonly CountRow[],
  /** The rows of the picture's curves of traffic and errors. */
  codes: readonly CountRow[],
  edge: Edge,
  reading: EdgeReading | null,
  windowSeconds: number,
): Seen | null => {
  const name = calleeName(edge);
  const [active, left] = [curveOf(rows, 'connections'), last(curveOf(rows, 'connections-left'))];
  if (active.length > 0) {
    const now = last(active) ?? 0;
    const of = `Connections to ${name}`;
    if (left !== null) return fromShare('envoy-cluster', of, active, Math.max(1, now + left));
    return {
      saturation: { kind: 'envoy-cluster', of, ratio: null, value: now, unit: 'connections', usual: usualOf(active) },
      picture: { label: of, unit: 'connections', now: active, limit: null },
    };
  }
  const overflow = [reading?.caller, reading?.callee].reduce(
    (sum, side) =>
      sum +
      (side?.outcomes ?? []).filter(({ flags }) => flags.includes('UO')).reduce((total, { requests }) => total + requests, 0),
    0,
  );
  if (overflow > 0) return overflowOf(name, overflow, windowSeconds, overflowCurve(dialect, codes));
  return podsOf(rows, name);
};
