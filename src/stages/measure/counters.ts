import { labelOf } from '../../domain/alert.ts';
import type { Dialect } from '../../domain/dialect.ts';
import { calleeKey, type Edge, type EdgeEnd } from '../../domain/edge.ts';
import { isEntrance } from '../../domain/entrance.ts';
import { tagged, tagLabel, union } from '../../domain/promql/union.ts';
import { duration, equals, type Matcher, quoteRegex, selector } from '../../domain/promql.ts';
import type { PlannedQuery } from '../../domain/question.ts';
import { podNames, podSuffix, podsOfWorkloads } from '../../domain/selection.ts';
import type { EdgeReading, ProxyCounter, Reporter } from '../../domain/signals.ts';
import type { CountRow } from './rows.ts';
import { clusterMatcher } from './saturation.ts';
import type { WindowPlan } from './windows.ts';

/** What the caller's proxy counts per cluster; hidden by Istio unless proxyStatsMatcher shows it (manifests/istio). */
export const callerCluster = [
  'ssl_fail_verify_error',
  'ssl_fail_verify_san',
  'ssl_connection_error',
  'ssl_handshake',
  'upstream_cx_connect_timeout',
  'upstream_cx_overflow',
  'upstream_rq_pending_overflow',
  'upstream_rq_active_overflow',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry',
  'upstream_rq_timeout',
  'upstream_rq_per_try_timeout',
  'upstream_rq_per_try_idle_timeout',
  'upstream_rq_max_duration_reached',
  'outlier_detection_ejections_enforced_total',
] as const;

/** What the caller's proxy answers by itself, counted for all that its application sends. */
export const callerHttp = [
  'http_downstream_rq_overload_close',
  'http_downstream_rq_max_duration_reached',
  'http_downstream_rq_timeout',
  'http_downstream_rq_header_timeout',
  'http_downstream_rq_idle_timeout',
  'http_downstream_rq_too_large',
  'http_rq_direct_response',
] as const;

/** What the callee's proxy counts at its listener, and of what it answers by itself. */
export const calleeProxy = [
  'listener_ssl_fail_verify_error',
  'listener_ssl_fail_verify_no_cert',
  'listener_ssl_connection_error',
  'listener_no_filter_chain_match',
  'http_downstream_rq_overload_close',
  'http_downstream_rq_response_before_rq_complete',
  'http_downstream_rq_max_duration_reached',
  'http_downstream_rq_timeout',
  'http_downstream_rq_header_timeout',
  'http_downstream_cx_protocol_error',
  'http_downstream_rq_too_large',
] as const;

/** Refusals before anything is sent on, counted only where their filter is configured: at a callee, and at an entrance that has policies of its own. */
const filters = [
  'http_rbac_denied',
  'http_jwt_authn_denied',
  'http_ext_authz_denied',
  'http_ext_authz_error',
  'http_local_rate_limit_rate_limited',
  'cluster_ratelimit_over_limit',
  'cluster_ratelimit_error',
] as const;
/** The callee's own, and what passes between its proxy and its application. */
const calleeFilters = [...filters, 'http_health_check_failed'] as const;
const calleeInbound = ['upstream_cx_overflow', 'upstream_rq_pending_overflow', 'upstream_rq_active_overflow'] as const;

/**
 * What a waypoint counts of the way to one target, and of what it answers and refuses by itself: it stands before the callee and counts for
 * the caller's side. TLS is ztunnel's matter there, which is no Envoy (istio.io, "Ambient and the Istio data plane").
 */
const waypointCluster = callerCluster.filter((name) => !name.startsWith('ssl_'));
const waypointProxy = [...new Set([...callerHttp, ...calleeProxy, ...calleeFilters])].filter(
  (name) => !name.startsWith('listener_'),
);

/** Linkerd's proxies are no Envoys: of their own counters only this one tells what no count by edge does (linkerd.io, "Proxy Metrics"). */
const linkerdProxy = ['inbound_http_authz_deny_total'] as const;

const inNamespace = (namespace: string | null): readonly Matcher[] =>
  namespace === null ? [] : [equals('namespace', namespace)];

const podsOf = (end: EdgeEnd): readonly Matcher[] | null => {
  const names = podNames(end);
  return names === null ? null : [...inNamespace(end.namespace), { label: 'pod', op: '=~', value: names }];
};

/** The workloads that answered as this callee, whoever called: by what was measured, not by its name. */
export const workloadsBehind = (edge: Edge, readings: readonly EdgeReading[]): readonly string[] => [
  ...new Set(
    readings
      .filter((reading) => calleeKey(reading.edge) === calleeKey(edge))
      .flatMap(({ caller, callee }) => [...(caller?.outcomes ?? []), ...(callee?.outcomes ?? [])])
      .flatMap(({ workload }) => (workload === null ? [] : [workload]))
      .sort(),
  ),
];

/**
 * The callee's pods by the workloads that were measured, else by the one that the alert names, else by the service's name in its
 * namespace. A host outside, or a service of no known namespace, has no pods that could be told from a stranger's.
 */
const calleePods = ({ destination }: Edge, workloads: readonly string[]): readonly Matcher[] | null => {
  const { namespace, workload, service } = destination;
  if (workloads.length > 0) return [...inNamespace(namespace), { label: 'pod', op: '=~', value: podsOfWorkloads(workloads) }];
  if (workload === null && (namespace === null || service === null || service.includes('.'))) return null;
  return podsOf(destination);
};

