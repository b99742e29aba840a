import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialects } from '../../../src/dialects/index.ts';
import type { Edge } from '../../../src/domain/edge.ts';
import { parsePromql, pinned, selectorsOf } from '../../../src/domain/promql/tree.ts';
import { planCounters, readCounters, workloadsBehind } from '../../../src/stages/measure/counters.ts';
import { readingWith } from '../../support/edges.ts';
import { engineFor } from '../../support/engine.ts';
import { edgeNamed, nowMs } from '../../support/report.ts';
import { type SeededPrometheus, type SeededSeries, seededPrometheus } from '../../support/seeded-prometheus.ts';

const { istio, ambient, linkerd } = dialects;
const engine = await engineFor('prometheus');

const edge: Edge = {
  cluster: null,
  source: { namespace: 'shop', workload: 'checkout', service: null },
  destination: { namespace: 'shop', workload: null, service: 'payments' },
};

/** An incident of a minute ago, and one that has lasted for two hours. */
const young = { atMs: nowMs, seconds: 300, local: { startMs: nowMs - 7_200_000, endMs: nowMs - 300_000 } };
const old = { ...young, local: { startMs: nowMs - 14_400_000, endMs: nowMs - 7_200_000 } };

/** A counter that rises by one a second in the last five minutes. */
const rising = (name: string, labels: Readonly<Record<string, string>>): SeededSeries => ({
  labels: { __name__: name, namespace: 'shop', ...labels },
  samples: Array.from({ length: 41 }, (_, index): [number, number] => [
    nowMs - (40 - index) * 15_000,
    Math.max(0, index - 20) * 15,
  ]),
});

const cluster = 'outbound|8080||payments.shop.svc.cluster.local';
const caller = { pod: 'checkout-5b8d6f7c9-x2k4d' };
const callee = { pod: 'payments-v1-84c7d9f5b-p7m9q' };

const series: readonly SeededSeries[] = [
  rising('envoy_cluster_ssl_fail_verify_san', { ...caller, cluster_name: cluster }),
  rising('envoy_cluster_upstream_rq_retry', { pod: 'storefront-7d4f9c6b5-x2k4d', cluster_name: cluster }),
  // Neighbours whose names begin alike, and a namesake elsewhere.
  rising('envoy_cluster_upstream_rq_timeout', { pod: 'checkout-worker-5b8d6f7c9-x2k4d', cluster_name: cluster }),
  rising('envoy_cluster_upstream_cx_overflow', { ...caller, namespace: 'shop-test', cluster_name: cluster }),
  rising('envoy_http_health_check_failed', { pod: 'payments-api-84c7d9f5b-p7m9q', http_conn_manager_prefix: 'inbound' }),
  rising('envoy_http_rq_direct_response', { ...caller, http_conn_manager_prefix: 'outbound_0.0.0.0_8080' }),
  rising('envoy_http_downstream_rq_overload_close', { ...caller, http_conn_manager_prefix: 'inbound_0.0.0.0_8080' }),
  rising('envoy_http_rbac', {
    ...callee,
    authz_enforce_result: 'denied',
    http_conn_manager_prefix: 'inbound_0.0.0.0_8080',
  }),
  rising('envoy_http_rbac', {
    ...callee,
    authz_enforce_result: 'allowed',
    http_conn_manager_prefix: 'inbound_0.0.0.0_8080',
  }),
  rising('envoy_http_jwt_authn_denied', { ...callee, envoy_http_conn_manager_prefix: 'inbound' }),
  rising('envoy_http_local_rate_limiter_http_local_rate_limit_rate_limited', callee),
  rising('envoy_listener_ssl_connection_error', { ...callee, listener_address: '0.0.0.0_15006' }),
];

