import { labelOf } from '../../domain/alert.ts';
import type { Edge } from '../../domain/edge.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { duration, equals, type Matcher, quoteRegex, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import type { ProxyCounter, Reporter } from '../../domain/signals.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CountRow } from './rows.ts';
import { clusterMatcher } from './saturation.ts';

/** What the caller's proxy counts per cluster; hidden by Istio unless proxyStatsMatcher shows it (manifests/istio). */
const callerCounters = [
  'ssl_fail_verify_error',
  'ssl_fail_verify_san',
  'ssl_connection_error',
  'upstream_cx_connect_fail',
  'upstream_rq_pending_overflow',
  'upstream_cx_overflow',
  'upstream_rq_retry',
  'outlier_detection_ejections_enforced_total',
  'upstream_cx_none_healthy',
] as const;

/** What the callee's proxy counts at its listener, and its refusals. */
const calleeCounters = [
  'listener_ssl_fail_verify_error',
  'listener_ssl_fail_verify_no_cert',
  'listener_ssl_connection_error',
  'http_rbac_denied',
  'http_jwt_authn_denied',
] as const;

const calleePods = ({ destination }: Edge): readonly Matcher[] | null => {
  const name = destination.workload ?? destination.service;
  return name === null
    ? null
    : [
        ...(destination.namespace === null ? [] : [equals('namespace', destination.namespace)]),
        { label: 'pod', op: '=~', value: `${quoteRegex(name)}-.*` },
      ];
};

/** TLS, ejection, overflow and RBAC counters around the edge: now and the same length before, one call. */
export const planCounters = (
  edge: Edge,
  atMs: EpochMs,
  seconds: number,
  more: readonly string[] = [],
): readonly PlannedQuery[] => {
  const [cluster, pods] = [clusterMatcher(edge), calleePods(edge)];
  const window = duration(seconds);
  const part = (side: Reporter, name: string, metric: string, matchers: readonly Matcher[] | null): readonly (string | null)[] =>
    matchers === null
      ? []
      : [
          tagged(`${side}/${name}/now`, `sum(increase(${selector(metric, matchers)}[${window}]))`),
          tagged(`${side}/${name}/before`, `sum(increase(${selector(metric, matchers)}[${window}] offset ${duration(3600)}))`),
        ];
  const promql = union([
    ...callerCounters.flatMap((name) => part('caller', name, `envoy_cluster_${name}`, cluster === null ? null : [cluster])),
    ...calleeCounters.flatMap((name) => part('callee', name, `envoy_${name}`, pods)),
    ...more,
  ]);
  return promql === null ? [] : [{ id: 'counters', what: 'proxy counters', promql, budget: 'edge', kind: 'instant', atMs }];
};

/** Only counters that exist; a counter without a past counts from zero. */
export const readCounters = (rows: readonly CountRow[]): readonly ProxyCounter[] => {
  const values = new Map<string, number>();
  for (const { labels, points } of rows) {
    const value = points[0]?.[1];
    if (value !== undefined && Number.isFinite(value)) values.set(labelOf(labels, tagLabel) ?? '', value);
  }
  return [...values.keys()]
    .filter((tag) => tag.endsWith('/now'))
    .map((tag) => {
      const [side, name] = tag.split('/');
      return {
        name: name ?? '',
        side: side === 'callee' ? ('callee' as const) : ('caller' as const),
        now: values.get(tag) ?? 0,
        before: values.get(`${side}/${name}/before`) ?? 0,
      };
    })
    .sort((a, b) => (`${a.side}${a.name}` < `${b.side}${b.name}` ? -1 : 1));
};