/** The callee's cluster as this caller sees it; a scrape without a label for the pod cannot tell callers apart. */
const ownCluster = (edge: Edge): readonly Matcher[] | null => {
  const cluster = clusterMatcher(edge);
  const { namespace } = edge.source;
  const names = podNames(edge.source);
  if (cluster === null) return null;
  return names === null
    ? [cluster]
    : [
        cluster,
        ...(namespace === null ? [] : [{ label: 'namespace', op: '=~', value: `(${quoteRegex(namespace)})?` } as const]),
        { label: 'pod', op: '=~', value: `(${names})?` },
      ];
};

/** Statistics of the one direction; Envoy names the label with its own prefix, Istio without. */
const direction = (not: 'inbound' | 'outbound'): readonly Matcher[] =>
  ['envoy_http_conn_manager_prefix', 'http_conn_manager_prefix'].map((label) => ({
    label,
    op: '!~',
    value: `${not}.*|admin|agent|stats`,
  }));

/** Istio makes a label of a refusal's end (authz_enforce_result), and its own example prefixes the local rate limit's name. */
const otherSpellings: Readonly<Record<string, readonly [metric: string, matchers: readonly Matcher[]]>> = {
  http_rbac_denied: ['envoy_http_rbac', [equals('authz_enforce_result', 'denied')]],
  http_local_rate_limit_rate_limited: ['envoy_http_local_rate_limiter_http_local_rate_limit_rate_limited', []],
};

type Wanted = readonly [side: Reporter, name: string, metric: string, matchers: readonly Matcher[] | null];

/** The counter's growth over a range, `[5m]` or `[5m] offset 1h`, under every name it may have. */
const growth = (name: string, metric: string, matchers: readonly Matcher[], range: string): string => {
  const other = otherSpellings[name];
  const selectors = [
    selector(metric, matchers),
    ...(other === undefined ? [] : [selector(other[0], [...matchers, ...other[1]])]),
  ];
  return `sum(${selectors.map((series) => `increase(${series}${range})`).join(' or ')})`;
};

/** Waypoints are named so by `istioctl waypoint`; their clusters name the service (istio.io, "Configure waypoint proxies"). */
const atWaypoint = ({ destination }: Edge): readonly Wanted[] => {
  const { namespace, service } = destination;
  if (namespace === null || service === null) return [];
  const place = inNamespace(namespace);
  const cluster: Matcher = {
    label: 'cluster_name',
    op: '=~',
    value: `inbound-vip\\|[0-9]*\\|[^|]*\\|${quoteRegex(service)}(\\.${quoteRegex(namespace)}\\..*)?`,
  };
  const pods: Matcher = { label: 'pod', op: '=~', value: `(.+-)?waypoint(-.+)?-(${podSuffix})` };
  return [
    ...waypointCluster.map((name): Wanted => ['caller', name, `envoy_cluster_${name}`, [cluster]]),
    ...waypointProxy.map((name): Wanted => ['caller', name, `envoy_${name}`, [...place, pods]]),
  ];
};

const wanted = ({ name: mesh }: Dialect, edge: Edge, workloads: readonly string[]): readonly Wanted[] => {
  if (mesh === 'ambient') return atWaypoint(edge);
  const callees = calleePods(edge, workloads);
  if (mesh === 'linkerd') return linkerdProxy.map((name): Wanted => ['callee', name, name, callees]);
  const [cluster, callers] = [ownCluster(edge), podsOf(edge.source)];
  const outbound = callers === null ? null : [...callers, ...direction('inbound')];
  const inbound = (name: string): readonly Matcher[] | null =>
    callees === null ? null : name.startsWith('http_') ? [...callees, ...direction('outbound')] : callees;
  const application = callees === null ? null : [...callees, { label: 'cluster_name', op: '=~', value: 'inbound\\|.*' } as const];
  return [
    ...callerCluster.map((name): Wanted => ['caller', name, `envoy_cluster_${name}`, cluster]),
    ...[...callerHttp, ...(isEntrance(edge) ? filters : [])].map((name): Wanted => ['caller', name, `envoy_${name}`, outbound]),
    ...[...calleeProxy, ...calleeFilters].map((name): Wanted => ['callee', name, `envoy_${name}`, inbound(name)]),
    ...calleeInbound.map((name): Wanted => ['callee', name, `envoy_cluster_${name}`, application]),
  ];
};

/**
 * Counters of both proxies that tell one face of a flag from another: now and a window as long before it began, an hour ago at least; one
 * call, and what else rides with it.
 */
export const planCounters = (
  dialect: Dialect,
  edge: Edge,
  workloads: readonly string[],
  { atMs, seconds, local }: Pick<WindowPlan, 'atMs' | 'seconds' | 'local'>,
  more: readonly string[] = [],
): readonly PlannedQuery[] => {
  const offsetSeconds = Math.max(3600, Math.round((atMs - local.endMs) / 1000));
  const now = `[${duration(seconds)}]`;
  const promql = union([
    ...wanted(dialect, edge, workloads).flatMap(([side, name, metric, matchers]) =>
      matchers === null
        ? []
        : [
            tagged(`${side}/${name}/now`, growth(name, metric, matchers, now)),
            tagged(`${side}/${name}/before`, growth(name, metric, matchers, `${now} offset ${duration(offsetSeconds)}`)),
          ],
    ),
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