describe(`counters of both proxies, on a real Prometheus${engine.skipped}`, () => {
  let running: SeededPrometheus | null = null;
  beforeAll(async () => {
    if (engine.path !== '') running = await seededPrometheus(engine.path, series);
  });
  afterAll(() => running?.stop());

  it.skipIf(engine.path === '')(
    "are found under Istio's spellings and under Envoy's, each at its own end, and a stranger's are left alone",
    async () => {
      const [planned] = planCounters(istio, edge, [], young);
      if (planned === undefined || running === null) throw new Error('nothing was planned');
      const answer = await running.metrics.instant(planned.promql, nowMs, { signal: AbortSignal.timeout(10_000) });
      const rows = answer.value.map(({ labels, value, atMs }) => ({ labels, points: [[atMs, value] as const] }));
      const found = readCounters(rows).map(({ side, name, now, before }) => [side, name, Math.round(now / 10) * 10, before]);
      expect(found).toEqual([
        ['callee', 'http_jwt_authn_denied', 300, 0],
        ['callee', 'http_local_rate_limit_rate_limited', 300, 0],
        ['callee', 'http_rbac_denied', 300, 0],
        ['callee', 'listener_ssl_connection_error', 300, 0],
        ['caller', 'http_rq_direct_response', 300, 0],
        ['caller', 'ssl_fail_verify_san', 300, 0],
      ]);
    },
  );
});

