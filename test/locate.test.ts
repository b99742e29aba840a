import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { renamed } from '../src/dialects/index.ts';
import { istio } from '../src/dialects/istio.ts';
import { labelsOf } from '../src/domain/alert.ts';
import { edgeOf, edgeTitle } from '../src/domain/edge.ts';
import { locate } from '../src/locate.ts';
import type { MetricsSource, RulesSource } from '../src/ports.ts';
import { alertWith, nowMs } from './support/report.ts';

type OverflowRules = {
  readonly groups: readonly { readonly rules: readonly { readonly record?: string; readonly expr: string }[] }[];
};

const counting = () => {
  const asked: string[] = [];
  const metrics: MetricsSource = {
    name: 'Prometheus',
    instant: async (promql) => {
      asked.push(promql);
      return { value: [], warnings: [], samplesRead: 0 };
    },
    range: async (promql) => {
      asked.push(promql);
      return { value: [], warnings: [], samplesRead: 0 };
    },
  };
  return { asked, cluster: { name: 'prod', dialect: istio, metrics, rules: null, deadlineMs: 1000 } };
};

const never = (): never => {
  throw new Error('no edge');
};

const of = (labels: Readonly<Record<string, string>>, expression: string) => ({
  ...alertWith(labels),
  generatorUrl: expression === '' ? '' : `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(expression)}`,
});

/** Alerts that have nothing to do with a mesh, as common rule packs write them. */
const others = [
  [
    'a full disk',
    of({ instance: '10.0.0.7:9100', mountpoint: '/' }, 'node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.05'),
  ],
  [
    'a crash loop',
    of({ namespace: 'shop', pod: 'payments-7d4f9-x2x' }, 'increase(kube_pod_container_status_restarts_total[10m]) > 3'),
  ],
  [
    'a deployment without replicas',
    of({ namespace: 'shop', deployment: 'payments' }, 'kube_deployment_status_replicas_available == 0'),
  ],
  ['a target that is down', of({ job: 'node', instance: '10.0.0.7:9100' }, 'up == 0')],
  ['a probe that fails', of({ instance: 'https://shop.example' }, 'probe_success{job="blackbox"} == 0')],
  ['a database', of({ datname: 'orders' }, 'rate(pg_stat_database_xact_rollback[5m]) > 10')],
  ['an alert that says nothing at all', of({}, '')],
  ['a tunnel', of({ destination: '10.0.0.0/8', reporter: 'vpn-1' }, '')],
  ['a flow of packets', of({ dst_ip: '10.0.0.7', dst_port: '443', src_ip: '10.0.0.8' }, '')],
  ['the budget of the Kubernetes API', of({ long: '1h', short: '5m' }, 'sum(apiserver_request:burnrate1h) > (14.40 * 0.01000)')],
  [
    'an SLO of something else',
    of({ sloth_id: 'web-latency', sloth_service: 'web' }, 'max(slo:sli_error:ratio_rate5m{sloth_id="web-latency"} > 0.01)'),
  ],
  [
    'a Grafana rule of a service',
    { ...of({ service: 'payments', grafana_folder: 'shop' }, ''), generatorUrl: 'https://g.example/alerting/grafana/a1/view' },
  ],
  [
    'logs',
    {
      ...of({ app: 'payments' }, ''),
      generatorUrl: `https://g/explore?left=${encodeURIComponent('{"queries":[{"expr":"sum(rate({app=\\"x\\"} |= \\"error\\" [5m]))"}]}')}`,
    },
  ],
  ['a cluster by the name that Istio uses for its own', of({ cluster_name: 'prod-eu-1', job: 'node' }, 'up == 0')],
] as const;

describe('alerts without a word of a mesh', () => {
  it.each(others)('%s gets the plain card and costs no PromQL', async (_name, alert) => {
    const { asked, cluster } = counting();
    const { subject, located } = await locate(cluster, alert, nowMs);
    expect(subject.kind).toBe('plain');
    expect(located.way).toBe('none');
    expect(asked).toEqual([]);
  });
});

describe('an installation with names of its own', () => {
  const own = renamed(istio, {
    metrics: { istio_requests_total: 'workload:istio_requests_total' },
    labels: { source_workload: 'src', destination_service_name: 'dst_svc', reporter: 'told_by' },
  });
  const row = { src: 'checkout', source_workload_namespace: 'shop', dst_svc: 'payments', destination_service_namespace: 'shop' };

  it('reads them on the alert', async () => {
    const { asked, cluster } = counting();
    const found = await locate(
      { ...cluster, dialect: own },
      of(
        row,
        'sum by (src, source_workload_namespace, dst_svc, destination_service_namespace) (rate(workload:istio_requests_total[5m])) > 5',
      ),
      nowMs,
    );
    expect([found.subject.kind, found.located.way, asked]).toEqual(['edge', 'labels', []]);
    expect(edgeTitle(edgeOf(found.subject) ?? never())).toBe('checkout → payments');
  });

  it('asks in them and reads the answer', async () => {
    const { cluster } = counting();
    const asked: string[] = [];
    const metrics: MetricsSource = {
      ...cluster.metrics,
      range: async (promql) => {
        asked.push(promql);
        return { value: [{ labels: labelsOf(Object.entries(row)), points: [[nowMs, 9]] }], warnings: [], samplesRead: 1 };
      },
    };
    const rule = 'sum(rate(workload:istio_requests_total{told_by="source", response_code="503"}[5m])) > 5';
    const found = await locate({ ...cluster, metrics, dialect: own }, of({}, rule), nowMs);
    expect(edgeTitle(edgeOf(found.subject) ?? never())).toBe('checkout → payments');
    expect(asked).toEqual([
      '(sum by (told_by, src, source_workload_namespace, dst_svc, destination_service_namespace) (rate(workload:istio_requests_total{told_by=~"source|destination|waypoint", response_code="503"}[5m])))  ',
    ]);
  });
});

describe('the shipped early warning of a full connection pool', () => {
  it('is about the edge that its labels name, though its series are one proxy’s own', async () => {
    const { asked, cluster } = counting();
    const [group] = (parse(readFileSync('manifests/prometheus/overflow-rules.yaml', 'utf8')) as OverflowRules).groups;
    const [recorded, alerting] = group?.rules ?? [];
    const rules: RulesSource = {
      name: 'Alert rules',
      alerting: async () => [],
      recording: async () => [{ name: recorded?.record ?? '', expression: recorded?.expr ?? '', labels: labelsOf([]) }],
    };
    const labels = {
      alertname: 'MeshOverflowRising',
      source_workload: 'checkout',
      source_workload_namespace: 'shop',
      destination_service_name: 'payments',
      destination_service_namespace: 'shop',
    };
    const { subject } = await locate({ ...cluster, rules }, of(labels, alerting?.expr ?? ''), nowMs);
    expect(edgeTitle(edgeOf(subject) ?? never())).toBe('checkout → payments');
    expect(asked.length).toBeLessThanOrEqual(4);
  });
});