describe('the question for the counters', () => {
  const [query, ...more] = planCounters(istio, edgeNamed(), [], young);
  const parts = (query?.promql ?? '').split(' or ');
  const partOf = (tag: string): string => parts.filter((part) => part.includes(`"${tag}"`)).join(' or ');

  it('is one, whatever their number', () => {
    expect(more).toEqual([]);
    expect(parts.length).toBeGreaterThan(80);
    expect(new Set(parts).size).toBe(parts.length);
  });

  it.each([
    ['caller/ssl_fail_verify_san/now', 'envoy_cluster_ssl_fail_verify_san{cluster_name=~', 'pod=~"(checkout-('],
    ['callee/http_downstream_rq_max_duration_reached/now', 'envoy_http_downstream_rq_max_duration_reached{', '!~"outbound.*'],
    ['callee/http_downstream_rq_timeout/now', 'envoy_http_downstream_rq_timeout{', 'pod=~"payments-v1-('],
    ['callee/listener_no_filter_chain_match/now', 'envoy_listener_no_filter_chain_match{', 'pod=~"payments-v1-('],
    ['callee/upstream_rq_pending_overflow/now', 'envoy_cluster_upstream_rq_pending_overflow{', 'cluster_name=~"inbound\\\\|.*"'],
  ])('asks for %s by the pods of its own end', (tag, metric, matcher) => {
    expect(partOf(tag)).toContain(metric);
    expect(partOf(tag)).toContain(matcher);
  });

  it.each([
    ['an hour ago', young, '[300s] offset 3600s'],
    ['before an incident that is older than that', old, '[300s] offset 7200s'],
  ])('compares with %s', (_when, when, range) => {
    const ranges = [...(planCounters(istio, edgeNamed(), [], when)[0]?.promql ?? '').matchAll(/\[300s\]( offset \w+)?/g)];
    expect(new Set(ranges.map(([text]) => text))).toEqual(new Set(['[300s]', range]));
  });

  it('asks an entrance what it refuses by itself, and no other caller', () => {
    const [entrance] = planCounters(istio, edgeNamed('istio-ingressgateway', 'storefront'), [], young);
    const own = /"caller\/(http_(?:rbac|jwt|ext_authz|local_rate)\w+|cluster_ratelimit\w+)\/now"/g;
    const namesIn = (text = ''): readonly string[] => [...text.matchAll(own)].map(([, name = '']) => name);
    expect(namesIn(query?.promql)).toEqual([]);
    expect(namesIn(entrance?.promql)).toEqual([
      'http_rbac_denied',
      'http_jwt_authn_denied',
      'http_ext_authz_denied',
      'http_ext_authz_error',
      'http_local_rate_limit_rate_limited',
      'cluster_ratelimit_over_limit',
      'cluster_ratelimit_error',
    ]);
  });

  it('quotes what is no word in a name', () => {
    const [odd] = planCounters(istio, edgeNamed('a"}) or up', 'b.c'), [], young);
    expect(odd?.promql).toContain('(a\\"\\\\}\\\\) or up-(');
    expect(odd?.promql).toContain('b\\\\.c');
  });

  it('asks for nothing that the manifest does not show, but for what Istio shows anyway', () => {
    const manifest = readFileSync('manifests/istio/proxy-stats-matcher.yaml', 'utf8');
    const suffixes = [...manifest.matchAll(/^ {10}- (\S+)$/gm)].map(([, suffix]) => (suffix ?? '').replaceAll('.', '_'));
    const asked = [...new Set([...(query?.promql ?? '').matchAll(/increase\((envoy_\w+)\{/g)].map(([, name]) => name ?? ''))];
    expect(asked.filter((name) => !/rbac/.test(name) && !suffixes.some((suffix) => name.endsWith(`_${suffix}`)))).toEqual([]);
  });

  it('is pinned to its cluster to the last selector, however long it is', () => {
    const [planned] = planCounters(istio, edge, [], young);
    const text = pinned(planned?.promql ?? '', [{ label: 'cluster', op: '=', value: 'east' }]);
    const selectors = selectorsOf(parsePromql(text, Number.POSITIVE_INFINITY));
    expect(selectors.length).toBeGreaterThan(60);
    expect(
      selectors.filter(({ matchers }) => !matchers.some(({ label, value }) => label === 'cluster' && value === 'east')),
    ).toEqual([]);
  });
});

describe('whose counters are asked', () => {
  const asked = (dialect: Parameters<typeof planCounters>[0], of: Edge, workloads: readonly string[] = []): readonly string[] =>
    (planCounters(dialect, of, workloads, young)[0]?.promql ?? '').split(' or label_replace').filter((part) => part !== '');
  const tagged = (parts: readonly string[], tag: string): string => parts.find((part) => part.includes(`"${tag}"`)) ?? 'nothing';

  it("of a callee known by its service: its workloads' as they were measured, not those that are called like it", () => {
    const part = tagged(asked(istio, edge, ['billing', 'payments-v2']), 'callee/http_rbac_denied/now');
    expect(part).toContain('pod=~"(billing|payments-v2)-(');
    expect(part).not.toContain('payments(');
  });

  it('the measured ones are those of every edge into it', () => {
    const reading = readingWith(edge, { caller: { now: [[90, '200', '-', null, 'v1', 'billing']] }, callee: { now: [[9]] } });
    const other = readingWith(
      { ...edge, source: { ...edge.source, workload: 'refunds' } },
      {
        callee: { now: [[9, '200', '-', null, 'v2', 'billing-v2']] },
      },
    );
    const stranger = readingWith(edgeNamed('checkout', 'fraud'), { caller: { now: [[9]] } });
    expect(workloadsBehind(edge, [reading, other, stranger])).toEqual(['billing', 'billing-v2']);
  });

  it.each([
    ['a host outside of the cluster', { namespace: 'shop', workload: null, service: 'api.bank.example' }],
    ['a service of no known namespace', { namespace: null, workload: null, service: 'payments' }],
  ])('nothing at the callee of %s', (_, destination) => {
    expect(asked(istio, { ...edge, destination }).filter((part) => part.includes('"callee/'))).toEqual([]);
  });

  it("in an ambient mesh: the waypoint's, by the cluster of the service and in its namespace", () => {
    const parts = asked(ambient, edge);
    expect(parts.length).toBeLessThan(asked(istio, edge).length * 0.75);
    expect(parts.filter((part) => part.includes('"callee/') || /ssl|listener/.test(part))).toEqual([]);
    expect(tagged(parts, 'caller/upstream_rq_timeout/now')).toContain(
      String.raw`envoy_cluster_upstream_rq_timeout{cluster_name=~"inbound-vip\\|[0-9]*\\|[^|]*\\|payments(\\.shop\\..*)?"}`,
    );
    expect(tagged(parts, 'caller/http_jwt_authn_denied/now')).toContain(
      'envoy_http_jwt_authn_denied{namespace="shop",pod=~"(.+-)?waypoint(-.+)?-(',
    );
  });

  it("of Linkerd: its own denials, and nothing of Envoy's", () => {
    const parts = asked(linkerd, edge, ['payments']);
    expect(parts.length).toBe(2);
    expect(parts.join()).not.toContain('envoy_');
    expect(tagged(parts, 'callee/inbound_http_authz_deny_total/now')).toContain(
      'increase(inbound_http_authz_deny_total{namespace="shop",pod=~"payments-(',
    );
  });
});
